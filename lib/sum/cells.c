/* SPDX-License-Identifier: MIT */
/* Writes the results of an expression's cells. */
#include "sum/cells.h"

#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/fixed.h"
#include "record/filter.h"

/* A result: above / below, or above / (10^18 n) without a '/'. */
struct result {
	int64_t ns;
	struct eg_wide above, below;
	uint64_t n;
};

struct writer {
	const struct eg_sum_options *o;
	const struct eg_expr *x;
	struct eg_filter *f;
	struct eg_slots *slots;   /* NULL: results keep the input's slots, or there is one for
				   * all */
	struct eg_slots *restart; /* NULL: the running sum never restarts */
	struct eg_slots *days;    /* NULL: no time shift */
	struct result running;
	struct eg_span span;      /* slot of the running sum */
	struct eg_cells_left *left;
};

static int
by_time(const void *a, const void *b)
{
	const struct eg_cell *x = a, *y = b;

	return x->ns < y->ns ? -1 : x->ns > y->ns;
}

static int
by_value(const void *a, const void *b)
{
	const struct eg_cell *x = a, *y = b;

	return eg_wide_compare(x->above, y->above);
}

/* Moves the cells that have all their members to the front, in order of time. Returns their
 * number. */
static size_t
keep_whole(const struct eg_sum_options *o, struct eg_cell *cell, size_t n, uint32_t members)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (cell[i].members > 0 && (o->zero || cell[i].members == members))
			cell[kept++] = cell[i];
	if (kept > 1)
		qsort(cell, kept, sizeof(*cell), by_time);
	return kept;
}

/* Index by nearest rank: the smallest value that percent of all n values do not exceed. */
static size_t
rank(struct eg_wide percent, size_t n)
{
	struct eg_wide share = { 0 }, whole = { 0 }, rest;

	(void)eg_wide_multiply(percent, eg_wide_of((int64_t)n), &share);
	(void)eg_wide_multiply(eg_wide_of(100), eg_wide_of(EG_FIXED_ONE), &whole);
	share = eg_wide_divide(share, whole, &rest);
	return (size_t)share.lo - (eg_wide_sign(rest) == 0);
}

/* The largest cell, the smallest, or the one at the rank; of equal ones the first. */
static const struct eg_cell *
choose_cell(const struct eg_sum_options *o, struct eg_cell *cell, size_t n)
{
	const struct eg_cell *best = cell;

	if (o->what == EG_SUM_RANK) {
		qsort(cell, n, sizeof(*cell), by_value);
		return &cell[rank(o->percent, n)];
	}
	for (size_t i = 1; i < n; i++) {
		int c = eg_wide_compare(cell[i].above, best->above);

		if (o->what == EG_SUM_MAX ? c > 0 : c < 0)
			best = &cell[i];
	}
	return best;
}

static bool
add_amounts(struct result *sum, struct eg_wide above, struct eg_wide below)
{
	return eg_wide_add(&sum->above, above) && eg_wide_add(&sum->below, below);
}

/* Combines the n cells of a slot that begins at ns. False: the result does not fit. */
static bool
combine(const struct eg_sum_options *o, struct eg_cell *cell, size_t n, int64_t ns,
    struct result *r)
{
	const struct eg_cell *chosen;

	*r = (struct result){ .ns = ns, .n = o->what == EG_SUM_MEAN ? n : 1 };
	if (o->what == EG_SUM_TOTAL || o->what == EG_SUM_MEAN) {
		for (size_t i = 0; i < n; i++)
			if (!add_amounts(r, cell[i].above, cell[i].below))
				return false;
		return true;
	}
	chosen = choose_cell(o, cell, n);
	r->above = chosen->above;
	r->ns = o->when ? chosen->ns : ns;
	return true;
}

/* Adds the result to the running sum, and sets the result to that sum. False: it does not fit. */
static bool
run_on(struct writer *w, struct result *r)
{
	if (w->restart != NULL && (r->ns < w->span.from || r->ns >= w->span.to)) {
		w->span = eg_slots_at(w->restart, r->ns);
		w->running = (struct result){ 0 };
	}
	if (!add_amounts(&w->running, r->above, r->below))
		return false;
	r->above = w->running.above;
	r->below = w->running.below;
	return true;
}

