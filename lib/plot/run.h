/* SPDX-License-Identifier: MIT */
/* Records to a picture: what eg-plot does with its options. */
#ifndef EG_PLOT_RUN_H
#define EG_PLOT_RUN_H

#include <stddef.h>
#include <stdint.h>

#include "plot/options.h"

struct eg_common;
struct eg_error;

/* Draws the records of the files (none, or `-`: standard input) into o->output, or as text on
 * standard output. *refused: how many lines were refused. Blocks. -1 with *e, and no picture; an empty text where standard output was closed. */
int eg_plot_run(const struct eg_plot_options *o, const char *const file[], size_t files,
    const struct eg_common *common, uint64_t *refused, struct eg_error *e);

#endif
