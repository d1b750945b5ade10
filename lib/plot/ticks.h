/* SPDX-License-Identifier: MIT */
/* Marks on an axis: round numbers; or midnights and first days of months in a zone. */
#ifndef EG_PLOT_TICKS_H
#define EG_PLOT_TICKS_H

#include <stddef.h>
#include <stdint.h>

struct eg_zone;

#define EG_TICKS_MAX 128

struct eg_tick {
	double at;       /* position on the axis */
	char label[24];
	char second[24]; /* second line of the label: the date for times, the year for dates;
			  * mostly "" */
};

/* An axis from `from` to `to` with its marks in increasing order. */
struct eg_axis {
	double from, to;
	struct eg_tick tick[EG_TICKS_MAX];
	size_t ticks;
};

/* A span of time, and limits for its marks. */
struct eg_time_axis {
	const struct eg_zone *zone;
	int64_t from, to;  /* instants, in nanoseconds since 1970 */
	int64_t least_s;   /* smallest step in seconds; 86400: no times of day */
	size_t most;       /* largest number of marks, 2 to EG_TICKS_MAX */
};

/* Sets the marks of *a at round times, days, Mondays, first days of months or of years in the
 * zone. Does not set a->from and a->to. Positions are seconds since t->from. If the clocks skip
 * a time, its mark is at the first instant after it. */
void eg_ticks_time(struct eg_axis *a, const struct eg_time_axis *t);

/* Sets *a to a range that contains low..high. Marks are at multiples of 1, 2 or 5 times a power
 * of ten, with at most `most` steps (1 or more). zero: the range also contains 0. from and to
 * are marks. */
void eg_ticks_number(struct eg_axis *a, double low, double high, size_t most, int zero);

/* "Jan" to "Dec" for 1 to 12, and "Mon" to "Sun" for 0 to 6. */
const char *eg_month_name(int month);
const char *eg_weekday_name(int weekday);

#endif
