/* SPDX-License-Identifier: MIT */
/* Learns the usual hourly values of a sensor. */
#include "watch/unusual.h"

#include <math.h>

/* Every number here stays finite: one that is not would never go away again, and the state
 * could not be read. A distance counts as this at most. */
#define DISTANCE_MAX 1e308

void
eg_unusual_add(struct eg_unusual *u, int64_t hour, double value)
{
	if (u->n == 0) {
		u->hour = hour;
		u->sum = 0;
	}
	if (isfinite(u->sum + value)) {
		u->sum += value;
		u->n++;
	}
}

bool
eg_unusual_close(struct eg_unusual *u, int slot, int weeks, double factor)
{
	double x = u->sum / u->n, distance = fmin(fabs(x - u->mean[slot]), DISTANCE_MAX);
	double most = factor * u->deviation;
	bool known = u->weeks[slot] >= weeks, unusual = known && distance > most;
	int n = u->weeks[slot] < weeks ? u->weeks[slot] + 1 : weeks;
	uint32_t hours = (uint32_t)weeks * EG_UNUSUAL_SLOTS;

	u->n = 0;
	if (unusual) {
		x = x > u->mean[slot] ? u->mean[slot] + most : u->mean[slot] - most;
		distance = most;
	}
	if (u->weeks[slot] > 0) {
		if (u->deviations < hours)
			u->deviations++;
		u->deviation += (distance - u->deviation) / u->deviations;
	}
	/* The difference of halves is finite, and is rounded as that of the wholes. */
	u->mean[slot] += (x / 2 - u->mean[slot] / 2) / n * 2;
	if (u->weeks[slot] < UINT8_MAX)
		u->weeks[slot]++;
	return unusual;
}
