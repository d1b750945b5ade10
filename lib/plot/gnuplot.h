/* SPDX-License-Identifier: MIT */
/* Pictures by gnuplot(1). */
#ifndef EG_PLOT_GNUPLOT_H
#define EG_PLOT_GNUPLOT_H

#include <stdio.h>

#include "plot/figure.h"
#include "plot/options.h"

struct eg_error;

/* Writes the script that draws *f on gnuplot's standard output, as PNG, or as SVG when the
 * output ends in .svg. Data are in it.
 * Texts of others (sensors, title, unit, zone) are data, too: whatever is in them, gnuplot does
 * not look into them, as long as they hold no newline. */
void eg_gnuplot_script(FILE *out, const struct eg_figure *f, const struct eg_plot_options *o);

/* Runs gnuplot, without the user's own settings, on a script (len bytes). *picture is what it
 * printed, to be freed, *size its bytes. Blocks; a signal (base/stop) kills it, and is
 * EG_TEMPORARY. -1 with EG_CONFIG when there is no gnuplot, EG_BUG when it failed. */
int eg_gnuplot_run(const char *script, size_t len, char **picture, size_t *size, struct eg_error *e);

#endif
