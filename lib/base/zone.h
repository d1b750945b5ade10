/* SPDX-License-Identifier: MIT */
/* A time zone of the tz database: converts between local times and instants. */
#ifndef EG_ZONE_H
#define EG_ZONE_H

#include <stdint.h>

#include "base/calendar.h"

struct eg_error;
struct eg_zone;

/* Reads the zone, such as "Europe/Rome", through libc. Sets TZ meanwhile and restores it, so no
 * other thread may use local time during the call. Takes some milliseconds. NULL with EG_CONFIG
 * when there is no such zone. */
struct eg_zone *eg_zone_open(const char *name, struct eg_error *e);
void eg_zone_free(struct eg_zone *z);

/* The instants at which the zone's clocks showed local (seconds since 1970 as if the clock were
 * UTC's), the earlier one first: Returns how many: 0 if the clocks skipped this time, 2 if they
 * showed it twice, else 1. */
int eg_zone_instants(const struct eg_zone *z, int64_t local, int64_t utc[2]);

/* How many seconds the zone's clocks are ahead of UTC at the instant utc. */
int eg_zone_offset(const struct eg_zone *z, int64_t utc);

/* The first instant at which the zone's clocks show local or later (seconds since 1970 as if
 * the clock were UTC's). For a midnight that is where its date begins: also where the clocks
 * leave midnight out, show it twice, or leave out the whole date, which then is empty. */
int64_t eg_zone_begin(const struct eg_zone *z, int64_t local);

/* What the zone's clocks and calendars show at an instant. */
struct eg_local {
	int64_t day;         /* the date, as days since 1970-01-01 */
	struct eg_date date; /* the same */
	int weekday;         /* 0 is Monday, 6 is Sunday */
	int second;          /* of the clock since it showed midnight, 0 to 86399 */
};

struct eg_local eg_zone_local(const struct eg_zone *z, int64_t utc);

/* The smallest and the largest offset, in seconds, within half a year of local:
 * winter's and summer's. */
void eg_zone_seasons(const struct eg_zone *z, int64_t local, int *winter, int *summer);

#endif
