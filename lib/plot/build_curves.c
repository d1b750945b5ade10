/* SPDX-License-Identifier: MIT */
/* Lines over time, a mean day, a mean week, and the load duration curve. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/diag.h"
#include "plot/build_parts.h"

enum { CURVES_MAX = 16, BANDS_MAX = 2 };

/* A sensor's index in the list, and the value by which it is selected. */
struct rank {
	double mean;
	size_t at;
};

static int
by_mean(const void *a, const void *b)
{
	const struct rank *x = a, *y = b;

	if (x->mean != y->mean)
		return x->mean < y->mean ? 1 : -1;
	return (x->at > y->at) - (x->at < y->at);
}

/* Keeps the sensors with the highest means. *n is their number. */
static int
choose_sensors(const struct eg_build *b, size_t *n, struct eg_error *e)
{
	struct eg_series_list *l = &b->c->list;
	struct rank *rank = calloc(l->n + 1, sizeof(*rank));

	if (rank == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	*n = 0;
	for (size_t i = 0; i < l->n; i++)
		if (l->at[i].drawn)
			rank[(*n)++] = (struct rank){ l->at[i].sum / (double)l->at[i].n, i };
	qsort(rank, *n, sizeof(*rank), by_mean);
	for (size_t i = CURVES_MAX; i < *n; i++)
		l->at[rank[i].at].drawn = false;
	if (*n > CURVES_MAX) {
		eg_warn("%zu sensor%s left out: the %d highest are drawn", *n - CURVES_MAX,
		    *n - CURVES_MAX > 1 ? "s" : "", CURVES_MAX);
		*n = CURVES_MAX;
	}
	free(rank);
	return 0;
}

static int
by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The usual distance of readings: the median over the cells, in the unit of `far`. NAN if memory
 * runs out; 0 if there is only one cell. */
static double
median_step(const struct eg_cells *c,
    double (*far)(const struct eg_cell *a, const struct eg_cell *b))
{
	double *step = calloc(c->used, sizeof(*step)), median;

	if (step == NULL)
		return NAN;
	for (size_t i = 0; i + 1 < c->used; i++)
		step[i] = far(&c->cell[i], &c->cell[i + 1]);
	qsort(step, c->used - 1, sizeof(*step), by_size);
	median = c->used > 1 ? step[(c->used - 1) / 2] : 0;
	free(step);
	return median;
}

static double
far_in_time(const struct eg_cell *a, const struct eg_cell *b)
{
	if (a->n > 1)
		return ((double)a->last - (double)a->first) / (double)(a->n - 1);
	return (double)b->first - (double)a->last;
}

static double
far_in_keys(const struct eg_cell *a, const struct eg_cell *b)
{
	return (double)(b->key - a->key);
}

/* The length of a pause, in nanoseconds or keys, that breaks a sensor's line. */
static double
gap_of(const struct eg_build *b, const struct eg_series *s)
{
	double width, gap;

	if (b->o->kind != EG_PLOT_LINES)
		return fmax(4, 2.5 * median_step(&s->cells, far_in_keys));
	width = (double)eg_widths_ns(b->c->widths); /* a shorter pause is not visible */
	if (b->o->gap_ns > 0)
		return fmax((double)b->o->gap_ns, width);
	gap = 2.5 * median_step(&s->cells, far_in_time);
	return fmax(fmax(900.0 * EG_NS_PER_S, gap), width);
}

/* Seconds from one instant to a later one; their distance in nanoseconds may exceed 63 bits. */
static double
since(int64_t later, int64_t from)
{
	return (double)((uint64_t)later - (uint64_t)from) / EG_NS_PER_S;
}

static void
set_point(const struct eg_build *b, const struct eg_series *s, size_t i, double gap,
    struct eg_point *p)
{
	const struct eg_cell *c = &s->cells.cell[i];
	bool lines = b->o->kind == EG_PLOT_LINES;
	double far = i == 0 ? 0 : lines ? (double)c->first - (double)c[-1].last : far_in_keys(c - 1, c);

	*p = (struct eg_point){ .y = eg_build_value(c, EG_PLOT_MEAN), .low = c->least,
	    .high = c->most };
	if (lines)
		p->x = since(c->first + (c->last - c->first) / 2, b->c->first);
	else
		p->x = ((double)c->key + 0.5) / 4;
	p->apart = i == 0 || far > gap;
}

static void
set_points(const struct eg_build *b, const struct eg_series *s, struct eg_curve *curve)
{
	double gap = gap_of(b, s);

	for (size_t i = 0; i < s->cells.used; i++)
		set_point(b, s, i, gap, &curve->point[i]);
}

/* The values of the slots in decreasing order, each as wide as one slot. */
static void
set_duration(const struct eg_build *b, const struct eg_series *s, struct eg_curve *curve)
{
	size_t n = s->cells.used;
	double *value = calloc(n, sizeof(*value));
	struct eg_span slot = eg_slots_at(b->c->slots, b->c->first);
	double hours = ((double)slot.to - (double)slot.from) / EG_NS_PER_S / 3600;

	curve->points = value != NULL ? n : 0;
	for (size_t i = 0; i < curve->points; i++)
		value[i] = eg_build_value(&s->cells.cell[i], b->fold);
	if (value != NULL)
		qsort(value, n, sizeof(*value), by_size);
	for (size_t i = 0; i < curve->points; i++) {
		double v = value[n - 1 - i];

		curve->point[i] = (struct eg_point){ (double)(i + 1) * hours, v, v, v, i == 0 };
	}
	free(value);
}

static int
set_curve(const struct eg_build *b, struct eg_figure *f, const struct eg_series *s,
    struct eg_error *e)
{
	struct eg_point *point = calloc(s->cells.used + 1, sizeof(*point));
	struct eg_curve *curve = &f->curve[f->curves];

	if (point == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	*curve = (struct eg_curve){ .name = s->label, .point = point, .points = s->cells.used };
	f->curves++;
	if (b->o->kind == EG_PLOT_DURATION)
		set_duration(b, s, curve);
	else
		set_points(b, s, curve);
	return 0;
}

static int
set_curves(const struct eg_build *b, struct eg_figure *f, struct eg_error *e)
{
	for (size_t i = 0; i < b->c->list.n; i++)
		if (b->c->list.at[i].drawn && set_curve(b, f, &b->c->list.at[i], e) != 0)
			return -1;
	return 0;
}

/* Whether points of lines represent several readings. */
static bool
is_merged(const struct eg_build *b)
{
	for (size_t i = 0; b->o->kind == EG_PLOT_LINES && i < b->c->list.n; i++)
		if (b->c->list.at[i].drawn && b->c->list.at[i].n > b->c->list.at[i].cells.used)
			return true;
	return false;
}

/* Whether to show the minimum and maximum of each point's readings; not if there are many
 * curves. */
static bool
shows_band(const struct eg_build *b, const struct eg_figure *f)
{
	if (b->o->kind == EG_PLOT_LINES)
		return is_merged(b) && (b->text || f->curves <= BANDS_MAX);
	return b->o->kind != EG_PLOT_DURATION && f->curves == 1;
}

/* Multiplies the values by a factor, and finds their range. */
static void
scale_curves(struct eg_figure *f, double factor, double *low, double *high)
{
	*low = INFINITY;
	*high = -INFINITY;
	for (size_t i = 0; i < f->curves; i++)
		for (size_t k = 0; k < f->curve[i].points; k++) {
			struct eg_point *p = &f->curve[i].point[k];

			p->y *= factor;
			p->low *= factor;
			p->high *= factor;
			*low = fmin(*low, f->band ? p->low : p->y);
			*high = fmax(*high, f->band ? p->high : p->y);
		}
}

/* The minimum, mean and maximum of each curve for the text beside it: of all readings; for a
 * duration curve, of the slots. */
static void
summarize(const struct eg_build *b, struct eg_curve *curve, const struct eg_series *s,
    double factor)
{
	struct eg_cell all = { 0 };

	for (size_t i = 0; i < s->cells.used; i++) {
		struct eg_cell slot = { .n = 1, .sum = eg_build_value(&s->cells.cell[i], b->fold) };

		slot.least = slot.most = slot.sum;
		eg_cell_join(&all, b->o->kind == EG_PLOT_DURATION ? &slot : &s->cells.cell[i]);
	}
	curve->least = all.least * factor;
	curve->mean = all.sum / (double)all.n * factor;
	curve->most = all.most * factor;
}

static void
summarize_all(const struct eg_build *b, struct eg_figure *f, double factor)
{
	struct eg_curve *curve = f->curve;

	for (size_t i = 0; i < b->c->list.n; i++)
		if (b->c->list.at[i].drawn)
			summarize(b, curve++, &b->c->list.at[i], factor);
}

static void
set_time_axis(const struct eg_build *b, struct eg_figure *f)
{
	struct eg_time_axis t = { .zone = eg_slots_zone(b->c->slots), .from = b->c->first,
		.to = b->c->last, .most = (size_t)b->o->width / (b->text ? 9 : 75) + 2 };
	double room = 0;

	if (t.from == t.to) { /* a single instant: add half an hour on both sides */
		room = 1800;
		t.from -= t.from > INT64_MIN / 2 ? 1800 * EG_NS_PER_S : 0;
		t.to += t.to < INT64_MAX / 2 ? 1800 * EG_NS_PER_S : 0;
	}
	f->x.from = 0 - room;
	f->x.to = ((double)t.to - (double)b->c->first) / EG_NS_PER_S;
	eg_ticks_time(&f->x, &t);
	for (size_t i = 0; i < f->x.ticks; i++)
		f->x.tick[i].at -= ((double)b->c->first - (double)t.from) / EG_NS_PER_S;
	(void)snprintf(f->by, sizeof(f->by), "time, %.100s", b->o->zone);
}

/* Marks for the hours of a day, or the days of a week. */
static void
set_clock_axis(const struct eg_build *b, struct eg_figure *f)
{
	bool week = b->o->kind == EG_PLOT_WEEK;
	int step = week ? 24 : b->text && b->o->width < 60 ? 6 : 3;

	f->x = (struct eg_axis){ .to = week ? 168 : 24 };
	for (int hour = 0; hour <= (week ? 144 : 24); hour += step) {
		struct eg_tick *t = &f->x.tick[f->x.ticks++];

		*t = (struct eg_tick){ .at = hour };
		if (week)
			(void)snprintf(t->label, sizeof(t->label), "%s", eg_weekday_name(hour / 24));
		else
			(void)snprintf(t->label, sizeof(t->label), "%02d:00", hour);
	}
	(void)snprintf(f->by, sizeof(f->by), "%s, %.100s", week ? "time of the week" : "time of day",
	    b->o->zone);
}

static void
set_duration_axis(const struct eg_build *b, struct eg_figure *f)
{
	double most = 0;

	for (size_t i = 0; i < f->curves; i++)
		if (f->curve[i].points > 0)
			most = fmax(most, f->curve[i].point[f->curve[i].points - 1].x);
	eg_ticks_number(&f->x, 0, most, (size_t)b->o->width / (b->text ? 10 : 100) + 1, 1);
	f->x.to = most;
	(void)snprintf(f->by, sizeof(f->by), "hours at or above the value");
}

/* What a point represents, as text; NULL: a reading or the mean of a few readings. */
static const char *
span_text(const struct eg_build *b)
{
	if (b->o->kind == EG_PLOT_DURATION)
		return eg_build_span(b->o->every != NULL ? b->o->every : "1h");
	return is_merged(b) ? eg_widths_name(b->c->widths) : NULL;
}

int
eg_build_curves(const struct eg_build *b, struct eg_figure *f, struct eg_error *e)
{
	size_t n = 0;
	double low, high, factor;

	f->type = EG_FIGURE_CURVES;
	if (choose_sensors(b, &n, e) != 0)
		return -1;
	f->curve = calloc(n + 1, sizeof(*f->curve));
	if (f->curve == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	if (set_curves(b, f, e) != 0)
		return -1;
	f->band = shows_band(b, f);
	scale_curves(f, 1, &low, &high);
	factor = eg_build_unit(b, f, fmax(fabs(low), fabs(high)), span_text(b));
	scale_curves(f, factor, &low, &high);
	summarize_all(b, f, factor);
	if (b->o->kind == EG_PLOT_LINES)
		set_time_axis(b, f);
	else if (b->o->kind == EG_PLOT_DURATION)
		set_duration_axis(b, f);
	else
		set_clock_axis(b, f);
	/* The axis of powers and amounts includes 0. */
	eg_ticks_number(&f->y, low, high, 10, b->sort != EG_UNIT_LEVEL);
	return 0;
}
