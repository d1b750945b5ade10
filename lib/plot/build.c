/* SPDX-License-Identifier: MIT */
#include "plot/build.h"

#include <stdio.h>
#include <string.h>

#include "base/diag.h"
#include "plot/build_parts.h"

/* Whether the sensor is a cumulative register, of which only a line is meaningful. */
static bool
is_register(enum eg_kind kind)
{
	static const enum eg_kind registers[] = { EG_KIND_WH, EG_KIND_KWH, EG_KIND_PULSE, EG_KIND_M3,
	    EG_KIND_GJ, EG_KIND_VARH, EG_KIND_KVARH };

	for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++)
		if (registers[i] == kind)
			return true;
	return false;
}

/* Whether eg-energy has made this sensor from another one. Its name may match that one's
 * pattern. */
static bool
is_energy(const struct eg_series *s)
{
	size_t len = strlen(s->name);

	return len > 4 && strcmp(s->name + len - 4, "_kwh") == 0;
}

/* Sets the sensor's unit: from the options, the file of meters, its name, or W. Returns false if
 * it is a register that this picture cannot show. */
static bool
set_unit(const struct eg_build *b, struct eg_series *s)
{
	const struct eg_meter *m = b->c->meters != NULL
	    ? eg_meters_find(b->c->meters, s->name, strlen(s->name)) : NULL;
	const char *unit = b->o->unit;

	if (m != NULL && is_register(m->kind) && b->o->kind != EG_PLOT_LINES && !is_energy(s))
		return false;
	if (unit == NULL && m != NULL && !is_energy(s) && m->kind != EG_KIND_NONE)
		unit = eg_kind_unit(m->kind);
	if (unit == NULL)
		unit = eg_unit_of_name(s->name, strlen(s->name));
	s->unit = unit != NULL ? unit : "W";
	s->below = m != NULL && m->role == EG_ROLE_GRID_EXPORT;
	return true;
}

/* Keeps the sensors with the unit of the first one, since an axis has one unit. */
static int
choose_unit(struct eg_build *b, struct eg_error *e)
{
	struct eg_series_list *l = &b->c->list;
	size_t left = 0, registers = 0;
	const char *other = NULL, *counter = NULL;

	for (size_t i = 0; i < l->n; i++) {
		struct eg_series *s = &l->at[i];

		if (s->drawn && !set_unit(b, s)) {
			s->drawn = false;
			registers++;
			counter = counter != NULL ? counter : s->name;
		} else if (s->drawn) {
			b->unit = b->unit != NULL ? b->unit : s->unit;
			s->drawn = strcmp(s->unit, b->unit) == 0;
			left += !s->drawn;
			other = s->drawn || other != NULL ? other : s->name;
		}
	}
	if (registers > 0)
		eg_warn("%zu register%s left out, as '%s': draw what eg-energy makes of %s", registers,
		    registers > 1 ? "s" : "", counter, registers > 1 ? "them" : "it");
	if (left > 0)
		eg_warn("%zu sensor%s not in %s left out, as '%s'; choose with --sensor", left,
		    left > 1 ? "s" : "", b->unit, other);
	if (b->unit == NULL)
		return eg_fail(e, EG_REFUSED, "no record to draw");
	b->sort = eg_unit_sort(b->unit);
	return 0;
}

/* Labels a sensor with its name in the file of meters, unless another sensor has the same. */
static void
set_labels(const struct eg_build *b)
{
	struct eg_series_list *l = &b->c->list;

	for (size_t i = 0; b->c->meters != NULL && i < l->n; i++) {
		const struct eg_meter *m = eg_meters_find(b->c->meters, l->at[i].name,
		    strlen(l->at[i].name));

		l->at[i].label = m != NULL && *m->name != '\0' ? m->name : l->at[i].name;
	}
	for (size_t i = 0; b->c->meters != NULL && i < l->n; i++)
		for (size_t k = 0; k < l->n; k++)
			if (i != k && l->at[i].drawn && l->at[k].drawn && l->at[i].label != l->at[i].name &&
			    strcmp(l->at[i].label, l->at[k].label) == 0) {
				l->at[i].label = l->at[i].name;
				l->at[k].label = l->at[k].name;
			}
}

static enum eg_plot_fold
choose_fold(const struct eg_build *b)
{
	if (b->o->fold != EG_PLOT_AUTO)
		return b->o->fold;
	if (b->o->kind == EG_PLOT_LINES || b->o->kind == EG_PLOT_DAY || b->o->kind == EG_PLOT_WEEK)
		return EG_PLOT_MEAN;
	return b->sort == EG_UNIT_AMOUNT ? EG_PLOT_SUM : EG_PLOT_MEAN;
}

static bool
is_text(const struct eg_plot_options *o)
{
	return o->output == NULL;
}

static int
build_kind(const struct eg_build *b, struct eg_figure *f, struct eg_error *e)
{
	switch (b->o->kind) {
	case EG_PLOT_BARS:
		return eg_build_bars(b, f, e);
	case EG_PLOT_CALENDAR:
	case EG_PLOT_HEAT:
		return eg_build_grid(b, f, e);
	case EG_PLOT_LINES:
	case EG_PLOT_DAY:
	case EG_PLOT_WEEK:
	case EG_PLOT_DURATION:
		break;
	}
	return eg_build_curves(b, f, e);
}

/* The heading of text. Bars and days of months need no name of the x axis. */
static void
set_caption(const struct eg_build *b, struct eg_figure *f)
{
	bool plain = b->o->kind == EG_PLOT_BARS || b->o->kind == EG_PLOT_CALENDAR;
	const char *and = plain ? ", " : f->type == EG_FIGURE_GRID ? "; "
	    : strchr(f->what, ',') != NULL ? ", by " : " by ";

	(void)snprintf(f->caption, sizeof(f->caption), "%s%s%s", f->what, and,
	    plain ? b->o->zone : f->by);
}

int
eg_figure_build(struct eg_collection *c, struct eg_figure *f, struct eg_error *e)
{
	struct eg_build b = { .c = c, .o = c->o, .text = is_text(c->o) };

	*f = (struct eg_figure){ .title = c->o->title };
	if (c->first > c->last)
		return eg_fail(e, EG_REFUSED, "no record%s to draw",
		    c->o->sensors > 0 ? " of that sensor" : "");
	if (choose_unit(&b, e) != 0)
		return -1;
	set_labels(&b);
	b.fold = choose_fold(&b);
	for (size_t i = 0; i < c->list.n; i++)
		eg_cells_sort(&c->list.at[i].cells);
	if (build_kind(&b, f, e) != 0)
		return -1;
	set_caption(&b, f);
	return 0;
}
