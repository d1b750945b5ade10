/* SPDX-License-Identifier: MIT */
/* Pictures in the characters of a terminal, in UTF-8. */
#ifndef EG_PLOT_TEXT_H
#define EG_PLOT_TEXT_H

#include <stdio.h>

#include "plot/figure.h"

struct eg_error;

/* Draws *f, `width` characters wide at most (from 20 on; names may be cut), and about `height`
 * rows high where it is made of curves (0: as is fit). No line ends in a blank. -1 with EG_BUG:
 * out of memory. */
int eg_text_draw(FILE *out, const struct eg_figure *f, int width, int height, struct eg_error *e);

#endif
