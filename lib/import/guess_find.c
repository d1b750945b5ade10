/* SPDX-License-Identifier: MIT */
/* Finds the columns of times, values and names in a table, and its header. */
#include "import/guess_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/diag.h"

enum { WIDE_LEAST = 12 };

/* Forms of times, the most certain first; where day and month may be swapped, day first, but with
 * AM and PM month first. */
static const char *const forms[] = { "iso", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M",
	"%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p", "%d/%m/%Y %I:%M:%S %p", "%d/%m/%Y %I:%M %p",
	"%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M",
	"%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d-%m-%Y %H:%M:%S", "%d-%m-%Y %H:%M",
	"%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M",
	"%Y-%m-%d %I:%M:%S %p", "%Y-%m-%d %I:%M %p", "%Y%m%dT%H%M%S%z", "%Y%m%dT%H%M%S", "%Y%m%d %H:%M",
	"%Y%m%d%H%M%S", "%Y%m%d%H%M", "%d.%m.%y %H:%M", "%d/%m/%y %H:%M", "%d %b %Y %H:%M:%S",
	"%d %b %Y %H:%M", "%d-%b-%Y %H:%M", "%b %d, %Y %I:%M %p", "%a %b %d %Y %H:%M",
	"%Y-%m-%d %H:%M%*", "%d.%m.%Y %H:%M%*", "%d/%m/%Y %H:%M%*", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y",
	"%d-%m-%Y", "%Y/%m/%d", "%Y%m%d", "%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%d %b %Y", "%d-%b-%Y",
	"%d/%b/%Y", "%b %d, %Y" };
static const char *const epochs[] = { "epoch", "epoch-ms", "epoch-us", "epoch-ns" };
static const char *const clocks[] = { "%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p", "%H:%M%*" };


static bool
is_epoch(const char *s, size_t i)
{
	size_t n = strspn(s, "0123456789");

	return n == 10 + 3 * i && (*s == '1' || *s == '2') && (s[n] == '\0' || (i == 0 && s[n] == '.'));
}

/* Whether text that a form does not cover may change the time's meaning, such as "p. m." or a
 * zone. */
static bool
leaves_words(const char *form, const char *s)
{
	size_t n = strlen(form), clock = strcspn(s, ":");

	if (n < 2 || strcmp(form + n - 2, "%*") != 0 || s[clock] == '\0')
		return false;
	for (s += clock; *s != '\0'; s++)
		if ((*s | 0x20) >= 'a' && (*s | 0x20) <= 'z')
			return true;
	return false;
}

/* Number of rows with a time of the form in column c. *offset: all these times have an offset. */
static size_t
count_times(const struct eg_guess_table *t, size_t c, const char *form, bool *offset,
    bool *date_only)
{
	struct eg_time_format f;
	struct eg_clock_reading r;
	size_t n = 0;

	*offset = *date_only = true;
	if (eg_time_format_compile(&f, form) != NULL)
		return 0;
	for (size_t i = 0; i < t->rows; i++) {
		const char *s = eg_guess_cell(t, i, c);

		if (f.epoch >= 0 ? !is_epoch(s, (size_t)f.epoch / 3)
		                 : leaves_words(form, s) ||
		                 eg_time_format_read(&f, s, strlen(s), &r) != NULL)
			continue;
		if (f.epoch < 0 && (r.seconds < INT64_C(315532800) || r.seconds > INT64_C(4102444800)))
			continue; /* 1980 to 2100: numbers may look like dates of other years */
		*offset = *offset && (f.epoch >= 0 || r.has_offset);
		*date_only = *date_only && f.epoch < 0 && r.date_only;
		n++;
	}
	return n;
}

/* Whether a column's name is a word for a date or time. */
static bool
is_named_time(const char *name)
{
	static const char *const words[] = { "date", "time", "datum", "zeit", "fecha", "data", "ora",
		"heure", "horodat", "tijd", "when", "period" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasestr(name, words[i]) != NULL)
			return true;
	return false;
}

/* Finds a column of a spreadsheet's serial days, 1982 to 2064. Since any number may be one, the
 * column's name has to be a word for a date. */
static bool
find_serials(struct eg_guess *g)
{
	for (size_t c = 0; c < g->t->width && c < EG_GUESS_COLUMNS; c++) {
		bool named = false;
		size_t n = 0;

		for (size_t r = 0; r < g->t->rows; r++) {
			const char *s = eg_guess_cell(g->t, r, c);
			size_t digits = strspn(s, "0123456789");
			const bool serial = digits == 5 && *s >= '3' && *s <= '5' &&
			    (s[5] == '\0' || (s[5] == '.' && strspn(s + 6, "0123456789") == strlen(s + 6)));

			n += serial;
			named |= n == 0 && is_named_time(s);
		}
		if (named && 2 * n >= g->t->full && n > 0) {
			g->time = (int)c;
			g->form = "excel";
			g->offset = g->date_only = false;
			return true;
		}
	}
	return false;
}

