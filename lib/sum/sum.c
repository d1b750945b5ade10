/* SPDX-License-Identifier: MIT */
/* The work of eg-sum: combines slots of several sensors into one. */
#include "sum/sum.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/fixed.h"
#include "record/filter.h"
#include "record/names.h"
#include "sum/cells.h"

/* A sensor as a member of an expression. */
struct link {
	uint32_t expr;
	struct eg_wide above, below; /* its factors, in units of 10^-9 */
};

struct sensor {
	int64_t ns;           /* time of its last record */
	struct eg_wide value; /* value of that record */
	bool any;
	uint32_t link, links; /* its part of the list of links: index and length */
};

struct sum {
	const struct eg_sum_options *o;
	struct eg_names names; /* sensors, by name */
	struct sensor *sensor;
	size_t sensors;
	struct link *link;
	size_t links, link_room;
	struct eg_names slots; /* instants, each by its 8 bytes */
	struct eg_cell *cell;  /* slot i, expression k is at i * exprs + k */
	size_t cells;
	uint32_t members[EG_SUM_EXPRS];
};

/* Whether the sensor is a result of this run. The input may hold such records from an earlier run;
 * they are ignored, so that repeated runs give the same results. */
static bool
is_result(const struct sum *s, const char *name, size_t len)
{
	for (size_t i = 0; i < s->o->exprs; i++)
		if (s->o->expr[i].name_len == len && memcmp(s->o->expr[i].name, name, len) == 0)
			return true;
	return false;
}

/* Finds the expressions of which a new sensor is a member. */
static int
link_sensor(struct sum *s, struct sensor *new, const char *name, size_t len, struct eg_error *e)
{
	*new = (struct sensor){ .link = (uint32_t)s->links };
	for (size_t i = 0; i < s->o->exprs && !is_result(s, name, len); i++) {
		struct link l = { .expr = (uint32_t)i };
		bool fits;

		if (eg_expr_match(&s->o->expr[i], name, len, &l.above, &l.below, &fits) == 0)
			continue;
		if (!fits)
			return eg_fail(e, EG_USAGE, "%s: the factors are too large", s->o->expr[i].name);
		if (!eg_buf_grow(&s->link, &s->link_room, s->links + 1, sizeof(l)))
			return eg_fail(e, EG_BUG, "out of memory");
		s->link[s->links++] = l;
		s->members[i]++;
		new->links++;
	}
	return 0;
}

/* The state of the record's sensor, new if necessary; NULL with *e. */
static struct sensor *
sensor_of(struct sum *s, const struct eg_record *r, struct eg_error *e)
{
	uint32_t known = s->names.n, i = eg_names_add(&s->names, r->line, r->sensor_len);

	if (i == EG_NAMES_NONE || !eg_buf_grow(&s->sensor, &s->sensors, i + 1u, sizeof(*s->sensor))) {
		eg_fail(e, EG_BUG, "out of memory");
		return NULL;
	}
	if (i == known && link_sensor(s, &s->sensor[i], r->line, r->sensor_len, e) != 0)
		return NULL;
	return &s->sensor[i];
}

/* The cells of an instant, one for each expression; NULL: out of memory. */
static struct eg_cell *
cells_at(struct sum *s, int64_t ns)
{
	uint32_t known = s->slots.n, i = eg_names_add(&s->slots, (const char *)&ns, sizeof(ns));
	size_t k = s->o->exprs;
	struct eg_cell *c;

	if (i == EG_NAMES_NONE || !eg_buf_grow(&s->cell, &s->cells, (i + 1u) * k, sizeof(*s->cell)))
		return NULL;
	c = &s->cell[i * k];
	for (size_t n = 0; i == known && n < k; n++)
		c[n] = (struct eg_cell){ .ns = ns };
	return c;
}

/* Adds value times factor. */
static bool
add_product(struct eg_wide *sum, struct eg_wide value, struct eg_wide factor)
{
	struct eg_wide product = { 0 };

	return eg_wide_multiply(value, factor, &product) && eg_wide_add(sum, product);
}

/* Adds value to the cells of the sensor's links. It counts as one more member if the sensor has no
 * value in that slot yet. False, without a change: a sum does not fit. */
