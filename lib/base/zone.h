/* SPDX-License-Identifier: MIT */
/* A time zone of the tz database. Converts between local times and instants. */
#ifndef EG_ZONE_H
#define EG_ZONE_H

#include <stdint.h>

#include "base/calendar.h"

struct eg_error;
struct eg_zone;

/* Reads the zone, such as "Europe/Rome", through libc. Sets TZ during the call and restores it,
 * so no other thread may use local time meanwhile. Takes some milliseconds. NULL with EG_CONFIG
 * if the zone does not exist. */
struct eg_zone *eg_zone_open(const char *name, struct eg_error *e);
void eg_zone_free(struct eg_zone *z);

/* Finds the instants at which the local time was `local` (seconds since 1970, counted as if
 * local time were UTC). Returns their number, the earliest first in utc: 0 if the clocks skipped
 * this time, 2 if they showed it twice, otherwise 1. */
int eg_zone_instants(const struct eg_zone *z, int64_t local, int64_t utc[2]);

/* The local time minus UTC, in seconds, at the instant utc. */
int eg_zone_offset(const struct eg_zone *z, int64_t utc);

/* The first instant at which the local time is `local` or later (`local` as in
 * eg_zone_instants). For a midnight this is the start of the date, also if the clocks skip
 * midnight or show it twice. If they skip the whole date, it is the start of the next one. */
int64_t eg_zone_begin(const struct eg_zone *z, int64_t local);

/* The local date and time at an instant. */
struct eg_local {
	int64_t day;         /* the date, as days since 1970-01-01 */
	struct eg_date date; /* the same date as year, month and day */
	int weekday;         /* 0 is Monday, 6 is Sunday */
	int second;          /* seconds since midnight as the clock shows them, 0 to 86399 */
};

struct eg_local eg_zone_local(const struct eg_zone *z, int64_t utc);

/* The smallest and the largest offset from UTC within half a year of `local`, in seconds:
 * winter's and summer's. */
void eg_zone_seasons(const struct eg_zone *z, int64_t local, int *winter, int *summer);

#endif
