/* SPDX-License-Identifier: MIT */
#include "import/guess_columns.h"

#include <stdio.h>
#include <string.h>

#include "base/diag.h"
#include "base/utf8.h"
#include "import/guess_parts.h"

/* The word for column c in an option: its name, or its number if the name is not usable. */
static const char *
column(const struct eg_guess *g, size_t c, char number[16])
{
	const char *h = eg_guess_header(g, c);

	(void)snprintf(number, 16, "%zu", c + 1);
	if (*h == '\0' || strspn(h, "0123456789") == strlen(h) || !eg_utf8_is_printable(h, strlen(h)))
		return number;
	for (size_t i = 0; i < g->t->width; i++)
		if (i != c && strcmp(eg_guess_cell(g->t, (size_t)g->header, i), h) == 0)
			return number;
	return h;
}

static bool
add_pair(struct eg_words *w, const char *option, const char *arg)
{
	return eg_words_add(w, option) && eg_words_add(w, arg);
}

static bool
add_number_form(struct eg_guess *g, char delimiter, struct eg_words *w)
{
	if (g->number.unsure && g->number.thousands == '\0')
		g->number.comma = delimiter != ',' || g->number.comma;
	if (g->number.unsure && delimiter == ',' && !g->number.comma)
		g->number.thousands = ',';
	if (g->number.comma && g->number.point_unsure && !g->number.point)
		g->number.thousands = '.';
	if (g->number.thousands != '\0' &&
	    !add_pair(w, "--thousands", (char[]){ g->number.thousands, '\0' }))
		return false;
	if (g->number.comma && !eg_words_add(w, "-D"))
		return false;
	for (size_t i = 0; i < g->missings; i++)
		if (!add_pair(w, "--missing", g->missing[i]))
			return false;
	return true;
}

static bool
add_times(const struct eg_guess *g, struct eg_words *w)
{
	char number[16], form[128];

	(void)snprintf(form, sizeof(form), "%s%s%s", strcmp(g->form, "iso") == 0 && g->clock != NULL
	    ? "%Y-%m-%d" : g->form, g->clock != NULL ? " " : "", g->clock != NULL ? g->clock : "");
	if (!add_pair(w, "-t", column(g, (size_t)g->time, number)))
		return false;
	if (g->clock != NULL && !add_pair(w, "-t", column(g, (size_t)g->time_of_day, number)))
		return false;
	return strcmp(form, "iso") == 0 || add_pair(w, "-F", form);
}

static bool
add_columns(const struct eg_guess *g, const bool *used, struct eg_words *w)
{
	size_t values = 0;
	bool named = false;
	char number[16], value[300];

	for (size_t c = 0; c < g->t->width && c < EG_GUESS_COLUMNS; c++) {
		values += g->kind[c] == EG_GUESS_VALUE;
		named |= used[c];
		if (used[c] && !add_pair(w, "-c", column(g, c, number)))
			return false;
	}
	if (!named && (g->header == EG_GUESS_NONE || g->wide) && !add_pair(w, "-S", "meter"))
		return false;
	for (size_t c = 0; c < g->t->width && c < EG_GUESS_COLUMNS && !g->wide; c++) {
		const char *name = column(g, c, number), *h = eg_guess_header(g, c);

		/* Columns with the same name are distinguished by number. */
		if (name == number && *h != '\0' && values > 1)
			(void)snprintf(value, sizeof(value), "%.200s %zu=%s",
			    eg_utf8_is_printable(h, strlen(h)) ? h : "column", c + 1, number);
		else
			(void)snprintf(value, sizeof(value), "%s%.290s",
			    (values == 1 && named) || strchr(name, '=') != NULL ? "=" : "", name);
		if (g->kind[c] == EG_GUESS_VALUE && !add_pair(w, "-y", value))
			return false;
	}
	return true;
}

static void
explain(const struct eg_guess *g)
{
	char q[EG_QUOTE_MAX];
	const char *s = eg_guess_cell(g->t, g->first, (size_t)g->time);

	eg_note("%s, times such as %s", g->header == EG_GUESS_NONE ? "no header" : "a header",
	    eg_quote(s, strlen(s), q));
	if (!g->offset)
		eg_note("times have no offset and are taken as UTC: give their zone with --tz, as in "
		    "--tz Europe/Rome");
	if (g->either_order)
		eg_note("day and month could be the other way round: see --time-format");
	if (g->number.unsure)
		eg_note("a comma with three digits behind it is taken as %s", g->number.comma
		    ? "the decimal point" : "a mark between thousands");
	if (g->number.point_unsure && !g->number.point && !g->number.comma)
		eg_note("a point with three digits behind it is taken as the decimal point: if it stands "
		    "between thousands, give --thousands . -D");
	if (g->ends)
		eg_note("times are the ends of intervals, by their name: records have their begin, see --shift");
	if (strcmp(g->form, "excel") == 0)
		eg_note("times are taken as serial numbers of a spreadsheet's days, counted from 1900");
}

const char *
eg_guess_columns(const struct eg_guess_table *t, char delimiter, struct eg_words *w)
{
	static const char tab[] = "tab", blank[] = "blank";
	bool used[EG_GUESS_COLUMNS] = { false };
	struct eg_guess g;
	const char *why = eg_guess_find(&g, t);
	size_t left;

	if (why != NULL)
		return why;
	left = eg_guess_sensors(&g, used);
	if (g.date_only && g.clock == NULL && !g.wide && 10 * left > t->rows)
		return "nothing tells apart rows of the same day: a number of the hour may, see --interval";
	if (!eg_words_add(w, "csv") || (g.wide && !eg_words_add(w, "--wide")) ||
	    (g.header == EG_GUESS_NONE && !eg_words_add(w, "-n")) ||
	    (delimiter != ',' && !add_pair(w, "-d", delimiter == '\t' ? tab :
	        delimiter == ' ' ? blank : (char[]){ delimiter, '\0' })) ||
	    !add_number_form(&g, delimiter, w) || !add_times(&g, w) || !add_columns(&g, used, w))
		return "it has too many columns";
	explain(&g);
	return NULL;
}
