/* SPDX-License-Identifier: MIT */
/* Finds the columns that distinguish rows with the same time. */
#include <string.h>

#include "import/guess_parts.h"

/* Whether rows a and b have the same time, and the same sensor by the columns in use. */
static bool
same_instant_and_sensor(const struct eg_guess *g, const bool *used, size_t a, size_t b)
{
	if (strcmp(eg_guess_cell(g->t, a, (size_t)g->time),
	    eg_guess_cell(g->t, b, (size_t)g->time)) != 0)
		return false;
	if (g->time_of_day != EG_GUESS_NONE && strcmp(eg_guess_cell(g->t, a, (size_t)g->time_of_day),
	        eg_guess_cell(g->t, b, (size_t)g->time_of_day)) != 0)
		return false;
	for (size_t c = 0; c < g->t->width && c < EG_GUESS_COLUMNS; c++)
		if (used[c] && strcmp(eg_guess_cell(g->t, a, c), eg_guess_cell(g->t, b, c)) != 0)
			return false;
	return true;
}

static size_t
count_repeats(const struct eg_guess *g, const bool *used)
{
	size_t n = 0;

	for (size_t a = g->first; a < g->t->rows; a++)
		for (size_t b = g->first; b < a; b++)
			if (eg_guess_is_time(g, a) && same_instant_and_sensor(g, used, a, b)) {
				n++;
				break;
			}
	return n;
}

size_t
eg_guess_sensors(const struct eg_guess *g, bool *used)
{
	size_t left = count_repeats(g, used);

	for (int tries = 0; left > 0 && tries < 4; tries++) {
		size_t best = left, at = EG_GUESS_COLUMNS;

		for (size_t c = 0; c < g->t->width && c < EG_GUESS_COLUMNS; c++) {
			size_t n;

			if (g->kind[c] != EG_GUESS_NAME || used[c] || (int)c == g->time ||
			    (int)c == g->time_of_day)
				continue;
			used[c] = true;
			n = count_repeats(g, used);
			used[c] = false;
			if (n < best) {
				best = n;
				at = c;
			}
		}
		if (at == EG_GUESS_COLUMNS)
			return left;
		used[at] = true;
		left = best;
	}
	return left;
}
