/* SPDX-License-Identifier: MIT */
/* Readings that were there before: a later one with the same key replaces the earlier. */
#ifndef EG_PLOT_SEEN_H
#define EG_PLOT_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* So many readings are kept, in 48 MB. After them none is known any more: a look for each of many
 * millions would take longer than all else. */
#define EG_SEEN_MAX (1536 * 1024)

/* Zeroed: empty. */
struct eg_seen {
	struct eg_seen_reading *at; /* hash table */
	size_t used, room;          /* room: a power of two */
};

/* Whether the sensor of that number has a reading at ns already: *value and its value change
 * places. Else the reading is kept, if there is room and memory for it. */
bool eg_seen_swap(struct eg_seen *s, uint32_t sensor, int64_t ns, double *value);

void eg_seen_free(struct eg_seen *s);

#endif
