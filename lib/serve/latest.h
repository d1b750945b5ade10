/* SPDX-License-Identifier: MIT */
/* The newest reading of each sensor, of the sensors that were heard of last. */
#ifndef EG_LATEST_H
#define EG_LATEST_H

#include <stddef.h>
#include <stdint.h>

#include "record/record.h"

struct eg_error;
struct eg_latest;

#define EG_LATEST_SENSORS 256

/* Room for EG_LATEST_SENSORS sensors, and no more. NULL without memory. */
struct eg_latest *eg_latest_new(struct eg_error *e);
void eg_latest_free(struct eg_latest *q);

/* Notes a reading, unless a later one of its sensor is there. Where there is no room
 * the sensor that was silent longest is forgotten. Copies. */
void eg_latest_note(struct eg_latest *q, const struct eg_record *r);

/* Calls each for what was noted after the stamp since (0: everything), the sensor heard
 * of last first; returns the stamp of now. line is good within the call. */
uint64_t eg_latest_each(const struct eg_latest *q, uint64_t since,
    void (*each)(void *ctx, const struct eg_record *r), void *ctx);

#endif
