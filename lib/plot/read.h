/* SPDX-License-Identifier: MIT */
/* Reads records from files, for a program that keeps none of them. */
#ifndef EG_PLOT_READ_H
#define EG_PLOT_READ_H

#include <stddef.h>

#include "base/metrics.h"
#include "base/rejects.h"
#include "record/record.h"

struct eg_error;

/* Takes a record. Returns NULL, or why it is refused, as eg_fault_text. -1 in *rc with *e: give
 * up. The record lives as long as the call. */
typedef const char *eg_plot_taker(void *ctx, const struct eg_record *r, int *rc, struct eg_error *e);

/* Reads the files in turn (`-`: standard input; none: that alone), and calls take with each
 * record. What is no record goes to *rejects; m counts: both are open. Blocks; a signal (base/stop is
 * installed) ends it with EG_TEMPORARY. -1 with EG_LOCAL_IO when a file cannot be read; all
 * files are looked at before the first is read. */
int eg_plot_read(const char *const file[], size_t files, struct eg_rejects *rejects,
    struct eg_metrics *m, eg_plot_taker *take, void *ctx, struct eg_error *e);

#endif
