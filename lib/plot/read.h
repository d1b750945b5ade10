/* SPDX-License-Identifier: MIT */
/* Reads records from files and passes each to a callback. */
#ifndef EG_PLOT_READ_H
#define EG_PLOT_READ_H

#include <stddef.h>

#include "base/metrics.h"
#include "base/rejects.h"
#include "record/record.h"

struct eg_error;

/* Takes a record, which is valid during the call. Returns NULL, or the reason for refusing it,
 * as eg_fault_text. Sets *rc to -1, with *e, to end the reading. */
typedef const char *eg_plot_taker(void *ctx, const struct eg_record *r, int *rc,
    struct eg_error *e);

/* Reads the files in order (`-` or no file: standard input) and calls take with each record.
 * Refuses lines that are not records in *rejects; counts in m. Both must be open. Blocks; a
 * signal (base/stop is installed) ends it with EG_TEMPORARY. -1 with EG_LOCAL_IO if a file
 * cannot be read; all files are checked before the first is read. */
int eg_plot_read(const char *const file[], size_t files, struct eg_rejects *rejects,
    struct eg_metrics *m, eg_plot_taker *take, void *ctx, struct eg_error *e);

#endif
