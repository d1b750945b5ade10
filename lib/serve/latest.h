/* SPDX-License-Identifier: MIT */
/* The newest reading and the last hour of each of the sensors that were heard of last. */
#ifndef EG_LATEST_H
#define EG_LATEST_H

#include <stddef.h>
#include <stdint.h>

#include "record/record.h"
#include "serve/trace.h"

struct eg_error;
struct eg_latest;

#define EG_LATEST_SENSORS 256

/* Room for EG_LATEST_SENSORS sensors, and no more. NULL without memory. */
struct eg_latest *eg_latest_new(struct eg_error *e);
void eg_latest_free(struct eg_latest *q);

/* Notes a reading in the sensor's trace and, unless a later one is there, as its newest.
 * Where there is no room the sensor that was silent longest is forgotten. Copies. */
void eg_latest_note(struct eg_latest *q, const struct eg_record *r);

/* The newest reading of a sensor and its last hour; both are valid within the call only. */
typedef void eg_latest_visit(void *ctx, const struct eg_record *r, const struct eg_trace *t);

/* Calls visit for each sensor whose newest reading was noted after the stamp since (0: all),
 * the one heard of last first. Returns the stamp of now. */
uint64_t eg_latest_each(const struct eg_latest *q, uint64_t since, eg_latest_visit *visit,
    void *ctx);

#endif