/* The value of a result as text; 0: a division by 0, or it does not fit. */
static size_t
result_value(const struct writer *w, const struct result *r, char out[EG_FIXED_SIZE])
{
	struct eg_wide above = r->above, unit = r->below, limit = eg_wide_of(EG_FIXED_ONE);

	for (int i = 0; i < 3; i++) /* 10^36 */
		(void)eg_wide_multiply(limit, eg_wide_of(EG_FIXED_ONE), &limit);
	if (!w->x->quotient) {
		(void)eg_wide_multiply(eg_wide_of(EG_FIXED_ONE), eg_wide_of(EG_FIXED_ONE), &unit);
		(void)eg_wide_multiply(unit, eg_wide_of((int64_t)r->n), &unit);
	}
	if (eg_wide_sign(unit) < 0) {
		above = eg_wide_negative(above);
		unit = eg_wide_negative(unit);
	}
	if (eg_wide_sign(unit) == 0 || eg_wide_compare(unit, limit) > 0)
		return 0;
	return eg_fixed_put(above, unit, w->o->digits, false, out);
}

static int
refuse_name(struct writer *w, struct eg_error *e)
{
	return eg_filter_refuse_line(w->f, 0, w->x->name, w->x->name_len, "a sum of it is too large",
	    e);
}

static int
write_result(struct writer *w, struct result *r, struct eg_error *e)
{
	char value[EG_FIXED_SIZE];
	size_t len;

	if (w->o->running && !run_on(w, r))
		return refuse_name(w, e);
	len = result_value(w, r, value);
	if (len == 0 && eg_wide_sign(r->below) != 0)
		return refuse_name(w, e);
	if (len == 0) {
		w->left->no_quotient++;
		return 0;
	}
	if (w->days != NULL && !eg_shift_apply(&w->o->shift, w->days, &r->ns)) {
		w->left->no_time++;
		return 0;
	}
	return eg_filter_put(w->f, w->x->name, w->x->name_len, r->ns, value, len, e);
}

/* The slot that contains the cell, and possibly later ones. */
static struct eg_span
span_of(const struct writer *w, int64_t ns)
{
	if (w->slots != NULL)
		return eg_slots_at(w->slots, ns);
	return (struct eg_span){ ns, w->o->slots.every != NULL ? INT64_MAX : ns + 1 };
}

static int
write_cells(struct writer *w, struct eg_cell *cell, size_t n, struct eg_error *e)
{
	for (size_t from = 0, to; from < n; from = to) {
		struct eg_span span = span_of(w, cell[from].ns);
		struct result r;
		int rc;

		for (to = from + 1; to < n && cell[to].ns < span.to; to++)
			;
		if (combine(w->o, cell + from, to - from, span.from, &r))
			rc = write_result(w, &r, e);
		else
			rc = refuse_name(w, e);
		if (rc != 0)
			return -1;
	}
	return 0;
}

/* Opens the slots of `every`, if it names slots of the calendar. */
static int
open_slots(const struct eg_sum_options *o, const char *every, struct eg_slots **s,
    struct eg_error *e)
{
	struct eg_slots_options so = o->slots;

	so.every = every;
	*s = every != NULL && strcmp(every, "all") != 0 ? eg_slots_open(&so, e) : NULL;
	return e->status == EG_OK ? 0 : -1;
}

int
eg_cells_write(const struct eg_sum_options *o, const struct eg_expr *x, struct eg_cell *cell,
    size_t n, uint32_t members, struct eg_cells_left *left, struct eg_filter *f,
    struct eg_error *e)
{
	struct writer w = { .o = o, .x = x, .f = f, .left = left };
	bool moves = o->shift.days != 0 || o->shift.months != 0 || o->shift.ns != 0;
	int rc = -1;

	if (open_slots(o, o->slots.every, &w.slots, e) == 0 &&
	    open_slots(o, o->restart, &w.restart, e) == 0 &&
	    open_slots(o, moves ? "1d" : NULL, &w.days, e) == 0)
		rc = write_cells(&w, cell, keep_whole(o, cell, n, members), e);
	eg_slots_free(w.slots);
	eg_slots_free(w.restart);
	eg_slots_free(w.days);
	return rc;
}
