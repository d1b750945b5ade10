/* SPDX-License-Identifier: MIT */
/* The energy of a sensor today. */
#include "serve/today.h"

#include "base/clock.h"
#include "base/fixed.h"
#include "base/number.h"
#include "meters/meters.h"
#include "record/record.h"

#define GAP_NS (15 * 60 * EG_NS_PER_S)
#define MAX_POWER (60000 * EG_FIXED_ONE) /* 60 kW in 10^-9 W */
#define NS_PER_H (3600.0 * EG_NS_PER_S)

void
eg_today_begin(struct eg_today *t, const struct eg_meter *meter)
{
	enum eg_kind kind = meter != NULL ? meter->kind : EG_KIND_NONE;

	*t = (struct eg_today){ .quantity = eg_quantity_of(kind,
		meter != NULL ? meter->pulses : 0, eg_wide_of(MAX_POWER), 9),
		.unit = kind == EG_KIND_KW ? 1 : 0.001 };
}

/* Converts a sum, in the unit of the quantity, to kWh. */
static double
kwh_of(const struct eg_quantity *q, struct eg_wide amount)
{
	char text[EG_FIXED_SIZE];

	return eg_decimal_value(text, eg_fixed_put(amount, q->kwh, 9, false, text));
}

/* Adds energy that is spread evenly over from..to; what is before the day of `to` is left out. */
static void
add_step(struct eg_today *t, struct eg_slots *days, int64_t from, int64_t to, double kwh)
{
	struct eg_span day = eg_slots_at(days, to);
	int64_t begin = from > day.from ? from : day.from;

	if (t->day.from != day.from || t->day.to != day.to) {
		t->day = day;
		t->since = begin;
		t->kwh = 0;
	}
	t->kwh += to > from ? kwh * ((double)(to - begin) / (double)(to - from)) : kwh;
}

static void
add_register(struct eg_today *t, struct eg_slots *days, const struct eg_point *p)
{
	const struct eg_register_rule rule = { .quantity = &t->quantity, .modulus = eg_wide_of(0),
		.from_zero = true };
	struct eg_register_verdict v = eg_register_take(&t->past, &rule, p);

	for (int i = 0; i < v.steps; i++) {
		struct eg_wide sum;

		if (eg_wide_multiply(v.step[i].amount, eg_wide_of(EG_FIXED_ONE), &sum))
			add_step(t, days, v.step[i].from, v.step[i].to, kwh_of(&t->quantity, sum));
	}
}

static void
add_power(struct eg_today *t, struct eg_slots *days, int64_t ns, double value)
{
	bool known = t->begun && ns - t->last <= GAP_NS;

	add_step(t, days, known ? t->last : ns, ns,
	    known ? t->power * (double)(ns - t->last) / NS_PER_H : 0);
	t->power = value * t->unit;
}

/* Not inlined: most sensors have no energy, and need not wait for its local variables. */
static __attribute__((noinline)) void
add_reading(struct eg_today *t, struct eg_slots *days, const struct eg_record *r)
{
	const char *text = r->line + r->value_at;
	size_t len = (size_t)r->len - (size_t)r->value_at;
	struct eg_point p = { .ns = r->ns };
	int64_t elapsed;

	if (eg_fixed_parse(text, len, &p.value) != EG_NUMBER_OK ||
	    (t->begun && (r->ns <= t->last || __builtin_sub_overflow(r->ns, t->last, &elapsed))))
		return;
	if (t->quantity.shape == EG_SHAPE_POWER)
		add_power(t, days, r->ns, eg_decimal_value(text, len));
	else if (t->quantity.shape == EG_SHAPE_REGISTER)
		add_register(t, days, &p);
	else
		add_step(t, days, r->ns, r->ns, kwh_of(&t->quantity, p.value));
	t->last = r->ns;
	t->begun = true;
}

void
eg_today_add(struct eg_today *t, struct eg_slots *days, const struct eg_record *r)
{
	if (t->quantity.shape != EG_SHAPE_NONE)
		add_reading(t, days, r);
}

bool
eg_today_kwh(const struct eg_today *t, int64_t now, double *kwh, int64_t *since)
{
	if (now < t->day.from || now >= t->day.to)
		return false;
	*kwh = t->kwh;
	*since = t->since;
	return true;
}
