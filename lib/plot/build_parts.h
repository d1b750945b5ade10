/* SPDX-License-Identifier: MIT */
/* Shared by the files that build figures. */
#ifndef EG_PLOT_BUILD_PARTS_H
#define EG_PLOT_BUILD_PARTS_H

#include "plot/build.h"

/* Properties that all sensors of a picture share. */
struct eg_build {
	struct eg_collection *c;
	const struct eg_plot_options *o;
	const char *unit;
	enum eg_unit_sort sort;
	enum eg_plot_fold fold; /* never EG_PLOT_AUTO */
	bool text;              /* the picture is text for a terminal */
};

int eg_build_curves(const struct eg_build *b, struct eg_figure *f, struct eg_error *e);
int eg_build_bars(const struct eg_build *b, struct eg_figure *f, struct eg_error *e);
int eg_build_grid(const struct eg_build *b, struct eg_figure *f, struct eg_error *e);

/* The value of a cell: its readings, combined as fold says. */
double eg_build_value(const struct eg_cell *cell, enum eg_plot_fold fold);

/* Adds a sensor's value to a total. A total of NAN has no values yet. */
void eg_build_add(double *total, double value);

/* Chooses f->unit for values up to most (>= 0). Returns the factor for values. Writes f->what:
 * the unit, and how readings were combined over span (such as "a day"; NULL: not at all). */
double eg_build_unit(const struct eg_build *b, struct eg_figure *f, double most, const char *span);

/* The name of a slot: "day" for "1d". */
const char *eg_build_span(const char *every);

/* Allocates arrays for f->rows and f->columns: value (all NAN) and label. */
int eg_build_table(struct eg_figure *f, struct eg_error *e);

#endif
