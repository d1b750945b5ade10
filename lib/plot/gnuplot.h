/* SPDX-License-Identifier: MIT */
/* Draws pictures with gnuplot(1). */
#ifndef EG_PLOT_GNUPLOT_H
#define EG_PLOT_GNUPLOT_H

#include <stdio.h>

#include "plot/figure.h"
#include "plot/options.h"

struct eg_error;

/* Writes a script that makes gnuplot draw *f on its standard output: as SVG if the output ends
 * in .svg, else as PNG. The script contains the data. Texts from outside (sensors, title, unit,
 * zone) are passed as data, too, so gnuplot does not interpret them; they must not contain a
 * newline. */
void eg_gnuplot_script(FILE *out, const struct eg_figure *f, const struct eg_plot_options *o);

/* Runs gnuplot, without the user's settings, on a script of len bytes. Sets *picture to its
 * output, which the caller frees, and *size. Blocks; a signal (base/stop) kills gnuplot, and is
 * EG_TEMPORARY. -1 with EG_CONFIG if gnuplot is not installed, EG_BUG if it failed. */
int eg_gnuplot_run(const char *script, size_t len, char **picture, size_t *size,
    struct eg_error *e);

#endif
