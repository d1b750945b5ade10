/* SPDX-License-Identifier: MIT */
/* Units of readings: what may be added up, and how large values are written. */
#ifndef EG_PLOT_UNITS_H
#define EG_PLOT_UNITS_H

#include <stdbool.h>
#include <stddef.h>

#define EG_UNIT_SIZE 64 /* room for a unit's name and its NUL */

enum eg_unit_sort {
	EG_UNIT_LEVEL,  /* temperature, voltage, share: neither over time nor over sensors */
	EG_UNIT_POWER,  /* sensors add up, readings of one sensor have a mean */
	EG_UNIT_AMOUNT, /* energy, volume, money of a span: adds up over time and over sensors */
};

/* What sort of unit that is. W, kW, MW, GW, VA, var, l/h and the like are powers; Wh to GWh,
 * J, m3, l, kg, the codes of currencies and the like are amounts; others are levels. */
enum eg_unit_sort eg_unit_sort(const char *unit);

/* The unit that a sensor's name ends in, as eg-import, eg-decode and eg-energy write it:
 * `_kwh` is kWh. NULL: none. */
const char *eg_unit_of_name(const char *name, size_t len);

/* Chooses a larger unit for values up to most (>= 0): W, Wh, VA and var above 10,000 become
 * kW, above 10,000 kW MW. Writes its name to out, cut to its size; returns what values are
 * multiplied by, at most 1. */
double eg_unit_scale(const char *unit, double most, char out[EG_UNIT_SIZE]);

/* Writes v with some four digits, without superfluous zeros: 0.1235, 12.3, 12345. */
#define EG_NUMBER_SIZE 32
const char *eg_unit_number(double v, char out[EG_NUMBER_SIZE]);

#endif
