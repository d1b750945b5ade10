/* SPDX-License-Identifier: MIT */
/* Slots of the calendar: the quarter-hours, hours, days, weeks, months or years of a zone. */
#ifndef EG_SLOTS_H
#define EG_SLOTS_H

#include <stdint.h>

#include "base/zone.h"

struct eg_error;
struct eg_slots;

/* How time is cut into slots, in the words of the options. NULL or 0: the default. */
struct eg_slots_options {
	const char *every;     /* 1s to 12h that divides 24 h, 1d, 1w (from Monday), 1mo, 1y (1d) */
	const char *zone;      /* of the tz database (UTC) */
	const char *day_start; /* HH:MM at which a day begins (00:00) */
	int month_start;       /* the day, 1 to 28, on which a month begins (1) */
};

/* Rows for a program's table of options. They fill in the struct eg_slots_options m in the
 * settings s; each program has its own row for `every`. */
#define EG_SLOTS_ROWS(s, m) \
	{ 'z', "tz", "ZONE", "the time zone of days: Europe/Rome", EG_TEXT(s, m.zone), .preset = "UTC" }, \
	{ 0, "day-start", "HH:MM", "when a day begins", EG_TEXT(s, m.day_start), .preset = "00:00" }, \
	{ 0, "month-start", "DAY", "the day on which a month begins, 1 to 28", \
		EG_INT(s, m.month_start, 1, 28), .preset = "1" }

/* Instants from..to in nanoseconds since 1970-01-01T00:00:00Z; to is not included. */
struct eg_span {
	int64_t from, to;
};

/* Prepares slots. A day begins at the first instant of its local date (at day_start: the
 * first instant at which the clock has reached it), so it has 23 or 25 hours when the clocks
 * change; slots shorter than a day count from there in elapsed time, and the last one of a
 * day ends with it. Weeks, months and years are whole days. NULL with EG_USAGE for an option
 * that is none, and as eg_zone_open. */
struct eg_slots *eg_slots_open(const struct eg_slots_options *o, struct eg_error *e);
void eg_slots_free(struct eg_slots *s);

/* The slot that holds the instant ns; every instant is in one. The next slot is the one at
 * its `to`, the one before at `from` - 1. Slots at the ends of what 64 bits hold, in 1677 and
 * 2262, are cut there. Fast for an instant in the day of the last call, which *s remembers. */
struct eg_span eg_slots_at(struct eg_slots *s, int64_t ns);

/* The zone of the slots; it lives as long as they do. */
const struct eg_zone *eg_slots_zone(const struct eg_slots *s);

#endif
