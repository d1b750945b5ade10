/* SPDX-License-Identifier: MIT */
/* Between the files that build figures. */
#ifndef EG_PLOT_BUILD_PARTS_H
#define EG_PLOT_BUILD_PARTS_H

#include "plot/build.h"

/* What the sensors of a picture share. */
struct eg_build {
	struct eg_collection *c;
	const struct eg_plot_options *o;
	const char *unit;
	enum eg_unit_sort sort;
	enum eg_plot_fold fold; /* not EG_PLOT_AUTO */
	bool text;              /* for a terminal */
};

int eg_build_curves(const struct eg_build *b, struct eg_figure *f, struct eg_error *e);
int eg_build_bars(const struct eg_build *b, struct eg_figure *f, struct eg_error *e);
int eg_build_grid(const struct eg_build *b, struct eg_figure *f, struct eg_error *e);

/* A cell's readings as one value. */
double eg_build_value(const struct eg_cell *cell, enum eg_plot_fold fold);

/* Adds a sensor's value to a total, which is NAN while nothing is in it. */
void eg_build_add(double *total, double value);

/* Chooses f->unit for values up to most (>= 0); returns what they are multiplied by. Writes
 * f->what: the unit, and a span in words ("a day"; NULL: none) with what was done. */
double eg_build_unit(const struct eg_build *b, struct eg_figure *f, double most, const char *span);

/* A slot in words: "1d" is "day". */
const char *eg_build_span(const char *every);

/* Arrays of f->rows and f->columns: value (all NAN) and label. */
int eg_build_table(struct eg_figure *f, struct eg_error *e);

#endif
