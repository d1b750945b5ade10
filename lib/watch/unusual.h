/* SPDX-License-Identifier: MIT */
/* Learns a sensor's usual values: the mean for each hour of the week, and the mean deviation
 * from it. */
#ifndef EG_UNUSUAL_H
#define EG_UNUSUAL_H

#include <stdbool.h>
#include <stdint.h>

enum { EG_UNUSUAL_SLOTS = 168 };

/* Initialise with zeros: nothing learned yet. */
struct eg_unusual {
	double mean[EG_UNUSUAL_SLOTS];  /* mean value, by hour of the local week */
	uint8_t weeks[EG_UNUSUAL_SLOTS]; /* weeks that each mean is made of; stops at 255 */
	double deviation; /* mean distance of an hour's value from the mean of its slot */
	uint32_t deviations; /* number of hours in deviation */
	/* The current hour: */
	int64_t hour; /* the current hour, counted since 1970 in UTC */
	double sum;
	uint32_t n; /* readings in the current hour */
};

/* Adds a finite reading to the current hour, unless the sum would be too large for a double. */
void eg_unusual_add(struct eg_unusual *u, int64_t hour, double value);

/* Ends the current hour (n >= 1) and learns it for its slot. Returns true when its mean is
 * farther from the slot's mean than factor * deviation; false while the slot has fewer than
 * `weeks` weeks. The slot's mean is exponential over `weeks` weeks. An unusual hour is learned
 * with the distance limited to factor * deviation. */
bool eg_unusual_close(struct eg_unusual *u, int slot, int weeks, double factor);

#endif
