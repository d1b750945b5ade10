/* SPDX-License-Identifier: MIT */
/* Bars: one for each slot of the calendar, with a part for each sensor. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/calendar.h"
#include "base/clock.h"
#include "base/diag.h"
#include "plot/build_parts.h"

enum {
	PARTS_MAX = 9,      /* number of parts with colours; the last one is all other sensors
			     * together */
	PARTS_TEXT_MAX = 5, /* the same for text: the number of different marks */
	TEXT_ROWS_MAX = 4000,
	SLOTS_MAX = 200 * 1000, /* largest number of slots before the last year is selected */
};

/* All slots from the first reading to the last one. */
struct slots {
	const char *every;
	struct eg_slots *of;
	int64_t *from;
	size_t n, drawn; /* number of slots; only those from `drawn` on are drawn */
};

static const char *
choose_every(const struct eg_build *b)
{
	double days = ((double)b->c->last - (double)b->c->first) / EG_NS_PER_S / 86400;

	if (b->o->every != NULL)
		return b->o->every;
	if (b->o->last_year)
		return "1mo";
	return days <= 62 ? "1d" : days <= 5 * 366 ? "1mo" : "1y";
}

static int
list_slots(const struct eg_build *b, struct slots *s, struct eg_error *e)
{
	size_t room = 0;

	s->of = eg_slots_open(&(struct eg_slots_options){ .every = s->every, .zone = b->o->zone }, e);
	if (s->of == NULL)
		return -1;
	for (struct eg_span at = eg_slots_at(s->of, b->c->first);; at = eg_slots_at(s->of, at.to)) {
		if (!eg_buf_grow(&s->from, &room, s->n + 1, sizeof(*s->from)))
			return eg_fail(e, EG_BUG, "out of memory");
		s->from[s->n++] = at.from;
		if (at.to > b->c->last || at.to == INT64_MAX)
			return 0;
		if (s->n == SLOTS_MAX)
			return eg_fail(e, EG_REFUSED, "more than %d bars: choose a longer --every", SLOTS_MAX);
	}
}

