/* SPDX-License-Identifier: MIT */
/* A row's fields; within the CSV reader. */
#ifndef EG_CSV_SPLIT_H
#define EG_CSV_SPLIT_H

#include <stddef.h>

#include "import/csv.h"

/* How a row ends: well, within a quoted field, or with text behind a closing quote. */
enum eg_csv_quoting { EG_CSV_QUOTED, EG_CSV_QUOTE_OPEN, EG_CSV_QUOTE_TEXT };

/* Splits the len bytes at c->at into c->field[0..*n), which point into the reader's memory
 * until its next call. -1 with EG_BUG: out of memory. */
int eg_csv_split(struct eg_csv *c, size_t len, size_t *n, enum eg_csv_quoting *why,
    struct eg_error *e);

#endif
