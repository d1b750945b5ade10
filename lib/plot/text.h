/* SPDX-License-Identifier: MIT */
/* Draws pictures as UTF-8 text for a terminal. */
#ifndef EG_PLOT_TEXT_H
#define EG_PLOT_TEXT_H

#include <stdio.h>

#include "plot/figure.h"

struct eg_error;

/* Draws *f with at most `width` characters (at least 20; names may be shortened). Curves take
 * about `height` rows; 0: a default. No line ends with a blank. -1 with EG_BUG if memory runs
 * out. */
int eg_text_draw(FILE *out, const struct eg_figure *f, int width, int height, struct eg_error *e);

#endif
