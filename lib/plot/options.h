/* SPDX-License-Identifier: MIT */
/* What a picture shows, and how. */
#ifndef EG_PLOT_OPTIONS_H
#define EG_PLOT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum eg_plot_kind {
	EG_PLOT_LINES,    /* values over time */
	EG_PLOT_BARS,     /* a bar for each slot of the calendar */
	EG_PLOT_CALENDAR, /* a row for each month, a column for each day of the month */
	EG_PLOT_HEAT,     /* hours by days */
	EG_PLOT_DAY,      /* a mean day */
	EG_PLOT_WEEK,     /* a mean week */
	EG_PLOT_DURATION, /* how many hours a value is reached or exceeded */
};
#define EG_PLOT_KINDS "lines bars calendar heat day week duration"

/* What becomes of several readings in one slot. */
enum eg_plot_fold {
	EG_PLOT_AUTO, /* by the unit: amounts add up, others have a mean */
	EG_PLOT_SUM,
	EG_PLOT_MEAN,
	EG_PLOT_LEAST,
	EG_PLOT_MOST,
};
#define EG_PLOT_FOLDS "auto sum mean min max"

struct eg_plot_options {
	enum eg_plot_kind kind;
	enum eg_plot_fold fold;
	const char *every;         /* slots, as of eg_slots_options; NULL: by the span of time */
	const char *zone;
	const char *unit;          /* NULL: by the meters, or the sensors' names, or W */
	const char *meters;        /* file of meters; NULL: none */
	const char *title;         /* NULL: none */
	const char *output;        /* ends in .png, .svg or .gp; NULL: text on standard output */
	const char **sensor;       /* only these: names, or patterns of fnmatch(3) */
	size_t sensors;
	int64_t gap_ns;            /* lines break where readings are further apart */
	bool last_year;            /* bars: those of the year before behind those of the last year */
	int width, height;         /* pixels or characters; height 0: as many rows as needed */
};

#endif
