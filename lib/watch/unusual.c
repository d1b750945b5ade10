/* SPDX-License-Identifier: MIT */
/* Learns the usual hourly values of a sensor. */
#include "watch/unusual.h"

#include <math.h>

void
eg_unusual_add(struct eg_unusual *u, int64_t hour, double value)
{
	if (u->n == 0) {
		u->hour = hour;
		u->sum = 0;
	}
	u->sum += value;
	u->n++;
}

bool
eg_unusual_close(struct eg_unusual *u, int slot, int weeks, double factor)
{
	double x = u->sum / u->n, distance = fabs(x - u->mean[slot]), most = factor * u->deviation;
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
	u->mean[slot] += (x - u->mean[slot]) / n;
	if (u->weeks[slot] < UINT8_MAX)
		u->weeks[slot]++;
	return unusual;
}
