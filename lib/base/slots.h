/* SPDX-License-Identifier: MIT */
/* Slots of time: quarter-hours, hours, days, weeks, months or years in a time zone. */
#ifndef EG_SLOTS_H
#define EG_SLOTS_H

#include <stdint.h>

#include "base/zone.h"

struct eg_error;
struct eg_slots;

/* The options that define the slots. NULL or 0: the default, in brackets below. */
struct eg_slots_options {
	const char *every;     /* length: 1s to 12h that divides 24 h, 1d, 1w (from Monday), 1mo,
			        * 1y (1d) */
	const char *zone;      /* name in the tz database (UTC) */
	const char *day_start; /* time HH:MM at which a day begins (00:00) */
	int month_start;       /* day, 1 to 28, on which a month begins (1) */
};

/* Rows for a program's table of options. They fill the member m, a struct eg_slots_options, of
 * the settings s. Each program defines its own row for `every`. */
#define EG_SLOTS_ROWS(s, m) \
	{ 'z', "tz", "ZONE", "the time zone of days: Europe/Rome", EG_TEXT(s, m.zone), \
		.preset = "UTC" }, \
	{ 0, "day-start", "HH:MM", "when a day begins", EG_TEXT(s, m.day_start), .preset = "00:00" }, \
	{ 0, "month-start", "DAY", "the day on which a month begins, 1 to 28", \
		EG_INT(s, m.month_start, 1, 28), .preset = "1" }

/* A time span in nanoseconds since 1970-01-01T00:00:00Z, without the instant `to`. */
struct eg_span {
	int64_t from, to;
};

/* Prepares slots. A day begins at the first instant of its local date, or with day_start at the
 * first instant at which the local time has reached it. So a day has 23 or 25 hours when the
 * clocks change. Slots shorter than a day count elapsed time from the start of the day; the last
 * slot ends with the day. Weeks, months and years are whole days. NULL with EG_USAGE for an
 * invalid option, or with an error of eg_zone_open. */
struct eg_slots *eg_slots_open(const struct eg_slots_options *o, struct eg_error *e);
void eg_slots_free(struct eg_slots *s);

/* The slot that holds the instant ns. Each instant is in exactly one slot: the next slot holds
 * `to`, the one before holds `from` - 1. The first and last slots of the 64-bit range, in 1677
 * and 2262, are shortened. Fast for an instant on the same day as in the last call. */
struct eg_span eg_slots_at(struct eg_slots *s, int64_t ns);

/* The zone of the slots; owned by s. */
const struct eg_zone *eg_slots_zone(const struct eg_slots *s);

#endif
