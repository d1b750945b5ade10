/* SPDX-License-Identifier: MIT */
/* The options of a picture. */
#ifndef EG_PLOT_OPTIONS_H
#define EG_PLOT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum eg_plot_kind {
	EG_PLOT_LINES,    /* values over time */
	EG_PLOT_BARS,     /* one bar for each slot of the calendar */
	EG_PLOT_CALENDAR, /* one row per month, one column per day of the month */
	EG_PLOT_HEAT,     /* hours by days */
	EG_PLOT_DAY,      /* a mean day */
	EG_PLOT_WEEK,     /* a mean week */
	EG_PLOT_DURATION, /* for how many hours a value is reached or exceeded */
};
#define EG_PLOT_KINDS "lines bars calendar heat day week duration"

/* How several readings in one slot are combined. */
enum eg_plot_fold {
	EG_PLOT_AUTO, /* by unit: sum for amounts, mean for others */
	EG_PLOT_SUM,
	EG_PLOT_MEAN,
	EG_PLOT_LEAST,
	EG_PLOT_MOST,
};
#define EG_PLOT_FOLDS "auto sum mean min max"

struct eg_plot_options {
	enum eg_plot_kind kind;
	enum eg_plot_fold fold;
	const char *every;         /* length of slots as in eg_slots_options; NULL: by the span
				    * of time */
	const char *zone;
	const char *unit;          /* NULL: from the file of meters, the sensors' names, or W */
	const char *meters;        /* file of meters; NULL: none */
	const char *title;         /* NULL: none */
	const char *output;        /* ends in .png, .svg or .gp; NULL: text on standard output */
	const char **sensor;       /* only these sensors: names or patterns of fnmatch(3) */
	size_t sensors;
	int64_t gap_ns;            /* a line breaks if two readings are further apart */
	bool last_year;            /* bars: draw the last year, with the year before behind it */
	int width, height;         /* in pixels or characters; height 0: as many rows as needed */
};

#endif
