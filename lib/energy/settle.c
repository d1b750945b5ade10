/* SPDX-License-Identifier: MIT */
/* What a reading adds, by the shape of its quantity. */
#include "base/fixed.h"
#include "energy/parts.h"

/* The power between two readings within the gap. */
static int
add_power(struct eg_energy *n, struct eg_filter *f, uint32_t i, const struct eg_point *a,
    const struct eg_point *b, struct eg_error *e)
{
	struct eg_step s = { .from = a->ns, .to = b->ns, .covers = true };
	struct eg_wide first = a->value, last = b->value, sum = a->value;

	if (s.to == s.from)
		return 0;
	eg_wide_add(&sum, n->o.rule == EG_ENERGY_LEFT ? first : last);
	/* Two values of 10^21 over the longest gap are below 2^127. */
	eg_wide_multiply(sum, eg_wide_of(s.to - s.from), &s.total);
	if (n->o.rule == EG_ENERGY_TRAPEZOID) {
		s.slope = true;
		s.first = s.change = first;
		eg_wide_add(&s.first, first);
		s.change = last;
		eg_wide_subtract(&s.change, first);
	}
	return eg_energy_add(n, f, i, &s, e);
}

/* The instant at which a line from a to b, on two sides of 0, crosses it. */
static int64_t
crossing(const struct eg_point *a, const struct eg_point *b)
{
	struct eg_wide span = b->value, part = a->value, whole = eg_wide_of(b->ns - a->ns), rest;

	eg_wide_subtract(&span, a->value);
	eg_wide_multiply(part, whole, &part);
	return a->ns + (int64_t)eg_wide_divide(eg_wide_negative(part), span, &rest).lo;
}

static int
take_power(struct eg_energy *n, struct eg_filter *f, uint32_t i, const struct eg_point *p,
    struct eg_error *e)
{
	const struct eg_point *a = &n->sensor[i].past.base;
	struct eg_point zero;

	if (!n->sensor[i].past.begun || p->ns - a->ns > n->gap)
		return 0;
	if (!n->o.sign || n->o.rule == EG_ENERGY_LEFT ||
	    eg_wide_sign(a->value) * eg_wide_sign(p->value) >= 0)
		return add_power(n, f, i, a, p, e);
	zero = (struct eg_point){ .ns = crossing(a, p) };
	return add_power(n, f, i, a, &zero, e) != 0 ? -1 : add_power(n, f, i, &zero, p, e);
}

static int
take_increment(struct eg_energy *n, struct eg_filter *f, uint32_t i, const struct eg_point *p,
    struct eg_error *e)
{
	const struct eg_register *past = &n->sensor[i].past;

	if (past->begun && p->ns - past->base.ns <= n->gap &&
	    eg_energy_cover(n, f, i, past->base.ns, p->ns, e) != 0)
		return -1;
	return eg_energy_add_at(n, f, i, p->ns, p->value, e);
}

static int
take_register(struct eg_energy *n, struct eg_filter *f, uint32_t i, const struct eg_point *p,
    struct eg_error *e)
{
	struct eg_energy_sensor *s = &n->sensor[i];
	struct eg_register_rule rule = n->rule;
	struct eg_register_verdict v;

	rule.quantity = s->quantity;
	v = eg_register_take(&s->past, &rule, p);
	if (v.event != EG_EVENT_NONE)
		eg_energy_tell(n, i, v.event, &v.about);
	for (int k = 0; k < v.steps; k++) {
		struct eg_step step = { .from = v.step[k].from, .to = v.step[k].to,
			.grain = s->quantity->grain };

		step.covers = step.to - step.from <= n->gap;
		eg_wide_multiply(v.step[k].amount, eg_wide_of(EG_FIXED_ONE), &step.total);
		if (eg_energy_add(n, f, i, &step, e) != 0)
			return -1;
	}
	return 0;
}

int
eg_energy_settle(struct eg_energy *n, struct eg_filter *f, uint32_t i, const struct eg_point *p,
    struct eg_error *e)
{
	struct eg_register *past = &n->sensor[i].past;
	enum eg_shape shape = n->sensor[i].quantity->shape;

	if (shape == EG_SHAPE_REGISTER)
		return take_register(n, f, i, p, e);
	if ((shape == EG_SHAPE_POWER ? take_power : take_increment)(n, f, i, p, e) != 0)
		return -1;
	past->base = *p;
	past->begun = true;
	return 0;
}