/* Whether a header cell of column c says that times are the ends of intervals. */
static bool
is_named_end(const struct eg_guess *g, size_t c)
{
	static const char *const words[] = { "end", "ende", "bis", "fin", "fine", "einde", "to",
	    "until" };

	for (size_t r = 0; r < g->t->rows && r < 30; r++)
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
			const char *s = eg_guess_cell(g->t, r, c);
			size_t n = strlen(words[i]);

			if (strncasecmp(s, words[i], n) == 0 && (s[n] == '\0' || s[n] == ' ' || s[n] == '_' ||
			    strncasecmp(s + n, "time", 4) == 0 || strncasecmp(s + n, "date", 4) == 0))
				return true;
		}
	return false;
}

/* Finds the column of times and its form: the one that fits most rows. Of several, the first one
 * without ends of intervals. */
static bool
find_time(struct eg_guess *g)
{
	size_t best = 0;

	g->time = g->time_of_day = EG_GUESS_NONE;
	g->ends = false;
	for (size_t c = 0; c < g->t->width && c < EG_GUESS_COLUMNS; c++)
		for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]) + 4; i++) {
			const char *form = i < 4 ? epochs[i] : forms[i - 4];
			bool offset, date_only;
			size_t n = count_times(g->t, c, form, &offset, &date_only);

			if (n > best || (n == best && n > 0 && g->ends && !is_named_end(g, c))) {
				best = n;
				g->time = (int)c;
				g->ends = is_named_end(g, c);
				g->form = form;
				g->offset = offset;
				g->date_only = date_only;
			}
		}
	return best > 0 && 2 * best >= g->t->full;
}

/* Whether month and day may be swapped in this form. */
static bool
order_unsure(const struct eg_guess *g)
{
	const char *f = g->form;
	char other[64];
	bool offset, date_only;

	if (strncmp(f, "%d/%m/", 6) != 0 && strncmp(f, "%m/%d/", 6) != 0 &&
	    strncmp(f, "%d-%m-", 6) != 0)
		return false;
	(void)snprintf(other, sizeof(other), "%%%c%c%%%c%s", f[4], f[2], f[1], f + 5);
	return count_times(g->t, (size_t)g->time, other, &offset, &date_only) >=
	    count_times(g->t, (size_t)g->time, f, &offset, &date_only);
}

bool
eg_guess_is_time(const struct eg_guess *g, size_t r)
{
	struct eg_time_format f;
	struct eg_clock_reading at;
	const char *s = eg_guess_cell(g->t, r, (size_t)g->time);

	(void)eg_time_format_compile(&f, g->form);
	return eg_time_format_read(&f, s, strlen(s), &at) == NULL;
}

/* Finds a column with the time of day, next to one with the date. */
static void
find_clock(struct eg_guess *g)
{
	for (size_t c = 0; c < g->t->width && c < EG_GUESS_COLUMNS && g->clock == NULL; c++)
		for (size_t i = 0; i < sizeof(clocks) / sizeof(clocks[0]) && g->clock == NULL; i++) {
			char form[64], text[96];
			struct eg_time_format f;
			struct eg_clock_reading at;
			size_t n = 0, dates = 0;

			(void)snprintf(form, sizeof(form), "%%Y-%%m-%%d %s", clocks[i]);
			(void)eg_time_format_compile(&f, form);
			for (size_t r = g->first; r < g->t->rows; r++) {
				(void)snprintf(text, sizeof(text), "2000-01-01 %s", eg_guess_cell(g->t, r, c));
				n += eg_time_format_read(&f, text, strlen(text), &at) == NULL;
				dates += eg_guess_is_time(g, r);
			}
			if ((int)c != g->time && n >= dates) {
				g->clock = clocks[i];
				g->time_of_day = (int)c;
			}
		}
}

static bool
is_number(const char *s)
{
	struct eg_number_form f = { .comma = false };

	return eg_number_looks(s, &f);
}

/* Finds the header: the row above the first data, if most of its cells are not numbers. */
static void
find_header(struct eg_guess *g)
{
	size_t texts = 0, numbers = 0;

	for (g->first = 0; g->first < g->t->rows && !eg_guess_is_time(g, g->first); g->first++)
		;
	g->header = EG_GUESS_NONE;
	/* A row of units may be between header and data. */
	for (size_t up = 1; up <= 2 && up <= g->first; up++) {
		size_t r = g->first - up;

		texts = numbers = 0;
		for (size_t c = 0; c < g->t->row[r].n; c++) {
			texts += *eg_guess_cell(g->t, r, c) != '\0' && !is_number(eg_guess_cell(g->t, r, c));
			numbers += is_number(eg_guess_cell(g->t, r, c));
		}
		if (texts >= 2 && texts > numbers && *eg_guess_cell(g->t, r, (size_t)g->time) != '\0' &&
		    (g->header == EG_GUESS_NONE || g->t->row[r].n >= g->t->row[g->first - 1].n)) {
			g->header = (int)r;
			if (*eg_guess_cell(g->t, r, (size_t)g->time) != '(')
				break;
		}
	}
}

