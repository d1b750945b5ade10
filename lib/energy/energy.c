/* SPDX-License-Identifier: MIT */
/* Converts readings to energy: checks options, finds each record's sensor, checks the order of
 * readings. */
#include "energy/energy.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/fixed.h"
#include "energy/parts.h"

static int
out_of_memory(struct eg_error *e)
{
	return eg_fail(e, EG_BUG, "out of memory");
}

/* A result needs a valid sensor name. Checks the --name pattern with a sensor of one byte. */
static int
check_name(struct eg_energy *n, struct eg_error *e)
{
	const char *name = n->o.name, *at = strchr(name, '%');
	char q[EG_QUOTE_MAX];
	size_t len = strlen(name);

	if (at == NULL || strchr(at + 1, '%') != NULL || len > EG_SENSOR_MAX)
		return eg_fail(e, EG_USAGE, "--name: %s: want a name with one %% for the sensor",
		    eg_quote(name, len, q));
	n->prefix = (size_t)(at - name);
	n->suffix = len - n->prefix - 1;
	if (eg_sensor_check(name, len) != EG_FAULT_NONE)
		return eg_fail(e, EG_USAGE, "--name: %s: not the name of a sensor", eg_quote(name, len, q));
	if (n->o.covered && strcmp(name, "%_covered") == 0)
		return eg_fail(e, EG_USAGE, "--name: %s: --covered has the same name",
		    eg_quote(name, len, q));
	return 0;
}

static int
check_limits(struct eg_energy *n, struct eg_error *e)
{
	const struct eg_energy_options *o = &n->o;
	struct eg_wide modulus = eg_wide_of(0);
	char q[EG_QUOTE_MAX];

	if (!eg_power_parse(o->max_power, &n->max_power))
		return eg_fail(e, EG_USAGE, "--max-power: %s: want a power, as 60kW",
		    eg_quote(o->max_power, strlen(o->max_power), q));
	if (o->modulus != NULL &&
	    (eg_fixed_parse(o->modulus, strlen(o->modulus), &modulus) != EG_NUMBER_OK ||
	    eg_wide_sign(modulus) <= 0))
		return eg_fail(e, EG_USAGE, "--modulus: %s: want a number above 0, at most 1e12",
		    eg_quote(o->modulus, strlen(o->modulus), q));
	n->rule = (struct eg_register_rule){ .modulus = modulus,
	    .from_zero = o->reset == EG_ENERGY_RESET_ZERO };
	n->gap = o->gap_ms * EG_NS_PER_MS;
	return 0;
}

/* Fills quantity: one for each line of the file of meters, then the one of --from. */
static int
open_quantities(struct eg_energy *n, struct eg_error *e)
{
	const struct eg_meter *meter = n->meters != NULL ? eg_meters_list(n->meters, &n->lines) : NULL;
	enum eg_kind kind = EG_KIND_NONE;
	int64_t pulses = 0;
	char q[EG_QUOTE_MAX];

	n->quantity = calloc(n->lines + 1, sizeof(*n->quantity));
	if (n->quantity == NULL)
		return out_of_memory(e);
	for (size_t i = 0; meter != NULL && i < n->lines; i++)
		n->quantity[i] = eg_quantity_of(meter[i].kind, meter[i].pulses, n->max_power, n->o.digits);
	if (n->o.from == NULL)
		return 0;
	if (eg_kind_parse(n->o.from, &kind, &pulses))
		n->quantity[n->lines] = eg_quantity_of(kind, pulses, n->max_power, n->o.digits);
	if (n->quantity[n->lines].shape == EG_SHAPE_NONE)
		return eg_fail(e, EG_USAGE, "--from: %s: want W, kW, Wh, kWh, inc-Wh, inc-kWh or pulse:N",
		    eg_quote(n->o.from, strlen(n->o.from), q));
	return 0;
}

struct eg_energy *
eg_energy_open(const struct eg_energy_options *o, struct eg_error *e)
{
	struct eg_energy *n = calloc(1, sizeof(*n));

	if (n == NULL) {
		out_of_memory(e);
		return NULL;
	}
	n->o = *o;
	if (check_name(n, e) != 0 || check_limits(n, e) != 0 ||
	    (n->slots = eg_slots_open(&o->slots, e)) == NULL ||
	    (o->meters != NULL && (n->meters = eg_meters_read(o->meters, e)) == NULL) ||
	    open_quantities(n, e) != 0) {
		eg_energy_free(n);
		return NULL;
	}
	return n;
}

