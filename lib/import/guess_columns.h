/* SPDX-License-Identifier: MIT */
/* Guesses which columns of a table are times, sensors and values. */
#ifndef EG_GUESS_COLUMNS_H
#define EG_GUESS_COLUMNS_H

#include "import/guess_table.h"
#include "import/trial.h"

struct eg_error;

/* Appends the options that read the table to w, `csv` first, and prints an explanation to
 * standard error. Returns NULL, or the reason why the columns are unclear (static storage). */
const char *eg_guess_columns(const struct eg_guess_table *t, char delimiter, struct eg_words *w);

#endif
