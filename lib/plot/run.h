/* SPDX-License-Identifier: MIT */
/* Draws a picture from records, as eg-plot's options request. */
#ifndef EG_PLOT_RUN_H
#define EG_PLOT_RUN_H

#include <stddef.h>
#include <stdint.h>

#include "plot/options.h"

struct eg_common;
struct eg_error;

/* Draws the records of the files (`-` or no file: standard input) into o->output, or as text on
 * standard output. *refused is the number of refused lines. Blocks. -1 with *e, and no picture;
 * e has no text if the reader of standard output is gone. */
int eg_plot_run(const struct eg_plot_options *o, const char *const file[], size_t files,
    const struct eg_common *common, uint64_t *refused, struct eg_error *e);

#endif