static void
note_missing(struct eg_guess *g, const char *s)
{
	if (*s == '\0' || strcmp(s, "null") == 0 || strlen(s) >= sizeof(g->missing[0]))
		return;
	for (size_t i = 0; i < g->missings; i++)
		if (strcmp(g->missing[i], s) == 0)
			return;
	if (g->missings < EG_GUESS_MISSING)
		memcpy(g->missing[g->missings++], s, strlen(s) + 1);
}

/* Whether a column holds identifiers: whole numbers of many digits that are always the same, or
 * begin with a zero. */
static bool
is_identity(const struct eg_guess *g, size_t c)
{
	const char *first = eg_guess_cell(g->t, g->first, c);

	if (strspn(first, "0123456789") != strlen(first) || (strlen(first) < 6 && *first != '0') ||
	    strlen(first) < 2)
		return false;
	if (*first == '0')
		return true;
	for (size_t r = g->first; r < g->t->rows; r++)
		if (eg_guess_is_time(g, r) && strlen(eg_guess_cell(g->t, r, c)) != strlen(first))
			return false;
	return g->t->rows - g->first > 2 && strcmp(first, eg_guess_cell(g->t, g->t->rows - 2, c)) == 0;
}

const char *
eg_guess_header(const struct eg_guess *g, size_t c)
{
	return g->header == EG_GUESS_NONE ? "" : eg_guess_cell(g->t, (size_t)g->header, c);
}

/* Whether a column counts rows or intervals. */
static bool
is_count(const struct eg_guess *g, size_t c)
{
	static const char *const words[] = { "interval", "id", "index", "no", "nr", "row", "#" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasecmp(eg_guess_header(g, c), words[i]) == 0)
			return true;
	return false;
}

static void
find_meter_kind(struct eg_guess *g, size_t c)
{
	struct eg_number_form number = g->number;
	size_t numbers = 0, texts = 0;

	for (size_t r = g->first; r < g->t->rows; r++) {
		const char *s = eg_guess_cell(g->t, r, c);

		if (!eg_guess_is_time(g, r) || eg_missing_looks(s))
			continue;
		if (eg_number_looks(s, &number))
			numbers++;
		else
			texts++;
	}
	if (texts > 0 || (numbers > 0 && (is_identity(g, c) || is_count(g, c)))) {
		g->kind[c] = EG_GUESS_NAME;
	} else if (numbers > 0) {
		g->kind[c] = EG_GUESS_VALUE;
		g->number = number;
		for (size_t r = g->first; r < g->t->rows; r++)
			if (eg_guess_is_time(g, r) && eg_missing_looks(eg_guess_cell(g->t, r, c)))
				note_missing(g, eg_guess_cell(g->t, r, c));
	}
}

/* Whether a column holds AM and PM, next to times without them. */
static bool
has_halves(const struct eg_guess *g)
{
	for (size_t c = 0; c < g->t->width && c < EG_GUESS_COLUMNS; c++) {
		const char *s = eg_guess_cell(g->t, g->first, c);

		if (g->kind[c] == EG_GUESS_NAME && (*s | 0x20) != '\0' && strchr("ap", *s | 0x20) != NULL &&
		    strcspn(s + 1, "mM") <= 2 && strlen(s) <= 5 && strpbrk(s + 1, "mM") != NULL &&
		    strspn(s, "aApPmM. ") == strlen(s))
			return true;
	}
	return false;
}

/* Whether the header names many columns by times of day, and another column has the date. */
static bool
is_wide(const struct eg_guess *g)
{
	size_t n = 0;

	if (g->header == EG_GUESS_NONE || !g->date_only || g->clock != NULL)
		return false;
	for (size_t c = 0; c < g->t->width; c++) {
		const char *h = eg_guess_cell(g->t, (size_t)g->header, c);

		n += *h >= '0' && *h <= '9' && (strchr(h, ':') != NULL || strlen(h) == 4);
	}
	return n >= WIDE_LEAST || (n > 0 && n + 6 >= g->t->width && n > g->t->width / 2);
}

const char *
eg_guess_find(struct eg_guess *g, const struct eg_guess_table *t)
{
	size_t values = 0;

	*g = (struct eg_guess){ .t = t };
	if (t->width < 2)
		return "there are no columns";
	if (!find_time(g) && !find_serials(g))
		return "no column holds times in a known form";
	find_header(g);
	if (g->date_only)
		find_clock(g);
	g->either_order = order_unsure(g);
	for (size_t c = 0; c < t->width && c < EG_GUESS_COLUMNS; c++) {
		if ((int)c != g->time && (int)c != g->time_of_day)
			find_meter_kind(g, c);
		values += g->kind[c] == EG_GUESS_VALUE;
	}
	if (has_halves(g))
		return "AM or PM is in a column of its own: give it as one more --time, with %I and %p";
	g->wide = is_wide(g);
	return values > 0 ? NULL : "no column holds numbers";
}
