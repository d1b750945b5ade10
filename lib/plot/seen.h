/* SPDX-License-Identifier: MIT */
/* Remembers readings, since a later one with the same key replaces an earlier one. */
#ifndef EG_PLOT_SEEN_H
#define EG_PLOT_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Largest number of readings, which take 48 MB. Beyond that none is remembered: a search for
 * each of many millions would take longer than everything else. */
#define EG_SEEN_MAX (1536 * 1024)

/* All zero: empty. */
struct eg_seen {
	struct eg_seen_reading *at; /* a hash table */
	size_t used, room;          /* room: size of the table, a power of two */
};

/* Whether the sensor with this number already has a reading at ns. If so, *value is exchanged
 * with its value. Otherwise the reading is stored, if there is room and memory. */
bool eg_seen_swap(struct eg_seen *s, uint32_t sensor, int64_t ns, double *value);

/* Takes one reading after the other, in no order: *at is 0 at first. False: there are no more. */
bool eg_seen_next(const struct eg_seen *s, size_t *at, uint32_t *sensor, int64_t *ns,
    double *value);

void eg_seen_free(struct eg_seen *s);

#endif
