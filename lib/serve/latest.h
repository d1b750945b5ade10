/* SPDX-License-Identifier: MIT */
/* The newest reading and the last hour of readings, for the most recently active sensors. */
#ifndef EG_LATEST_H
#define EG_LATEST_H

#include <stddef.h>
#include <stdint.h>

#include "record/record.h"
#include "serve/today.h"
#include "serve/trace.h"

struct eg_error;
struct eg_latest;
struct eg_meters;

#define EG_LATEST_SENSORS 256

/* Holds at most EG_LATEST_SENSORS sensors. meters, and days (slots of a day), must live as long; if
 * meters is NULL, no sensor has energy. NULL if memory runs out. */
struct eg_latest *eg_latest_new(struct eg_meters *meters, struct eg_slots *days,
    struct eg_error *e);
void eg_latest_free(struct eg_latest *q);

/* Adds a reading to the sensor's trace and energy. It becomes the sensor's newest reading, unless
 * there is one with a later time. If all entries are taken, a new sensor replaces the least
 * recently active one. Copies the record. */
void eg_latest_note(struct eg_latest *q, const struct eg_record *r);

/* Receives a sensor's newest reading, its last hour and its energy, valid during the call only. */
typedef void eg_latest_visit(void *ctx, const struct eg_record *r, const struct eg_trace *t,
    const struct eg_today *today);

/* Calls visit for each sensor whose newest reading was added after the stamp since (0: all),
 * the most recently active sensor first. Returns the current stamp, for the next call. */
uint64_t eg_latest_each(const struct eg_latest *q, uint64_t since, eg_latest_visit *visit,
    void *ctx);

#endif
