/* SPDX-License-Identifier: MIT */
#include "influx/forms.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"

enum { WORD_MAX = 32 };

struct constants {
	const char *measurement, *const *tags;
	size_t n;
};

/* Fills *p for the constant tags and the tags of a kind and a role. */
static int
init(struct eg_lineprotocol *p, const struct constants *c, const char *role, const char *unit,
    struct eg_error *e)
{
	const char *all[EG_LINEPROTOCOL_TAGS];
	char text[2][WORD_MAX];
	size_t n = c->n;

	memcpy(all, c->tags, n * sizeof(*all));
	if (*role != '\0') {
		snprintf(text[0], WORD_MAX, "role=%s", role);
		all[n++] = text[0];
	}
	if (*unit != '\0') {
		snprintf(text[1], WORD_MAX, "unit=%s", unit);
		all[n++] = text[1];
	}
	return eg_lineprotocol_init(p, c->measurement, all, n, e);
}

/* The tag unit. Amounts since the value before have the name of their kind, inc-kWh: kWh would
 * not tell them from the register of a meter. */
static const char *
unit_of(enum eg_kind k)
{
	return strncmp(eg_kind_name(k), "inc-", 4) == 0 ? eg_kind_name(k) : eg_kind_unit(k);
}

static int
add_form(struct eg_forms *f, const struct constants *c, const struct eg_meter *m,
    struct eg_error *e)
{
	struct eg_lineprotocol *p = malloc(sizeof(*p));

	if (p == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	f->of[m->kind][m->role] = p;
	return init(p, c, m->role == EG_ROLE_NONE ? "" : eg_role_name(m->role),
	    unit_of(m->kind), e);
}

int
eg_forms_open(struct eg_forms *f, const char *measurement, const char *const *tags, size_t n,
    struct eg_meters *meters, struct eg_error *e)
{
	const struct constants c = { measurement, tags, n };
	const struct eg_meter *list;
	size_t meters_n;

	*f = (struct eg_forms){ .meters = meters };
	if (n + 2 > EG_LINEPROTOCOL_TAGS)
		return eg_fail(e, EG_USAGE, "--tag: more than %d", EG_LINEPROTOCOL_TAGS - 2);
	/* Initialises a form with both tags. So a constant tag with the key role or unit is
	 * always refused, whatever the file of meters contains. */
	if (meters != NULL && init(&f->plain, &c, "x", "x", e) != 0)
		return -1;
	if (init(&f->plain, &c, "", "", e) != 0)
		return -1;
	if (meters == NULL)
		return 0;
	list = eg_meters_list(meters, &meters_n);
	for (size_t i = 0; i < meters_n; i++)
		if (f->of[list[i].kind][list[i].role] == NULL && add_form(f, &c, &list[i], e) != 0) {
			eg_forms_close(f);
			return -1;
		}
	return 0;
}

void
eg_forms_close(struct eg_forms *f)
{
	for (size_t k = 0; k < EG_KINDS; k++)
		for (size_t r = 0; r < EG_ROLES; r++)
			free(f->of[k][r]);
	*f = (struct eg_forms){ .meters = NULL };
}
