/* SPDX-License-Identifier: MIT */
/* Converts each reading to energy, depending on the shape of its quantity. */
#include "base/fixed.h"
#include "energy/parts.h"

/* Finds when the power, linear from a to b, is 0. The energy until then, a * duration to 0 /
 * 2, is a * a * duration / (a - b) in the halves in which sums of powers count. */
static void
find_crossing(struct eg_step *s, struct eg_wide a, struct eg_wide b)
{
	struct eg_wide span = a, until = a, rest, part;

	eg_wide_subtract(&span, b);
	eg_wide_multiply(a, eg_wide_of(s->to - s->from), &until);
	until = eg_wide_divide(until, span, &rest);
	s->crosses = true;
	s->cross = s->from + (int64_t)until.lo;
	eg_wide_multiply(a, until, &s->crossed);
	/* Add the energy of the last fraction of a nanosecond. If the powers differ by more than 9
	 * GW, its last bits are lost. */
	if (eg_wide_sign(span) < 0) {
		span = eg_wide_negative(span);
		rest = eg_wide_negative(rest);
	}
	while (!eg_wide_is_small(span)) {
		span = eg_wide_divide(span, eg_wide_of(2), &part);
		rest = eg_wide_divide(rest, eg_wide_of(2), &part);
	}
	eg_wide_add(&s->crossed, eg_wide_share(a, (int64_t)rest.lo, (int64_t)span.lo));
}

/* Adds the energy between two readings of power. */
static int
take_power(struct eg_energy *n, struct eg_filter *f, uint32_t i, const struct eg_point *p,
    struct eg_error *e)
{
	const struct eg_point *a = &n->sensor[i].past.base;
	struct eg_step s = { .from = a->ns, .to = p->ns, .covers = true };
	struct eg_wide first = a->value, last = p->value, sum = a->value;

	if (!n->sensor[i].past.begun || s.to - s.from > n->gap)
		return 0;
	eg_wide_add(&sum, n->o.rule == EG_ENERGY_LEFT ? first : last);
	/* No overflow: two values of up to 10^21 times the longest gap are below 2^127. */
	eg_wide_multiply(sum, eg_wide_of(s.to - s.from), &s.total);
	if (n->o.rule == EG_ENERGY_TRAPEZOID) {
		s.slope = true;
		s.first = first;
		eg_wide_add(&s.first, first);
		s.change = last;
		eg_wide_subtract(&s.change, first);
		if (n->o.sign && eg_wide_sign(first) * eg_wide_sign(last) < 0)
			find_crossing(&s, first, last);
	}
	return eg_energy_add(n, f, i, &s, e);
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

	rule.quantity = eg_energy_quantity(n, s);
	v = eg_register_take(&s->past, &rule, p);
	for (int k = 0; k < v.events; k++)
		eg_energy_tell(n, i, v.event[k], &v.about[k]);
	for (int k = 0; k < v.steps; k++) {
		struct eg_step step = { .from = v.step[k].from, .to = v.step[k].to,
			.grain = rule.quantity->grain };

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
	enum eg_shape shape = eg_energy_quantity(n, &n->sensor[i])->shape;

	if (shape == EG_SHAPE_REGISTER)
		return take_register(n, f, i, p, e);
	if ((shape == EG_SHAPE_POWER ? take_power : take_increment)(n, f, i, p, e) != 0)
		return -1;
	past->base = *p;
	past->begun = true;
	return 0;
}
