/* SPDX-License-Identifier: MIT */
/* Local times as instants: the hour that clocks show twice is decided by the order of rows. */
#ifndef EG_IMPORT_LOCAL_H
#define EG_IMPORT_LOCAL_H

#include <stdbool.h>
#include <stdint.h>

struct eg_zone;

/* Where a sensor's rows are within a repeated hour. Zeroed: none was seen. */
struct eg_local_order {
	int64_t last;   /* local seconds of the row before */
	int pass;       /* 0: outside a repeated hour; 1 or 2: which pass the row before was in */
	bool any;       /* there was a row before */
	bool backwards; /* rows come newest first */
	bool pairs;     /* 02:00 02:00 02:15 02:15: both passes of a time stand together */
};

/* The instant, in seconds since 1970 UTC, that local is in the zone. A date alone begins
 * at the first instant of its day, where clocks leave out midnight, too.
 *
 * Of a time that the clocks show twice, the first row is summer time. In rows that rise,
 * the second pass begins when times fall; in rows sorted by what the clock shows, the
 * second of two equal times is the second pass. Rows that come newest first are read
 * backwards. Returns NULL, or the reason why there is no such instant (static storage). */
const char *eg_local_instant(struct eg_local_order *o, const struct eg_zone *z, int64_t local,
    bool date_only, int64_t *utc);

#endif
