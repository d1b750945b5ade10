/* SPDX-License-Identifier: MIT */
/* The quantity that a sensor measures: the unit of its sums, and how they convert to kWh. */
#include "energy/quantity.h"

#include <string.h>

#include "base/clock.h"
#include "base/fixed.h"

#define WS_PER_KWH INT64_C(3600000)
#define KILO INT64_C(1000)

/* Multiplies. The caller makes sure that the product fits in 127 bits. */
static struct eg_wide
times(struct eg_wide a, int64_t b)
{
	eg_wide_multiply(a, eg_wide_of(b), &a);
	return a;
}

/* A power in units of `unit` watts. Sums count in halves, so that the mean of two powers is
 * exact. */
static struct eg_quantity
power(int64_t unit)
{
	struct eg_wide kwh = times(eg_wide_of(2 * EG_FIXED_ONE), EG_NS_PER_S);

	return (struct eg_quantity){ .shape = EG_SHAPE_POWER, .kwh = times(kwh, WS_PER_KWH / unit) };
}

static struct eg_quantity
increment(int64_t per_kwh)
{
	return (struct eg_quantity){ .shape = EG_SHAPE_INCREMENT,
		.kwh = times(eg_wide_of(EG_FIXED_ONE), per_kwh) };
}

/* A register. per_kwh: register units per kWh. work: Ws per register unit (for pulses:
 * multiplied by pulses per kWh). */
static struct eg_quantity
counter(int64_t per_kwh, int64_t work, struct eg_wide max_power, int digits)
{
	struct eg_wide kwh = times(times(eg_wide_of(EG_FIXED_ONE), EG_FIXED_ONE), per_kwh), rest;
	int64_t digit = 1;

	for (; digits > 0; digits--)
		digit *= 10;
	return (struct eg_quantity){
		.shape = EG_SHAPE_REGISTER,
		.kwh = kwh,
		.grain = eg_wide_divide(kwh, eg_wide_of(digit), &rest),
		.work = work * EG_NS_PER_S,
		.power = max_power,
	};
}

struct eg_quantity
eg_quantity_of(enum eg_kind kind, int64_t pulses, struct eg_wide max_power, int digits)
{
	switch (kind) {
	case EG_KIND_W:
		return power(1);
	case EG_KIND_KW:
		return power(KILO);
	case EG_KIND_WH:
		return counter(KILO, WS_PER_KWH / KILO, max_power, digits);
	case EG_KIND_KWH:
		return counter(1, WS_PER_KWH, max_power, digits);
	case EG_KIND_PULSE:
		return counter(pulses, WS_PER_KWH, times(max_power, pulses), digits);
	case EG_KIND_INC_WH:
		return increment(KILO);
	case EG_KIND_INC_KWH:
		return increment(1);
	default:
		return (struct eg_quantity){ .shape = EG_SHAPE_NONE };
	}
}

bool
eg_quantity_plausible(const struct eg_quantity *q, struct eg_wide step, int64_t ns)
{
	struct eg_wide work, most;

	if (eg_wide_sign(step) < 0)
		return false;
	/* If the first product overflows, the step is not plausible; if only the second does, it
	 * is. */
	return eg_wide_multiply(step, eg_wide_of(q->work), &work) &&
	    (!eg_wide_multiply(q->power, eg_wide_of(ns), &most) || eg_wide_compare(work, most) <= 0);
}

bool
eg_power_parse(const char *text, struct eg_wide *power)
{
	static const struct {
		const char *name;
		int64_t watts;
	} unit[] = { { "MW", KILO * KILO }, { "kW", KILO }, { "W", 1 } };
	size_t len = strlen(text);

	for (size_t i = 0; i < sizeof(unit) / sizeof(unit[0]); i++) {
		size_t n = strlen(unit[i].name);

		if (len > n && strcmp(text + len - n, unit[i].name) == 0)
			return eg_fixed_parse(text, len - n, power) == EG_NUMBER_OK &&
			    eg_wide_multiply(*power, eg_wide_of(unit[i].watts), power) &&
			    eg_wide_sign(*power) > 0;
	}
	return false;
}
