/* SPDX-License-Identifier: MIT */
/* Names of results, and the check that no two sensors have results with the same name. */
#include <string.h>

#include "energy/parts.h"

static const char export[] = "_export", covered[] = "_covered";

enum result { ENERGY, EXPORT, COVERED, RESULTS };

bool
eg_energy_exports(const struct eg_energy *n, const struct eg_energy_sensor *s)
{
	return n->o.sign && eg_energy_quantity(n, s)->shape != EG_SHAPE_REGISTER;
}

/* Whether the sensor has a result of this kind. */
static bool
has(const struct eg_energy *n, const struct eg_energy_sensor *s, enum result kind)
{
	return eg_energy_quantity(n, s)->shape != EG_SHAPE_NONE &&
	    (kind == ENERGY || (kind == COVERED ? n->o.covered : eg_energy_exports(n, s)));
}

/* The text of a result's name before and after the sensor's name. */
struct around {
	const char *before, *behind[2];
	size_t before_len, behind_len[2];
};

static struct around
around(const struct eg_energy *n, enum result kind)
{
	if (kind == COVERED)
		return (struct around){ .behind = { covered, "" }, .behind_len = { sizeof(covered) - 1 } };
	return (struct around){ .before = n->o.name, .before_len = n->prefix,
		.behind = { export, n->o.name + n->prefix + 1 },
		.behind_len = { kind == EXPORT ? sizeof(export) - 1 : 0, n->suffix } };
}

static size_t
length(const struct around *a, size_t name_len)
{
	return a->before_len + name_len + a->behind_len[0] + a->behind_len[1];
}

/* Writes the name of a result; it must fit. Returns its length. */
static size_t
put_name(const struct eg_energy *n, uint32_t i, enum result kind, char out[EG_SENSOR_MAX + 1])
{
	const struct around a = around(n, kind);
	size_t len;
	const char *name = eg_names_text(&n->names, i, &len);
	char *o = out;

	if (a.before_len > 0)
		o = mempcpy(o, a.before, a.before_len);
	o = mempcpy(o, name, len);
	o = mempcpy(o, a.behind[0], a.behind_len[0]);
	o = mempcpy(o, a.behind[1], a.behind_len[1]);
	return (size_t)(o - out);
}

size_t
eg_energy_name(const struct eg_energy *n, uint32_t i, char out[EG_SENSOR_MAX + 1])
{
	return put_name(n, i, ENERGY, out);
}

size_t
eg_energy_export_name(const struct eg_energy *n, uint32_t i, char out[EG_SENSOR_MAX + 1])
{
	return put_name(n, i, EXPORT, out);
}

size_t
eg_energy_covered_name(const struct eg_energy *n, uint32_t i, char out[EG_SENSOR_MAX + 1])
{
	return put_name(n, i, COVERED, out);
}

/* Whether an earlier sensor than i has a result with this name. */
static bool
taken(const struct eg_energy *n, uint32_t i, const char *name, size_t len)
{
	for (enum result kind = ENERGY; kind < RESULTS; kind++) {
		const struct around a = around(n, kind);
		size_t least = length(&a, 0);
		const char *end;
		uint32_t other;

		if (len <= least)
			continue;
		end = name + a.before_len + len - least;
		if ((a.before_len > 0 && memcmp(name, a.before, a.before_len) != 0) ||
		    memcmp(end, a.behind[0], a.behind_len[0]) != 0 ||
		    memcmp(end + a.behind_len[0], a.behind[1], a.behind_len[1]) != 0)
			continue;
		other = eg_names_find(&n->names, name + a.before_len, len - least);
		if (other < i && has(n, &n->sensor[other], kind))
			return true;
	}
	return false;
}

enum eg_name_fault
eg_energy_name_fault(const struct eg_energy *n, uint32_t i)
{
	char name[EG_SENSOR_MAX + 1];
	size_t len;

	(void)eg_names_text(&n->names, i, &len);
	for (enum result kind = ENERGY; kind < RESULTS; kind++) {
		const struct around a = around(n, kind);

		if (!has(n, &n->sensor[i], kind))
			continue;
		if (length(&a, len) > EG_SENSOR_MAX)
			return EG_NAME_LONG;
		if ((n->o.sign || n->o.covered) && taken(n, i, name, put_name(n, i, kind, name)))
			return EG_NAME_TAKEN;
	}
	return EG_NAME_OK;
}
