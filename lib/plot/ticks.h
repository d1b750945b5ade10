/* SPDX-License-Identifier: MIT */
/* Marks on an axis: round numbers, or midnights and firsts of months in a zone. */
#ifndef EG_PLOT_TICKS_H
#define EG_PLOT_TICKS_H

#include <stddef.h>
#include <stdint.h>

struct eg_zone;

#define EG_TICKS_MAX 128

struct eg_tick {
	double at;       /* where on the axis */
	char label[24];
	char second[24]; /* a second row: the date below times, the year below dates; "" mostly */
};

/* The marks of an axis from `from` to `to`, in rising order. */
struct eg_axis {
	double from, to;
	struct eg_tick tick[EG_TICKS_MAX];
	size_t ticks;
};

/* A span of time and the steps between its marks. */
struct eg_time_axis {
	const struct eg_zone *zone;
	int64_t from, to;  /* instants, in nanoseconds since the epoch */
	int64_t least_s;   /* no smaller step than this; 86400: no times of day */
	size_t most;       /* as many marks at most, 2 to EG_TICKS_MAX */
};

/* Sets the marks of *a (not its from and to) at the zone's round times, days, Mondays, firsts
 * of months or of years. Their place is the instant in seconds since t->from. Where the clocks
 * skip a time, the mark stands at the first instant after it. */
void eg_ticks_time(struct eg_axis *a, const struct eg_time_axis *t);

/* Sets *a to hold low..high, with marks at multiples of 1, 2 or 5 times a power of ten, `most`
 * steps at most (1 or more). zero: it holds 0 too. from and to are marks. */
void eg_ticks_number(struct eg_axis *a, double low, double high, size_t most, int zero);

/* "Jan" to "Dec" of 1 to 12; "Mon" to "Sun" of 0 to 6. */
const char *eg_month_name(int month);
const char *eg_weekday_name(int weekday);

#endif
