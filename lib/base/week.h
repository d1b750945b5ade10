/* SPDX-License-Identifier: MIT */
/* Hours of the week, in words: `mon-fri 8-20`. */
#ifndef EG_WEEK_H
#define EG_WEEK_H

#include <stdbool.h>
#include <stdint.h>

#define EG_WEEK_DAY 1440                 /* minutes in a day */
#define EG_WEEK_MINUTES (7 * EG_WEEK_DAY) /* in a week, from Monday 00:00 */

/* A set of minutes of the local week. Zeroed it is empty. */
struct eg_week {
	uint8_t bits[EG_WEEK_MINUTES / 8];
};

/* Reads `8` or `8:30`, up to 24:00, in minutes since midnight; moves *at behind it. False: it is
 * no time. */
bool eg_week_time(const char **at, int *minutes);

/* Reads days: `mon`, `mon-fri`, `sat,sun`, `fri-mon` or `*`, into bits (Monday is bit 0).
 * False: the word is none. */
bool eg_week_days(const char *word, unsigned *days);

/* Adds hours of these days: `8-20`, `7-8:30,19-24`; `22-6` is 0-6 and 22-24 of the same days.
 * False: the word is none. */
bool eg_week_add(struct eg_week *w, unsigned days, const char *word);

/* Whether the minute, 0 to EG_WEEK_MINUTES - 1, is in the set. */
static inline bool
eg_week_has(const struct eg_week *w, int minute)
{
	return (w->bits[minute / 8] >> minute % 8 & 1) != 0;
}

/* How many minutes after this one the set has a minute: 0: this one; -1: it is empty. */
int eg_week_wait(const struct eg_week *w, int minute);

#endif
