/* SPDX-License-Identifier: MIT */
#include "plot/collect.h"

#include <fnmatch.h>
#include <math.h>
#include <string.h>

#include "base/calendar.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/number.h"

/* Limits. A cell takes 56 bytes, and the table is between 3/8 and 3/4 full. */
enum { CELLS_MAX = 3 * 1024 * 1024, LINE_CELLS_MAX = 1024 * 1024 };

#define MINUTE (60 * EG_NS_PER_S)
#define LARGEST 1e30

/* The slots of the cells. Slots longer than a day are made from days later. */
static const char *
cell_slots(const struct eg_plot_options *o)
{
	if (o->kind == EG_PLOT_DURATION)
		return o->every != NULL ? o->every : "1h";
	if (o->kind != EG_PLOT_BARS || o->every == NULL || strcmp(o->every, "1w") == 0 ||
	    strcmp(o->every, "1mo") == 0 || strcmp(o->every, "1y") == 0)
		return "1d";
	return o->every;
}

int
eg_collection_open(struct eg_collection *c, const struct eg_plot_options *o, struct eg_error *e)
{
	*c = (struct eg_collection){ .o = o, .first = INT64_MAX, .last = INT64_MIN };
	if (o->meters != NULL && (c->meters = eg_meters_read(o->meters, e)) == NULL)
		return -1;
	c->slots = eg_slots_open(&(struct eg_slots_options){ .every = cell_slots(o), .zone = o->zone },
	    e);
	if (c->slots != NULL && o->kind == EG_PLOT_LINES)
		c->widths = eg_widths_open(o->zone, (int64_t)o->width * (o->output == NULL ? 2 : 1), e);
	return c->slots != NULL && (o->kind != EG_PLOT_LINES || c->widths != NULL) ? 0 : -1;
}

void
eg_collection_free(struct eg_collection *c)
{
	eg_widths_free(c->widths);
	eg_slots_free(c->slots);
	eg_meters_free(c->meters);
	eg_series_free(&c->list);
	eg_seen_free(&c->seen);
}

static bool
is_wanted(const struct eg_plot_options *o, const char *name)
{
	for (size_t i = 0; i < o->sensors; i++)
		if (strcmp(o->sensor[i], name) == 0 || fnmatch(o->sensor[i], name, 0) == 0)
			return true;
	return o->sensors == 0;
}

/* Sets c->slot to the instant's slot and finds its key. Within a minute the offset of no zone
 * has changed since 1972, so all of c->slot has one key. */
static void
find_key(struct eg_collection *c, int64_t ns)
{
	int64_t minute = eg_floor_div(ns, MINUTE);
	struct eg_local local;

	if (c->o->kind == EG_PLOT_BARS || c->o->kind == EG_PLOT_CALENDAR ||
	    c->o->kind == EG_PLOT_DURATION) {
		c->slot = eg_slots_at(c->slots, ns);
		c->key = c->slot.from;
		return;
	}
	local = eg_zone_local(eg_slots_zone(c->slots), minute * 60);
	c->slot.from = minute > INT64_MIN / MINUTE ? minute * MINUTE : INT64_MIN;
	c->slot.to = minute < INT64_MAX / MINUTE ? (minute + 1) * MINUTE : INT64_MAX;
	if (c->o->kind == EG_PLOT_HEAT)
		c->key = local.day * 24 + local.second / 3600;
	else
		c->key = local.second / 900 + (c->o->kind == EG_PLOT_WEEK ? local.weekday * 96 : 0);
}

/* The key of the cell of an instant. */
static int64_t
key_at(struct eg_collection *c, int64_t ns)
{
	if (c->widths != NULL)
		return eg_widths_key(c->widths, ns);
	if (ns < c->slot.from || ns >= c->slot.to)
		find_key(c, ns);
	return c->key;
}

/* Widens the cells of lines until the picture can show all of them. The final width depends on
 * the span of time and the readings, not on their order. */
static int
widen(struct eg_collection *c, struct eg_error *e)
{
	int rc = 0;

	while ((eg_widths_many(c->widths, c->first, c->last) || c->cells > LINE_CELLS_MAX) &&
	    eg_widths_next(c->widths, &rc, e)) {
		c->cells = 0;
		for (size_t i = 0; i < c->list.n; i++) {
			if (!eg_cells_widen(&c->list.at[i].cells, eg_widths_key, c->widths))
				return eg_fail(e, EG_BUG, "out of memory");
			c->cells += c->list.at[i].cells.used;
		}
	}
	return rc;
}

static int
add_reading(struct eg_collection *c, struct eg_series *s, int64_t ns, double value,
    struct eg_error *e)
{
	double before = value;
	bool again = eg_seen_swap(&c->seen, (uint32_t)(s - c->list.at), ns, &before);
	size_t used;

	if (again && before == value)
		return 0;
	c->replaced |= again;
	c->first = ns < c->first ? ns : c->first;
	c->last = ns > c->last ? ns : c->last;
	s->n += !again;
	s->sum += again ? value - before : value;
	if (c->widths != NULL && widen(c, e) != 0)
		return -1;
	used = s->cells.used;
	if (!eg_cells_add(&s->cells, key_at(c, ns), ns, value))
		return eg_fail(e, EG_BUG, "out of memory");
	if (again)
		eg_cells_replace(&s->cells, before);
	c->cells += s->cells.used - used;
	if (c->widths == NULL && c->cells > CELLS_MAX)
		return eg_fail(e, EG_REFUSED,
		    "more than %d values to draw: choose fewer sensors, a shorter "
		    "time or a longer --every", CELLS_MAX);
	return 0;
}

const char *
eg_collect(void *ctx, const struct eg_record *r, int *rc, struct eg_error *e)
{
	struct eg_collection *c = ctx;
	double value = eg_decimal_value(r->line + r->value_at, (size_t)r->len - r->value_at);
	struct eg_series *s;
	bool is_new;

	if (fabs(value) > LARGEST)
		return "a value too large to draw";
	s = eg_series_get(&c->list, r->line, r->sensor_len, &is_new);
	if (s == NULL) {
		*rc = eg_fail(e, EG_BUG, "out of memory");
		return NULL;
	}
	if (is_new)
		s->drawn = is_wanted(c->o, s->name);
	if (s->drawn)
		*rc = add_reading(c, s, r->ns, value, e);
	return NULL;
}

void
eg_collection_end(struct eg_collection *c)
{
	uint64_t readings = 0;
	uint32_t sensor;
	size_t at = 0;
	int64_t ns;
	double value;

	for (size_t i = 0; i < c->list.n; i++)
		readings += c->list.at[i].n;
	if (!c->replaced || readings != c->seen.used)
		return;
	for (size_t i = 0; i < c->list.n; i++)
		eg_cells_forget_range(&c->list.at[i].cells);
	while (eg_seen_next(&c->seen, &at, &sensor, &ns, &value))
		eg_cells_take_range(&c->list.at[sensor].cells, key_at(c, ns), value);
}