static bool
add_value(const struct sum *s, const struct sensor *m, struct eg_cell *cell, struct eg_wide value,
    bool more)
{
	struct eg_cell was[EG_SUM_EXPRS];

	memcpy(was, cell, s->o->exprs * sizeof(*cell));
	for (uint32_t i = 0; i < m->links; i++) {
		const struct link *l = &s->link[m->link + i];
		struct eg_cell *c = &cell[l->expr];

		c->members += more;
		if (!add_product(&c->above, value, l->above) || !add_product(&c->below, value, l->below)) {
			memcpy(cell, was, s->o->exprs * sizeof(*cell));
			return false;
		}
	}
	return true;
}

static int
take(void *ctx, struct eg_filter *f, const struct eg_record *r, struct eg_error *e)
{
	struct sum *s = ctx;
	struct sensor *m = sensor_of(s, r, e);
	struct eg_wide value, change;
	struct eg_cell *cell;
	bool again;

	if (m == NULL)
		return -1;
	if (m->links == 0)
		return 0;
	if (eg_fixed_parse(r->line + r->value_at, r->len - (size_t)r->value_at, &value) != EG_NUMBER_OK)
		return eg_filter_refuse(f, r, "the value is above 10^12", e);
	if (m->any && r->ns < m->ns)
		return eg_filter_refuse(f, r, "it is older than the one before it of the same sensor", e);
	if ((cell = cells_at(s, r->ns)) == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	again = m->any && r->ns == m->ns;
	change = value;
	if (again)
		(void)eg_wide_subtract(&change, m->value);
	if (!add_value(s, m, cell, change, !again))
		return eg_filter_refuse(f, r, "the sum is too large", e);
	m->ns = r->ns;
	m->value = value;
	m->any = true;
	return 0;
}

/* Whether any sensor of the input matches the term. */
static bool
is_matched(const struct sum *s, struct eg_term *term)
{
	struct eg_expr one = { .term = term, .n = 1 };
	struct eg_wide above, below;
	bool fits;

	for (uint32_t i = 0; i < s->names.n; i++) {
		size_t len;
		const char *name = eg_names_text(&s->names, i, &len);

		if (!is_result(s, name, len) && eg_expr_match(&one, name, len, &above, &below, &fits) > 0)
			return true;
	}
	return false;
}

/* Whether all terms have a sensor. Warns of those that have none: a mistake, or a sensor without
 * data. */
static bool
all_matched(const struct sum *s, const struct eg_expr *x)
{
	bool all = true;

	for (size_t i = 0; i < x->n; i++) {
		if (is_matched(s, &x->term[i]))
			continue;
		eg_warn("%s: no record of '%s' came", x->name, x->term[i].pattern);
		all = false;
	}
	return all;
}

static int
end(void *ctx, struct eg_filter *f, struct eg_error *e)
{
	struct sum *s = ctx;
	size_t k = s->o->exprs, n = s->slots.n;
	struct eg_cell *column = malloc((n + 1) * sizeof(*column));
	struct eg_cells_left left = { 0 };
	int rc = 0;

	if (column == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	for (size_t i = 0; i < k && rc == 0; i++) {
		if (!all_matched(s, &s->o->expr[i]) && !s->o->zero)
			continue;
		for (size_t slot = 0; slot < n; slot++)
			column[slot] = s->cell[slot * k + i];
		rc = eg_cells_write(s->o, &s->o->expr[i], column, n, s->members[i], &left, f, e);
	}
	if (left.no_quotient > 0)
		eg_info("%llu results left out: a division by 0", (unsigned long long)left.no_quotient);
	if (left.no_time > 0)
		eg_warn("%llu results left out: --shift leads to no such day or time",
		    (unsigned long long)left.no_time);
	free(column);
	return rc;
}

int
eg_sum_run(const struct eg_sum_options *o, const struct eg_common *common, struct eg_error *e)
{
	struct sum s = { .o = o };
	struct eg_filter_work w = { .take = take, .end = end, .ctx = &s };
	int rc = eg_filter_run(&w, common, e);

	eg_names_close(&s.names);
	eg_names_close(&s.slots);
	free(s.sensor);
	free(s.link);
	free(s.cell);
	return rc;
}
