/* SPDX-License-Identifier: MIT */
/* Builds a figure from cells. */
#ifndef EG_PLOT_BUILD_H
#define EG_PLOT_BUILD_H

#include "plot/collect.h"
#include "plot/figure.h"

struct eg_error;

/* Builds the figure that c->o requests from the collected cells. Sorts the cells and chooses the
 * sensors: those with one unit and, for curves, the 16 with the highest means. Warns about the
 * others. The collection owns the names in *f. -1 with EG_REFUSED if there is nothing to draw,
 * or too much. */
int eg_figure_build(struct eg_collection *c, struct eg_figure *f, struct eg_error *e);

#endif