static int
by_instant(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The index of the slot that holds the instant; s->n if there is none. */
static size_t
slot_at(struct slots *s, int64_t ns)
{
	int64_t from = eg_slots_at(s->of, ns).from;
	const int64_t *found = bsearch(&from, s->from, s->n, sizeof(*s->from), by_instant);

	return found != NULL ? (size_t)(found - s->from) : s->n;
}

/* The instant one year, or 52 weeks, before the slot begins. */
static int64_t
year_before(const struct eg_build *b, const struct slots *s, size_t i)
{
	const struct eg_zone *zone = eg_slots_zone(b->c->slots);
	int64_t at = eg_floor_div(s->from[i], EG_NS_PER_S);
	struct eg_local local = eg_zone_local(zone, at);
	int64_t day = eg_day_number(local.date.year - 1, local.date.month, local.date.day);

	if (strcmp(s->every, "1w") == 0)
		day = local.day - 364;
	if (day < -106000) /* outside the range of 64-bit nanoseconds */
		return INT64_MIN;
	return eg_zone_begin(zone, day * 86400 + local.second) * EG_NS_PER_S;
}

/* Writes a sensor's value for each slot. */
static void
fold_series(struct slots *s, const struct eg_series *from, struct eg_cell *to)
{
	memset(to, 0, s->n * sizeof(*to));
	for (size_t i = 0; i < from->cells.used; i++) {
		size_t at = slot_at(s, from->cells.cell[i].key);

		if (at < s->n)
			eg_cell_join(&to[at], &from->cells.cell[i]);
	}
}

/* A sensor and what it adds to the picture, for sorting by size. */
struct share {
	const struct eg_series *series;
	double size;
	size_t order;
};

static int
by_share(const void *a, const void *b)
{
	const struct share *x = a, *y = b;

	if (x->size != y->size)
		return x->size < y->size ? 1 : -1;
	return (x->order > y->order) - (x->order < y->order);
}

/* Lists the drawn sensors. NULL: out of memory. */
static struct share *
list_shares(const struct eg_build *b, size_t *n)
{
	const struct eg_series_list *l = &b->c->list;
	struct share *s = calloc(l->n, sizeof(*s));

	*n = 0;
	for (size_t i = 0; s != NULL && i < l->n; i++)
		if (l->at[i].drawn) {
			double sum = fabs(l->at[i].sum);

			s[(*n)++] = (struct share){ &l->at[i],
				b->fold == EG_PLOT_SUM ? sum : sum / (double)l->at[i].n, i };
		}
	if (s != NULL)
		qsort(s, *n, sizeof(*s), by_share);
	return s;
}

/* Computes the values of all slots, one column per part, before those to draw are selected. */
static void
set_values(const struct eg_build *b, struct eg_figure *f, struct slots *s,
    const struct share *share, size_t n, struct eg_cell *cell)
{
	for (size_t k = 0; k < n; k++) {
		size_t column = k < f->columns ? k : f->columns - 1;
		double sign = share[k].series->below ? -1 : 1;

		fold_series(s, share[k].series, cell);
		for (size_t i = 0; i < s->n; i++)
			if (cell[i].n > 0)
				eg_build_add(&f->value[i * f->columns + column],
				    sign * eg_build_value(&cell[i], b->fold));
	}
}

static int
name_parts(struct eg_figure *f, const struct share *share, size_t n, struct eg_error *e)
{
	f->part = calloc(f->columns, sizeof(*f->part));
	if (f->part == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	for (size_t k = 0; k < f->columns; k++)
		(void)snprintf(f->part[k], sizeof(*f->part), "%s", share[k].series->label);
	if (n > f->columns)
		(void)snprintf(f->part[f->columns - 1], sizeof(*f->part), "%zu others", n - f->columns + 1);
	return 0;
}

static int
build_parts(const struct eg_build *b, struct eg_figure *f, struct slots *s, struct eg_error *e)
{
	size_t n, most = b->text ? PARTS_TEXT_MAX : PARTS_MAX;
	struct share *share = list_shares(b, &n);
	struct eg_cell *cell = calloc(s->n, sizeof(*cell));
	int rc = -1;

	if (share == NULL || cell == NULL) {
		eg_fail(e, EG_BUG, "out of memory");
	} else {
		f->stacked = n > 1 && b->sort != EG_UNIT_LEVEL;
		if (n > most && !f->stacked) {
			eg_warn("%zu sensor%s left out: the %zu highest are drawn", n - most,
			    n - most > 1 ? "s" : "", most);
			n = most;
		}
		f->rows = s->n;
		f->columns = n < most ? n : most;
		if (eg_build_table(f, e) == 0 && name_parts(f, share, n, e) == 0) {
			set_values(b, f, s, share, n, cell);
			rc = 0;
		}
	}
	free(share);
	free(cell);
	return rc;
}

/* Selects the slots of the last year, and the totals one year before them. */
static int
set_before(const struct eg_build *b, struct eg_figure *f, struct slots *s, struct eg_error *e)
{
	size_t known = 0;

	if (f->columns > 1 && !f->stacked)
		return eg_fail(e, EG_REFUSED,
		    "--last-year: values in %s are not added up: choose one sensor", b->unit);
	s->drawn = slot_at(s, year_before(b, s, s->n - 1));
	s->drawn = s->drawn < s->n ? s->drawn + 1 : 0;
	f->before = calloc(s->n, sizeof(*f->before));
	if (f->before == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	for (size_t i = s->drawn; i < s->n; i++) {
		size_t before = slot_at(s, year_before(b, s, i));

		f->before[i - s->drawn] = before < s->n ? eg_figure_row_total(f, before) : NAN;
		known += before < s->n;
	}
	if (known == 0)
		eg_warn("no readings of the year before");
	f->rows = s->n - s->drawn;
	memmove(f->value, f->value + s->drawn * f->columns, f->rows * f->columns * sizeof(*f->value));
	return 0;
}

/* The range of the bars. In a stack, positive and negative parts are summed separately. */
static void
span_values(const struct eg_figure *f, double *low, double *high)
{
	*low = *high = 0;
	for (size_t i = 0; i < f->rows; i++) {
		double up = 0, down = 0;

		for (size_t k = 0; k < f->columns; k++) {
			double v = f->value[i * f->columns + k];

			if (!f->stacked)
				up = down = 0;
			up += v > 0 ? v : 0;
			down += v < 0 ? v : 0;
			*high = fmax(*high, up);
			*low = fmin(*low, down);
		}
		if (f->before != NULL && !isnan(f->before[i])) {
			*high = fmax(*high, f->before[i]);
			*low = fmin(*low, f->before[i]);
		}
	}
}

static void
scale_bars(struct eg_figure *f, double factor)
{
	for (size_t i = 0; i < f->rows * f->columns; i++)
		f->value[i] *= factor;
	for (size_t i = 0; f->before != NULL && i < f->rows; i++)
		f->before[i] *= factor;
}

/* The label of a slot in text: 2026-11, 2026-11-23 Mon, 2026-11-23 14:00. */
static void
label_row(const struct eg_build *b, const struct slots *s, size_t i, char label[EG_LABEL_SIZE])
{
	int64_t at = eg_floor_div(s->from[i], EG_NS_PER_S);
	struct eg_local l = eg_zone_local(eg_slots_zone(b->c->slots), at);
	int n = snprintf(label, EG_LABEL_SIZE, "%04d", l.date.year);

	if (strcmp(s->every, "1y") != 0)
		n += snprintf(label + n, EG_LABEL_SIZE - (size_t)n, "-%02d", l.date.month);
	if (strcmp(s->every, "1y") != 0 && strcmp(s->every, "1mo") != 0)
		n += snprintf(label + n, EG_LABEL_SIZE - (size_t)n, "-%02d", l.date.day);
	if (strcmp(s->every, "1d") == 0)
		(void)snprintf(label + n, EG_LABEL_SIZE - (size_t)n, " %s", eg_weekday_name(l.weekday));
	else if (s->every[1] != 'w' && s->every[1] != 'y' && strchr(s->every, 'o') == NULL)
		(void)snprintf(label + n, EG_LABEL_SIZE - (size_t)n, " %02d:%02d", l.second / 3600,
		    l.second / 60 % 60);
}

/* Moves the time marks to the bars that contain them. */
static void
set_bar_axis(const struct eg_build *b, struct eg_figure *f, struct slots *s)
{
	struct eg_time_axis t = { .zone = eg_slots_zone(b->c->slots), .from = s->from[s->drawn],
		.to = s->from[s->n - 1], .most = (size_t)b->o->width / 60 + 2 };
	struct eg_span first = eg_slots_at(s->of, t.from);

	t.least_s = (first.to - first.from) / EG_NS_PER_S * 9 / 10; /* a little less than a
								     * month, because of February */
	eg_ticks_time(&f->x, &t);
	for (size_t i = 0; i < f->x.ticks; i++) {
		/* unsigned, since the distance from the first slot may exceed 63 bits */
		size_t at = slot_at(s,
		    (int64_t)((uint64_t)t.from + (uint64_t)(f->x.tick[i].at * EG_NS_PER_S)));

		f->x.tick[i].at = (double)(at - s->drawn);
	}
	f->x.from = -0.6;
	f->x.to = (double)f->rows - 0.4;
	(void)snprintf(f->by, sizeof(f->by), "%s, %.100s", eg_build_span(s->every), b->o->zone);
}

static int
build_bars(const struct eg_build *b, struct eg_figure *f, struct slots *s, struct eg_error *e)
{
	size_t most = b->text ? TEXT_ROWS_MAX : (size_t)b->o->width / 2;
	double low, high, factor;

	if (b->o->last_year && strcmp(s->every, "1y") == 0)
		return eg_fail(e, EG_USAGE, "--last-year needs an --every shorter than a year");
	if (list_slots(b, s, e) != 0 || build_parts(b, f, s, e) != 0 ||
	    (b->o->last_year && set_before(b, f, s, e) != 0))
		return -1;
	if (f->rows > most)
		return eg_fail(e, EG_REFUSED,
		    "%zu bars of %s are too many: choose a longer --every, or --kind lines",
		    f->rows, s->every);
	span_values(f, &low, &high);
	factor = eg_build_unit(b, f, fmax(-low, high), eg_build_span(s->every));
	scale_bars(f, factor);
	eg_ticks_number(&f->y, low * factor, high * factor, 8, 1);
	for (size_t i = 0; i < f->rows; i++)
		label_row(b, s, s->drawn + i, f->label[i]);
	set_bar_axis(b, f, s);
	return 0;
}

int
eg_build_bars(const struct eg_build *b, struct eg_figure *f, struct eg_error *e)
{
	struct slots s = { .every = choose_every(b) };
	int rc;

	f->type = EG_FIGURE_BARS;
	rc = build_bars(b, f, &s, e);
	eg_slots_free(s.of);
	free(s.from);
	return rc;
}
