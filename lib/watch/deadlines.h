/* SPDX-License-Identifier: MIT */
/* A priority queue of deadlines: the earliest first; equal times are ordered by number. */
#ifndef EG_DEADLINES_H
#define EG_DEADLINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct eg_deadline {
	int64_t at;
	uint32_t number;
};

/* Initialise with zeros (empty). heap[0] is the earliest of n deadlines. */
struct eg_deadlines {
	struct eg_deadline *heap;
	size_t n, room;
};

/* False: out of memory. */
bool eg_deadlines_push(struct eg_deadlines *d, int64_t at, uint32_t number);

/* Removes and returns the earliest deadline. n must be at least 1. */
struct eg_deadline eg_deadlines_pop(struct eg_deadlines *d);

void eg_deadlines_close(struct eg_deadlines *d);

#endif
