/* SPDX-License-Identifier: MIT */
/* Which columns of a table are times, sensors and values. */
#ifndef EG_GUESS_COLUMNS_H
#define EG_GUESS_COLUMNS_H

#include "import/guess_table.h"
#include "import/trial.h"

struct eg_error;

/* Appends the options that read the table, `csv` first, to w; prints on standard error what was
 * understood. Returns NULL, or why its columns are not known: static storage. */
const char *eg_guess_columns(const struct eg_guess_table *t, char delimiter, struct eg_words *w);

#endif
