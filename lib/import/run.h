/* SPDX-License-Identifier: MIT */
/* Imports files to standard output, as eg-import's options request. */
#ifndef EG_IMPORT_RUN_H
#define EG_IMPORT_RUN_H

#include "import/import.h"

struct eg_common;

struct eg_import_job {
	const struct eg_import_options *options;
	const char *const *file; /* "-": standard input */
	size_t files;            /* 0: read standard input */
	bool sort, unique;       /* see eg_sorter_open */
};

/* Reads the files and writes their records to standard output; prints messages and
 * counters. Installs the handlers of signals, after which it ends with EG_TEMPORARY. Blocks.
 * -1 with *e, whose text is empty when the reader of standard output has gone. */
int eg_import_run(const struct eg_import_job *p, const struct eg_common *common,
    struct eg_import_counts *n, struct eg_error *e);

#endif
