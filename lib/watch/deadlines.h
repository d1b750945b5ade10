/* SPDX-License-Identifier: MIT */
/* Deadlines in a heap, the earliest first; equal ones by their number. */
#ifndef EG_DEADLINES_H
#define EG_DEADLINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct eg_deadline {
	int64_t at;
	uint32_t number;
};

/* Zeroed it is empty. heap[0] is the earliest of n. */
struct eg_deadlines {
	struct eg_deadline *heap;
	size_t n, room;
};

/* False: out of memory. */
bool eg_deadlines_push(struct eg_deadlines *d, int64_t at, uint32_t number);

/* Takes the earliest off; n must not be 0. */
struct eg_deadline eg_deadlines_pop(struct eg_deadlines *d);

void eg_deadlines_close(struct eg_deadlines *d);

#endif
