/* SPDX-License-Identifier: MIT */
/* Sums energy in slots: splits steps at the borders of slots, and writes complete slots. */
#include "base/clock.h"
#include "base/fixed.h"
#include "energy/parts.h"

static bool
holds(struct eg_span slot, int64_t ns)
{
	return ns >= slot.from && ns < slot.to;
}

static int
put_energy(const struct eg_energy *n, struct eg_filter *f, uint32_t i, struct eg_wide sum,
    const char *name, size_t name_len, struct eg_error *e)
{
	const struct eg_energy_sensor *s = &n->sensor[i];
	char text[EG_FIXED_SIZE];
	size_t len = eg_fixed_put(sum, eg_energy_quantity(n, s)->kwh, n->o.digits, false, text);

	return eg_filter_put(f, name, name_len, s->sums.slot.from, text, len, e);
}

static int
put_covered(const struct eg_energy *n, struct eg_filter *f, uint32_t i, struct eg_error *e)
{
	const struct eg_sums *sums = &n->sensor[i].sums;
	char name[EG_SENSOR_MAX + 1], text[EG_FIXED_SIZE];
	size_t len = eg_fixed_put(eg_wide_of(sums->covered), eg_wide_of(EG_NS_PER_S), 9, false, text);

	return eg_filter_put(f, name, eg_energy_covered_name(n, i, name), sums->slot.from, text, len,
	    e);
}

/* Refuses a slot whose sum was too large. */
static int
refuse(const struct eg_energy *n, struct eg_filter *f, uint32_t i, struct eg_error *e)
{
	char key[EG_SENSOR_MAX + 2 + EG_TIME_SIZE];
	size_t len = eg_energy_name(n, i, key);

	key[len++] = ':';
	len += eg_time_format(n->sensor[i].sums.slot.from, key + len);
	return eg_filter_refuse_line(f, 0, key, len, "the energy of this slot has more than 128 bits",
	    e);
}

/* Writes the current slot of sensor i if it has data. */
static int
write_slot(const struct eg_energy *n, struct eg_filter *f, uint32_t i, struct eg_error *e)
{
	const struct eg_energy_sensor *s = &n->sensor[i];
	const struct eg_sums *sums = &s->sums;
	char name[EG_SENSOR_MAX + 1];

	if (!sums->known || (n->o.whole && holds(sums->slot, s->first)))
		return 0;
	if (sums->overflow)
		return refuse(n, f, i, e);
	if (put_energy(n, f, i, sums->in, name, eg_energy_name(n, i, name), e) != 0)
		return -1;
	if (eg_energy_exports(n, s) &&
	    put_energy(n, f, i, sums->out, name, eg_energy_export_name(n, i, name), e) != 0)
		return -1;
	return n->o.covered ? put_covered(n, f, i, e) : 0;
}

/* Makes the slot that contains ns the current one of sensor i. Writes the slot before it. */
static inline int
move_to(struct eg_energy *n, struct eg_filter *f, uint32_t i, int64_t ns, struct eg_error *e)
{
	struct eg_sums *sums = &n->sensor[i].sums;

	if (holds(sums->slot, ns))
		return 0;
	if (write_slot(n, f, i, e) != 0)
		return -1;
	*sums = (struct eg_sums){ .slot = eg_slots_at(n->slots, ns) };
	return 0;
}

static inline void
add_amount(const struct eg_energy *n, struct eg_sums *sums, struct eg_wide amount)
{
	bool below = n->o.sign && eg_wide_sign(amount) < 0;

	sums->known = true;
	if (!(below ? eg_wide_subtract(&sums->out, amount) : eg_wide_add(&sums->in, amount)))
		sums->overflow = true;
}

/* The energy of the first ns nanoseconds of a step. */
static struct eg_wide
energy_until(const struct eg_step *s, int64_t ns)
{
	struct eg_wide part, whole, rest;

	if (!s->slope) {
		part = eg_wide_share(s->total, ns, s->to - s->from);
		if (eg_wide_sign(s->grain) > 0) {
			eg_wide_divide(part, s->grain, &rest);
			eg_wide_subtract(&part, rest);
		}
		return part;
	}
	/* Adds change * ns^2 / duration: the linear part of the power, in halves as all sums of
	 * powers. */
	eg_wide_multiply(s->change, eg_wide_of(ns), &part);
	part = eg_wide_share(part, ns, s->to - s->from);
	eg_wide_multiply(s->first, eg_wide_of(ns), &whole);
	eg_wide_add(&part, whole);
	return part;
}

int
eg_energy_add(struct eg_energy *n, struct eg_filter *f, uint32_t i, const struct eg_step *s,
    struct eg_error *e)
{
	struct eg_sums *sums = &n->sensor[i].sums;
	struct eg_wide before = eg_wide_of(0), until, part;

	for (int64_t at = s->from, end; at < s->to; at = end) {
		if (move_to(n, f, i, at, e) != 0)
			return -1;
		end = s->to <= sums->slot.to ? s->to : sums->slot.to;
		if (s->crosses && at <= s->cross && s->cross < end) {
			part = s->crossed;
			eg_wide_subtract(&part, before);
			add_amount(n, sums, part);
			before = s->crossed;
		}
		part = until = end == s->to ? s->total : energy_until(s, end - s->from);
		eg_wide_subtract(&part, before);
		add_amount(n, sums, part);
		sums->covered += s->covers ? end - at : 0;
		before = until;
	}
	return 0;
}

int
eg_energy_add_at(struct eg_energy *n, struct eg_filter *f, uint32_t i, int64_t ns,
    struct eg_wide amount, struct eg_error *e)
{
	if (move_to(n, f, i, ns, e) != 0)
		return -1;
	add_amount(n, &n->sensor[i].sums, amount);
	return 0;
}

int
eg_energy_cover(struct eg_energy *n, struct eg_filter *f, uint32_t i, int64_t from, int64_t to,
    struct eg_error *e)
{
	struct eg_sums *sums = &n->sensor[i].sums;

	for (int64_t at = from, end; at < to; at = end) {
		if (move_to(n, f, i, at, e) != 0)
			return -1;
		end = to <= sums->slot.to ? to : sums->slot.to;
		sums->covered += end - at;
	}
	return 0;
}

int
eg_energy_finish(struct eg_energy *n, struct eg_filter *f, uint32_t i, struct eg_error *e)
{
	const struct eg_energy_sensor *s = &n->sensor[i];

	return n->o.whole && s->past.begun && holds(s->sums.slot, s->past.base.ns)
	    ? 0 : write_slot(n, f, i, e);
}
