/* SPDX-License-Identifier: MIT */
/* A sample of a file as a table, to guess its columns from. */
#ifndef EG_GUESS_TABLE_H
#define EG_GUESS_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "import/time_format.h"

struct eg_error;

enum { EG_TABLE_ROWS = 200 };

/* Rows as texts. */
struct eg_guess_table {
	struct eg_guess_row {
		char **cell;
		size_t n;
	} row[EG_TABLE_ROWS];
	size_t rows;
	size_t width; /* that most rows have */
	size_t full;  /* rows of that width, give or take a column without a text at the end */
};

/* Reads the first and the last rows of fd, from its beginning. -1 with *e. Free it in any case. */
int eg_guess_table_read(struct eg_guess_table *t, int fd, char delimiter, const char *encoding, struct eg_error *e);
void eg_guess_table_free(struct eg_guess_table *t);

/* The cell of row r in column c, "" where there is none. */
const char *eg_guess_cell(const struct eg_guess_table *t, size_t r, size_t c);

/* How a column of numbers is written. */
struct eg_number_form {
	bool comma;      /* the decimal point is a comma */
	char thousands;  /* or 0 */
	bool unsure;     /* it could be either */
};

/* Whether s is a number, in any form; notes in *f what it shows of the form. */
bool eg_number_looks(const char *s, struct eg_number_form *f);

/* Whether s stands for a value that is missing: empty, null, or a usual word. */
bool eg_missing_looks(const char *s);

#endif
