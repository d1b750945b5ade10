/* SPDX-License-Identifier: MIT */
/* Moves instants by days, weeks, months or years of the calendar. */
#ifndef EG_SHIFT_H
#define EG_SHIFT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slots.h"

/* How far: days and months of the calendar, or nanoseconds. */
struct eg_shift {
	int days, months;
	int64_t ns;
};

/* Parses `1d`, `1w`, `1mo`, `1y` or a number of them, or a duration such as `1h`. False: it is
 * none, is 0, or is more than a hundred years. */
bool eg_shift_parse(const char *text, struct eg_shift *s);

/* Moves an instant: the beginning of a day of `days` goes to the beginning of the other day,
 * any other instant to the same time of the clock. False: there is no such day (30 February)
 * or time, or the clock shows it twice and the instant is the second of a clock that does
 * not. */
bool eg_shift_apply(const struct eg_shift *s, struct eg_slots *days, int64_t *ns);

#endif
