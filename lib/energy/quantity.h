/* SPDX-License-Identifier: MIT */
/* What a kind of reading is for eg-energy: how its values become sums, and a sum kWh. */
#ifndef EG_QUANTITY_H
#define EG_QUANTITY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/wide.h"
#include "meters/meters.h"

enum eg_shape {
	EG_SHAPE_NONE,      /* no energy */
	EG_SHAPE_POWER,     /* times its duration: a sum counts 0.5 * 10^-18 of its unit times s */
	EG_SHAPE_REGISTER,  /* counts up: a sum counts 10^-18 of its unit */
	EG_SHAPE_INCREMENT, /* energy at its time: a sum counts 10^-9 of its unit */
};

struct eg_quantity {
	enum eg_shape shape;
	struct eg_wide kwh; /* a sum of so much is 1 kWh */
	/* Of a register: */
	struct eg_wide grain; /* parts of a step are multiples of it: the last digit printed */
	int64_t work;         /* 10^-18 Ws (or pulses per kWh times as much) in 10^-9 of its unit */
	struct eg_wide power; /* the largest, in 10^-9 W (times pulses per kWh) */
};

/* The quantity of a kind. pulses: per kWh, of EG_KIND_PULSE. max_power: of a register, in
 * 10^-9 W. digits: behind the point of printed kWh. */
struct eg_quantity eg_quantity_of(enum eg_kind kind, int64_t pulses, struct eg_wide max_power,
    int digits);

/* Whether a register can count up by so much (10^-9 of its unit) in ns nanoseconds. */
bool eg_quantity_plausible(const struct eg_quantity *q, struct eg_wide step, int64_t ns);

/* Reads a power, as "60kW", 3000W or 1.5MW: a number above 0 with its unit, at most 10^12 of
 * it. In 10^-9 W. False: it is none. */
bool eg_power_parse(const char *text, struct eg_wide *power);

#endif
