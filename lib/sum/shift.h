/* SPDX-License-Identifier: MIT */
/* Moves instants by days, weeks, months or years of the calendar. */
#ifndef EG_SHIFT_H
#define EG_SHIFT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slots.h"

/* A distance: days and months of the calendar, or nanoseconds. */
struct eg_shift {
	int days, months;
	int64_t ns;
};

/* Parses `1d`, `1w`, `1mo`, `1y` or a number of them, or a duration such as `1h`. False: it is
 * none, is 0, or is more than a hundred years. */
bool eg_shift_parse(const char *text, struct eg_shift *s);

/* Moves an instant. The beginning of a day of `days` moves to the beginning of the other day, any
 * other instant to the same clock time. False: that day does not exist (30 February), or that time
 * does not; or the clock shows the time twice on the instant's day only, and this is the second. */
bool eg_shift_apply(const struct eg_shift *s, struct eg_slots *days, int64_t *ns);

#endif
