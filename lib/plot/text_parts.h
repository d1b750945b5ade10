/* SPDX-License-Identifier: MIT */
/* Shared by the files that draw text. */
#ifndef EG_PLOT_TEXT_PARTS_H
#define EG_PLOT_TEXT_PARTS_H

#include "plot/text.h"

int eg_text_curves(FILE *out, const struct eg_figure *f, int width, int height, struct eg_error *e);
int eg_text_bars(FILE *out, const struct eg_figure *f, int width, struct eg_error *e);
int eg_text_grid(FILE *out, const struct eg_figure *f, int width, struct eg_error *e);

/* Writes a label (ASCII) into a row of `room` characters, beginning at `at`, or earlier so that
 * it fits. Does nothing if it would touch another label. */
void eg_text_place(char *row, int room, int at, const char *label);

/* Writes a row of ASCII characters without blanks at its end, and a newline. */
void eg_text_row(FILE *out, const char *row);

#endif
