/* SPDX-License-Identifier: MIT */
/* A time zone of the tz database, for times that come without an offset. */
#ifndef EG_ZONE_H
#define EG_ZONE_H

#include <stdint.h>

struct eg_error;
struct eg_zone;

/* Reads the zone, as "Europe/Rome", through libc, whose TZ is set meanwhile and left as
 * it was: not while another thread looks at the clock. Takes some milliseconds. NULL
 * with EG_CONFIG when there is no such zone. */
struct eg_zone *eg_zone_open(const char *name, struct eg_error *e);
void eg_zone_free(struct eg_zone *z);

/* The instants at which the zone's clocks showed local (seconds since 1970 as if the
 * clock were UTC's), the earlier one first: 0 of them where the clocks were put
 * forward, 2 where they were put back. */
int eg_zone_instants(const struct eg_zone *z, int64_t local, int64_t utc[2]);

/* The smallest and the largest offset, in seconds, within half a year of local:
 * winter's and summer's. */
void eg_zone_seasons(const struct eg_zone *z, int64_t local, int *winter, int *summer);

#endif
