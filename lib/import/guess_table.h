/* SPDX-License-Identifier: MIT */
/* A sample of a file as a table, for guessing its columns. */
#ifndef EG_GUESS_TABLE_H
#define EG_GUESS_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "import/time_format.h"

struct eg_error;

enum { EG_TABLE_ROWS = 200 };

/* Rows with their cells as text. */
struct eg_guess_table {
	struct eg_guess_row {
		char **cell;
		size_t n;
	} row[EG_TABLE_ROWS];
	size_t rows;
	size_t width; /* the most frequent number of columns */
	size_t full;  /* number of rows with this width; an empty last column may be absent */
};

/* Reads the first and the last rows of fd, from its beginning. -1 with *e. The caller must free
 * the table in both cases. */
int eg_guess_table_read(struct eg_guess_table *t, int fd, char delimiter, const char *encoding,
    struct eg_error *e);
void eg_guess_table_free(struct eg_guess_table *t);

/* The cell of row r in column c; "" if there is none. */
const char *eg_guess_cell(const struct eg_guess_table *t, size_t r, size_t c);

/* The format of a column of numbers. */
struct eg_number_form {
	bool comma;      /* the decimal point is a comma */
	char thousands;  /* separator of thousands, or 0 */
	bool unsure;     /* a comma could be either */
	bool point;      /* a point is certainly the decimal point */
	bool point_unsure; /* a point could be either */
};

/* Whether s is a number in any format, with or without a unit behind it. Stores in *f what s shows
 * about the format. */
bool eg_number_looks(const char *s, struct eg_number_form *f);

/* Whether s means a missing value: empty, null, or a common word for it. */
bool eg_missing_looks(const char *s);

#endif
