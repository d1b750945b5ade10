/* SPDX-License-Identifier: MIT */
/* Units of readings: which values can be summed, and how large values are displayed. */
#ifndef EG_PLOT_UNITS_H
#define EG_PLOT_UNITS_H

#include <stdbool.h>
#include <stddef.h>

#define EG_UNIT_SIZE 64 /* size of a unit's name with its NUL */

enum eg_unit_sort {
	EG_UNIT_LEVEL,  /* temperature, voltage, percentage: sums make no sense */
	EG_UNIT_POWER,  /* summed over sensors; the mean over time */
	EG_UNIT_AMOUNT, /* energy, volume, money of a span: summed over time and sensors */
};

/* The sort of a unit. W, kW, MW, GW, VA, var, l/h and the like are powers. Wh to GWh, J, m3, l,
 * kg, currencies and the like are amounts. All others are levels. */
enum eg_unit_sort eg_unit_sort(const char *unit);

/* The unit at the end of a sensor's name, as eg-import, eg-decode and eg-energy write it: kWh
 * for `_kwh`. NULL: none. */
const char *eg_unit_of_name(const char *name, size_t len);

/* Chooses the unit to display values up to most (>= 0). W, Wh, VA and var above 10,000 become kW
 * and so on, above 10,000 of these MW. Writes the unit to out, truncated to its size. Returns
 * the factor for values, at most 1. */
double eg_unit_scale(const char *unit, double most, char out[EG_UNIT_SIZE]);

/* Writes v with about four digits and without superfluous zeros: 0.1235, 12.3, 12345. */
#define EG_NUMBER_SIZE 32
const char *eg_unit_number(double v, char out[EG_NUMBER_SIZE]);

#endif
