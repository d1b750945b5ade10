/* SPDX-License-Identifier: MIT */
/* Converts local times to UTC. The order of rows resolves times in the hour that is repeated
 * when summer time ends. */
#ifndef EG_IMPORT_LOCAL_H
#define EG_IMPORT_LOCAL_H

#include <stdbool.h>
#include <stdint.h>

struct eg_zone;

/* The state of a sensor's rows within a repeated hour. All zero: no row yet. */
struct eg_local_order {
	int64_t last;   /* local time of the previous row, in seconds */
	int pass;       /* pass of the previous row: 1 or 2; 0: outside a repeated hour */
	bool any;       /* there was a previous row */
	bool backwards; /* the newest row comes first */
	bool pairs;     /* rows are sorted by local time: 02:00 02:00 02:15 02:15 */
};

/* Converts local, seconds of local time in zone z, to *utc, seconds since 1970 UTC. day_start:
 * the first instant of the day, also on a day without a midnight.
 *
 * The first row of a repeated time is summer time. In rows whose times rise, the second pass
 * begins when a time falls. In rows sorted by local time, the second of two equal times
 * belongs to the second pass. For rows with the newest first the rule applies in reverse.
 * Returns NULL, or the reason why the time is refused (static storage). */
const char *eg_local_instant(struct eg_local_order *o, const struct eg_zone *z, int64_t local,
    bool day_start, int64_t *utc);

#endif
