/* SPDX-License-Identifier: MIT */
/* Shared by the files that guess columns; no other file includes it. */
#ifndef EG_GUESS_PARTS_H
#define EG_GUESS_PARTS_H

#include "import/guess_table.h"

enum { EG_GUESS_COLUMNS = 512, EG_GUESS_NONE = -1, EG_GUESS_MISSING = 8 };

/* The result of guessing for a table. */
struct eg_guess {
	const struct eg_guess_table *t;
	const char *form;  /* time format of the date, or of the whole time */
	const char *clock; /* time format of a separate column for the time of day; NULL: none */
	int time, time_of_day;
	bool offset, date_only, either_order, wide;
	bool ends; /* the name of the time column says that times are the ends of intervals */
	size_t first; /* first row with a time */
	int header;   /* row of the header, or EG_GUESS_NONE */
	enum { EG_GUESS_OTHER, EG_GUESS_VALUE, EG_GUESS_NAME } kind[EG_GUESS_COLUMNS];
	struct eg_number_form number;
	char missing[EG_GUESS_MISSING][24];
	size_t missings;
};

/* Finds the times of a table, its header, values and names. Returns NULL, or the reason why the
 * columns are unclear (static storage). */
const char *eg_guess_find(struct eg_guess *g, const struct eg_guess_table *t);

/* Sets used[c] for the columns that distinguish rows with the same time: those that distinguish
 * most. Returns how many rows are still not distinguished. */
size_t eg_guess_sensors(const struct eg_guess *g, bool *used);

/* Whether row r has a time. */
bool eg_guess_is_time(const struct eg_guess *g, size_t r);

/* The name of column c in the header; "" if there is none. */
const char *eg_guess_header(const struct eg_guess *g, size_t c);

#endif
