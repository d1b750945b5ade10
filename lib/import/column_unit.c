/* SPDX-License-Identifier: MIT */
/* The units of columns: what their names say, and what --unit or a known export expects. */
#include <stdio.h>
#include <string.h>

#include "import/parts.h"
#include "import/unit.h"

static struct eg_slice
slice_of(const char *text)
{
	return (struct eg_slice){ text, strlen(text) };
}

/* The unit that the values must have: FROM of --unit, or the one of a known export, which ends the
 * sensor's name. NULL: any. */
static const char *
wanted_unit(const struct eg_import *m, const struct eg_import_cell *c)
{
	const struct eg_import_options *o = m->o;

	if (o->unit_from != NULL && (!o->known || c->power != 0))
		return o->unit_from;
	return o->known ? eg_unit_in_head(slice_of(m->suffix[c->value])) : NULL;
}

/* Converts a column to another unit of the same quantity. False: they are of different ones. */
static bool
convert(struct eg_import_cell *c, const char *from, const char *to)
{
	char quantity = 0, other = 0;
	int up = 0, down = 0;

	if (eg_unit_quantity(slice_of(from), &quantity, &up) == NULL ||
	    eg_unit_quantity(slice_of(to), &other, &down) == NULL || quantity != other)
		return false;
	c->power += up - down;
	return true;
}

/* The unit of a column's values: what is wanted, else the one in the column's name, else the one in
 * the name in records. Scaled values have none. */
static const char *
unit_of(const struct eg_import *m, const struct eg_import_cell *c, const char *wanted,
    struct eg_slice head)
{
	const struct eg_import_options *o = m->o;
	const char *suffix = m->suffix[c->value], *unit = wanted;

	if (unit == NULL)
		unit = eg_unit_in_head(head);
	if (unit == NULL && c->power == 0)
		unit = eg_unit_in_head(slice_of(suffix));
	if (unit == NULL && c->power == 0 && o->sensor != NULL && *suffix == '\0')
		unit = eg_unit_in_head(slice_of(o->sensor));
	return unit;
}

bool
eg_import_column_unit(struct eg_import *m, struct eg_import_cell *c, struct eg_slice head,
    char why[EG_IMPORT_WHY])
{
	const char *wanted = wanted_unit(m, c), *has = eg_unit_certain(head);
	char q[EG_QUOTE_MAX];

	m->unit[c->value] = unit_of(m, c, wanted, head);
	m->unit_certain[c->value] = has != NULL || wanted != NULL;
	if (has == NULL || wanted == NULL || has == wanted)
		return true;
	m->unit[c->value] = has;
	if (m->o->known && convert(c, has, wanted))
		return true;
	snprintf(why, EG_IMPORT_WHY, "the column %s is in %s, not in %s",
	    eg_quote(head.s, head.len, q), has, wanted);
	return false;
}
