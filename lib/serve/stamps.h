/* SPDX-License-Identifier: MIT */
/* Timestamps for readings without one: no two readings of a sensor get the same. */
#ifndef EG_STAMPS_H
#define EG_STAMPS_H

#include <stddef.h>
#include <stdint.h>

struct eg_error;
struct eg_stamps;

/* Memory of a fixed size (512 KiB, touched as it is used), whatever the number of
 * sensors. NULL without memory. */
struct eg_stamps *eg_stamps_new(struct eg_error *e);
void eg_stamps_free(struct eg_stamps *t);

/* The time of a reading of this sensor that is taken in at now, in nanoseconds since
 * 1970-01-01T00:00:00Z: now, or where an earlier reading of the sensor has got now or
 * later, a microsecond after the latest. Times more than a minute ahead of now are
 * forgotten, since a clock that was set back left them there: keys can repeat then. */
int64_t eg_stamps_next(struct eg_stamps *t, const char *sensor, size_t len, int64_t now);

#endif