void
eg_energy_free(struct eg_energy *n)
{
	if (n == NULL)
		return;
	eg_slots_free(n->slots);
	eg_meters_free(n->meters);
	eg_names_close(&n->names);
	free(n->quantity);
	free(n->sensor);
	free(n);
}

/* Initialises sensor number i, which is new. */
static int
new_sensor(struct eg_energy *n, uint32_t i, const struct eg_record *r, struct eg_error *e)
{
	const struct eg_meter *meter;
	size_t line = n->lines;

	if (!eg_buf_grow(&n->sensor, &n->room, i + 1, sizeof(*n->sensor)))
		return out_of_memory(e);
	if (n->meters != NULL && (meter = eg_meters_find(n->meters, r->line, r->sensor_len)) != NULL)
		line = (size_t)(meter - eg_meters_list(n->meters, &n->lines));
	else if (n->o.from == NULL)
		n->unknown++;
	n->sensor[i] = (struct eg_energy_sensor){ .quantity = (uint32_t)line, .first = r->ns };
	n->sensor[i].name_fault = (uint8_t)eg_energy_name_fault(n, i);
	return 0;
}

/* Sets *i to the number of the record's sensor. */
static int
find_sensor(struct eg_energy *n, const struct eg_record *r, uint32_t *i, struct eg_error *e)
{
	uint32_t known = n->names.n;

	*i = eg_names_add(&n->names, r->line, r->sensor_len);
	if (*i == EG_NAMES_NONE)
		return out_of_memory(e);
	return *i == known ? new_sensor(n, *i, r, e) : 0;
}

/* Returns why this reading is out of order for its sensor, or NULL if it is not. */
static const char *
time_fault(const struct eg_energy_sensor *s, int64_t ns)
{
	int64_t since = s->past.begun ? s->past.base.ns : s->held.ns, elapsed;

	if (!s->holds)
		return NULL;
	if (ns < s->held.ns)
		return "older than the reading before it of the same sensor";
	return __builtin_sub_overflow(ns, since, &elapsed)
	    ? "292 years after the reading before it" : NULL;
}

void
eg_energy_ahead(void *ctx, const struct eg_record *r, size_t records)
{
	struct eg_energy *n = ctx;
	uint32_t number[EG_NAMES_AHEAD];

	_Static_assert(EG_FILTER_AHEAD <= EG_NAMES_AHEAD, "number holds those of all records");
	if (!eg_names_ahead(&n->names, r, records, number))
		return;
	for (size_t i = 0; i < records; i++)
		if (number[i] != EG_NAMES_NONE)
			eg_prefetch(&n->sensor[number[i]].past.base, EG_ENERGY_HOT);
}

int
eg_energy_take(void *ctx, struct eg_filter *f, const struct eg_record *r, struct eg_error *e)
{
	struct eg_energy *n = ctx;
	struct eg_energy_sensor *s;
	struct eg_wide value;
	const char *fault;
	uint32_t i;

	if (find_sensor(n, r, &i, e) != 0)
		return -1;
	s = &n->sensor[i];
	if (eg_energy_quantity(n, s)->shape == EG_SHAPE_NONE)
		return 0;
	if (s->name_fault != EG_NAME_OK)
		return eg_filter_refuse(f, r, s->name_fault == EG_NAME_LONG
		    ? "the name of the result has more than 255 bytes"
		    : "its results would have the name of another sensor's; see --name", e);
	if (eg_fixed_parse(r->line + r->value_at, (size_t)(r->len - r->value_at),
	    &value) != EG_NUMBER_OK)
		return eg_filter_refuse(f, r, "the value is above 1000000000000", e);
	if ((fault = time_fault(s, r->ns)) != NULL)
		return eg_filter_refuse(f, r, fault, e);
	if (s->holds && r->ns > s->held.ns && eg_energy_settle(n, f, i, &s->held, e) != 0)
		return -1;
	s->first = s->holds ? s->first : r->ns;
	s->held = (struct eg_point){ r->ns, value };
	s->holds = true;
	return 0;
}

int
eg_energy_end(void *ctx, struct eg_filter *f, struct eg_error *e)
{
	struct eg_energy *n = ctx;

	for (uint32_t i = 0; i < n->names.n; i++) {
		if (!n->sensor[i].holds)
			continue;
		if (eg_energy_settle(n, f, i, &n->sensor[i].held, e) != 0 ||
		    eg_energy_finish(n, f, i, e) != 0)
			return -1;
		eg_energy_tell_undecided(n, i);
	}
	eg_energy_tell_rest(n);
	return 0;
}
