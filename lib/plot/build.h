/* SPDX-License-Identifier: MIT */
/* Cells to figures. */
#ifndef EG_PLOT_BUILD_H
#define EG_PLOT_BUILD_H

#include "plot/collect.h"
#include "plot/figure.h"

struct eg_error;

/* Builds the figure that c->o asks for from what was collected. Sorts the cells, and chooses
 * the sensors: those of one unit, and of curves the 16 with the highest means; it warns of
 * those that it leaves out. The names in *f are the collection's. -1 with EG_REFUSED when
 * there is nothing to draw, or too much. */
int eg_figure_build(struct eg_collection *c, struct eg_figure *f, struct eg_error *e);

#endif
