/* SPDX-License-Identifier: MIT */
/* Hours of the week as text: `mon-fri 8-20`. */
#ifndef EG_WEEK_H
#define EG_WEEK_H

#include <stdbool.h>
#include <stdint.h>

#define EG_WEEK_DAY 1440                 /* minutes in a day */
#define EG_WEEK_MINUTES (7 * EG_WEEK_DAY) /* minutes in a week, which begins on Monday at 00:00 */

/* A set of minutes of the local week. All zero: empty. */
struct eg_week {
	uint8_t bits[EG_WEEK_MINUTES / 8];
};

/* Reads a time, `8` or `8:30`, up to 24:00, as minutes since midnight, and moves *at past it.
 * Returns false if there is no time. */
bool eg_week_time(const char **at, int *minutes);

/* Reads days, `mon`, `mon-fri`, `sat,sun`, `fri-mon` or `*`, as bits (Monday is bit 0). Returns
 * false if the word is not a list of days. */
bool eg_week_days(const char *word, unsigned *days);

/* Adds hours to these days: `8-20`, `7-8:30,19-24`. `22-6` means 0-6 and 22-24 of the same days.
 * Returns false if the word is not a list of hours. */
bool eg_week_add(struct eg_week *w, unsigned days, const char *word);

/* Whether the minute, 0 to EG_WEEK_MINUTES - 1, is in the set. */
static inline bool
eg_week_has(const struct eg_week *w, int minute)
{
	return (w->bits[minute / 8] >> minute % 8 & 1) != 0;
}

/* The number of minutes from this minute to the next one in the set; 0: this minute is in it;
 * -1: the set is empty. */
int eg_week_wait(const struct eg_week *w, int minute);

#endif
