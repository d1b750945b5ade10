/* SPDX-License-Identifier: MIT */
/* Registers of meters: decides which steps between readings count as energy. */
#include "energy/register.h"

#include "energy/quantity.h"

/* The register's rise from a to b. It cannot overflow: values and modulus are far below 128
 * bits. */
static struct eg_wide
difference(const struct eg_point *a, const struct eg_point *b)
{
	struct eg_wide d = b->value;

	eg_wide_subtract(&d, a->value);
	return d;
}

static bool
plausible(const struct eg_register_rule *rule, const struct eg_point *a, const struct eg_point *b)
{
	return eg_quantity_plausible(rule->quantity, difference(a, b), b->ns - a->ns);
}

static void
add_step(struct eg_register_verdict *v, const struct eg_point *a, const struct eg_point *b,
    struct eg_wide amount)
{
	v->step[v->steps++] = (struct eg_register_step){ a->ns, b->ns, amount };
}

static void
add_event(struct eg_register_verdict *v, enum eg_event event, const struct eg_point *about)
{
	v->event[v->events] = event;
	v->about[v->events++] = *about;
}

static void
drop_suspect(struct eg_register *r, struct eg_register_verdict *v)
{
	if (r->suspects)
		add_event(v, EG_EVENT_GLITCH, &r->suspect);
	r->suspects = false;
}

/* The next reading confirms the suspect: a reset or an exchanged meter. After a reset with
 * from_zero, the suspect's value is energy since the base. */
static void
believe_suspect(const struct eg_register *r, const struct eg_register_rule *rule,
    struct eg_register_verdict *v)
{
	const struct eg_point *s = &r->suspect;
	bool back = eg_wide_compare(s->value, r->base.value) < 0;

	add_event(v, back ? EG_EVENT_RESET : EG_EVENT_EXCHANGED, s);
	if (back && rule->from_zero &&
	    eg_quantity_plausible(rule->quantity, s->value, s->ns - r->base.ns))
		add_step(v, &r->base, s, s->value);
}

/* Whether the register can have passed its modulus since base. *after: the reading, as if it had
 * not begun again. */
static bool
rolled_over(const struct eg_register *r, const struct eg_register_rule *rule,
    const struct eg_point *p, struct eg_point *after)
{
	*after = *p;
	if (eg_wide_sign(rule->modulus) == 0 || eg_wide_compare(p->value, r->base.value) >= 0)
		return false;
	eg_wide_add(&after->value, rule->modulus);
	return plausible(rule, &r->base, after);
}

struct eg_register_verdict
eg_register_take(struct eg_register *r, const struct eg_register_rule *rule,
    const struct eg_point *p)
{
	struct eg_register_verdict v = { .steps = 0 };
	struct eg_point after;

	if (!r->begun) {
		r->begun = true;
	} else if (plausible(rule, &r->base, p)) {
		drop_suspect(r, &v);
		add_step(&v, &r->base, p, difference(&r->base, p));
	} else if (r->suspects && plausible(rule, &r->suspect, p)) {
		/* Before the rollover: after a long time any fall could be one. */
		believe_suspect(r, rule, &v);
		add_step(&v, &r->suspect, p, difference(&r->suspect, p));
	} else if (rolled_over(r, rule, p, &after)) {
		drop_suspect(r, &v);
		add_event(&v, EG_EVENT_ROLLOVER, p);
		add_step(&v, &r->base, p, difference(&r->base, &after));
	} else {
		drop_suspect(r, &v);
		r->suspect = *p;
		r->suspects = true;
		return v;
	}
	r->base = *p;
	r->suspects = false;
	return v;
}

const char *
eg_event_name(enum eg_event event)
{
	static const char *const name[] = {
		[EG_EVENT_GLITCH] = "glitch",
		[EG_EVENT_RESET] = "reset",
		[EG_EVENT_EXCHANGED] = "exchanged meter",
		[EG_EVENT_ROLLOVER] = "rollover",
	};

	return name[event];
}
