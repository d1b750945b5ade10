/* SPDX-License-Identifier: MIT */
/* What is usual for a sensor: the mean of each hour of the week, and how far hours deviate. */
#ifndef EG_UNUSUAL_H
#define EG_UNUSUAL_H

#include <stdbool.h>
#include <stdint.h>

enum { EG_UNUSUAL_SLOTS = 168 };

/* Zeroed it knows nothing. */
struct eg_unusual {
	double mean[EG_UNUSUAL_SLOTS];  /* by hour of the local week */
	uint8_t weeks[EG_UNUSUAL_SLOTS]; /* how many weeks it is made of, up to 255 */
	double deviation; /* mean distance of an hour from the mean of its slot */
	uint32_t deviations; /* how many hours it is made of */
	/* The hour at hand: */
	int64_t hour; /* since 1970, in UTC */
	double sum;
	uint32_t n; /* readings; 0: none */
};

/* Adds a reading to the hour at hand. */
void eg_unusual_add(struct eg_unusual *u, int64_t hour, double value);

/* Ends the hour at hand, which has readings, as one of the slot: its mean is usual when it lies
 * within factor times the usual deviation from the mean of the slot. Then the slot learns: it
 * weighs the last `weeks` weeks (an exponential mean); an unusual hour counts as the farthest
 * that is usual. Returns whether it is unusual: false while the slot knows fewer weeks. */
bool eg_unusual_close(struct eg_unusual *u, int slot, int weeks, double factor);

#endif
