/* SPDX-License-Identifier: MIT */
/* The quantity that a sensor measures: the unit of its sums, and how they convert to kWh. */
#ifndef EG_QUANTITY_H
#define EG_QUANTITY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/wide.h"
#include "meters/meters.h"

enum eg_shape {
	EG_SHAPE_NONE,      /* has no energy, ignored */
	EG_SHAPE_POWER,     /* power. Unit of a sum: 0.5 * 10^-18 of the sensor's unit times seconds */
	/* energy, as a counter that rises. Unit of a sum: 10^-18 of the sensor's unit */
	EG_SHAPE_REGISTER,
	/* energy since the last reading. Unit of a sum: 10^-9 of the sensor's unit */
	EG_SHAPE_INCREMENT,
};

struct eg_quantity {
	enum eg_shape shape;
	struct eg_wide kwh; /* the sum that equals 1 kWh */
	/* Of a register: */
	/* one unit of the last printed digit: a step is split in multiples of it */
	struct eg_wide grain;
	/* 10^-9 of the register's unit, in 10^-18 Ws (for pulses: multiplied by pulses per kWh). */
	int64_t work;
	/* the largest power, in 10^-9 W (for pulses: multiplied by pulses per kWh) */
	struct eg_wide power;
};

/* Returns the quantity of a kind. pulses: pulses per kWh, for EG_KIND_PULSE only. max_power:
 * largest power of a register, in 10^-9 W. digits: decimal places of printed kWh. */
struct eg_quantity eg_quantity_of(enum eg_kind kind, int64_t pulses, struct eg_wide max_power,
    int digits);

/* Whether a register can rise by step (in 10^-9 of its unit) within ns nanoseconds: not
 * negative, and not above its largest power. */
bool eg_quantity_plausible(const struct eg_quantity *q, struct eg_wide step, int64_t ns);

/* Parses a power with its unit: 60kW, 3000W or 1.5MW. It must be above 0; *power is in 10^-9
 * W. Returns false if it is not valid. */
bool eg_power_parse(const char *text, struct eg_wide *power);

#endif
