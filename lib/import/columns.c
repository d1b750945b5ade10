/* SPDX-License-Identifier: MIT */
/* The columns of a file: which field is the time, which the sensor, which are values. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "import/parts.h"

/* The name of column i, counted from 0; "columnN" where the first row is data. */
static struct eg_slice
head_of(const struct eg_import *m, const struct eg_csv_row *row, size_t i, char number[32])
{
	if (m->o->header)
		return row->field[i];
	return (struct eg_slice){ number, (size_t)snprintf(number, 32, "column%zu", i + 1) };
}

/* Whether column h of a known export is the one named by the len bytes of spec. Upper and lower
 * case are the same. If h ends in a remark in parentheses, spec may omit it. */
static bool
is_known_column(const struct eg_import *m, struct eg_slice h, const char *spec, size_t len)
{
	if (h.len < len || strncasecmp(h.s, spec, len) != 0)
		return false;
	return h.len == len || (m->o->remarks && h.len > len + 1 &&
	    (h.s[len] == '(' || memcmp(h.s + len, " (", 2) == 0));
}

/* Whether a column named h is the requested one. */
static bool
is_column(const struct eg_import *m, struct eg_slice h, const char *spec)
{
	size_t len;

	if (!m->o->known)
		return h.len == strlen(spec) && memcmp(h.s, spec, h.len) == 0;
	for (;; spec += len + 1) {
		len = strcspn(spec, "|");
		if (is_known_column(m, h, spec, len))
			return true;
		if (spec[len] == '\0')
			return false;
	}
}

static bool
is_utf8(struct eg_slice s)
{
	const char *end = s.s + s.len;
	size_t n;

	for (const char *p = s.s; p < end; p += n)
		if ((n = eg_utf8_len(p, end)) == 0)
			return false;
	return true;
}

static int __attribute__((format(printf, 2, 3)))
fail(char why[EG_IMPORT_WHY], const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, EG_IMPORT_WHY, fmt, ap);
	va_end(ap);
	return -1;
}

static int
no_column(const struct eg_csv_row *row, const char *spec, char why[EG_IMPORT_WHY])
{
	char q[EG_QUOTE_MAX];

	for (size_t i = 0; i < row->n; i++)
		if (!is_utf8(row->field[i]))
			return fail(why, "the header is not UTF-8; convert the file first, as with "
			    "iconv -f latin1 -t utf8, or use --encoding latin1");
	return fail(why, "no column is named %s", eg_quote(spec, strlen(spec), q));
}

/* The field of the column that spec gives by number or name. -1: *why holds the reason; *absent:
 * this row may not be the header. */
static int
find_column(const struct eg_import *m, const struct eg_csv_row *row, const char *spec, size_t *at,
    bool *absent, char why[EG_IMPORT_WHY])
{
	size_t found = 0, number = strspn(spec, "0123456789");
	char text[32], q[EG_QUOTE_MAX];

	if (number > 0 && spec[number] == '\0') {
		*at = number < 10 ? strtoul(spec, NULL, 10) : 0;
		if (*at >= 1 && (*at)-- <= m->width)
			return 0;
		return fail(why, "no column %s", spec);
	}
	for (size_t i = 0; i < m->width; i++)
		if (is_column(m, head_of(m, row, i, text), spec)) {
			*at = i;
			found++;
		}
	if (found > 1)
		return fail(why, "two columns are named %s", eg_quote(spec, strlen(spec), q));
	if (found == 1)
		return 0;
	*absent = true;
	return no_column(row, spec, why);
}

static int
add_cell_text(struct eg_import *m, const struct eg_import_cell *cell, struct eg_error *e)
{
	if (!eg_buf_grow(&m->cell, &m->cells_room, m->cells + 1, sizeof(*m->cell)))
		return eg_fail(e, EG_BUG, "out of memory");
	m->cell[m->cells++] = *cell;
	return 0;
}

/* Reads a column's name as a time of day, `23:45`, `23:45:00`, `2345`, `23h45`, `11:45 PM`, or as
 * an interval's begin in `23:45-24:00`. */
static bool
time_of_day(struct eg_slice h, struct eg_clock_reading *r)
{
	static const char *const forms[] = { "%F %H:%M", "%F %H:%M:%S", "%F %I:%M %p", "%F %Hh%M" };
	char text[32] = "2000-01-01 ";
	struct eg_time_format f;
	size_t len = 0;

	while (len < h.len && h.s[len] != '-')
		len++;
	while (len > 0 && h.s[len - 1] == ' ')
		len--;
	if (len < 4 || len > 11)
		return false;
	memcpy(text + 11, h.s, len);
	if (len == 4 && strspn(text + 11, "0123456789") == 4 && text[14] % 5 == '0' % 5) {
		memcpy(text + 11, (char[]){ h.s[0], h.s[1], ':', h.s[2], h.s[3] }, 5);
		len = 5;
	}
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (eg_time_format_compile(&f, forms[i]) == NULL &&
		    eg_time_format_read(&f, text, 11 + len, r) == NULL) {
			r->seconds -= 946684800; /* 2000-01-01 */
			return true;
		}
	return false;
}

/* The columns of a wide file: those whose name is a time. */
static int
find_wide(struct eg_import *m, const struct eg_csv_row *row, bool *absent, char why[EG_IMPORT_WHY],
    struct eg_error *e)
{
	m->wide_instants = m->o->times == 0;
	for (size_t i = 0; i < m->width; i++) {
		struct eg_import_cell cell = { .at = i, .power = m->o->value[0].power };
		struct eg_slice h = row->field[i];

		if (m->o->interval_s > 0 ? eg_import_interval_number(h, &cell.time.seconds) == NULL
		    : m->wide_instants   ? eg_import_time(m->o, h, &cell.time) == NULL
		                         : time_of_day(h, &cell.time))
			if (add_cell_text(m, &cell, e) != 0)
				return -1;
	}
	if (m->cells > 0)
		return 0;
	*absent = true;
	fail(why, "no column is named by a time");
	return 0;
}

static bool
is_listed(const size_t *at, size_t n, size_t i)
{
	for (size_t k = 0; k < n; k++)
		if (at[k] == i)
			return true;
	return false;
}

/* Adds each column without another meaning as a column of values, except those that the options
 * exclude. */
static int
find_every(struct eg_import *m, const struct eg_csv_row *row, bool *absent, char why[EG_IMPORT_WHY],
    struct eg_error *e)
{
	const struct eg_import_options *o = m->o;
	size_t left_out[EG_IMPORT_VALUES] = { 0 }, n = 0;
	char number[32];

	/* Some files of a known export do not have all excluded columns. */
	for (size_t i = 0; i < o->values; i++) {
		if (find_column(m, row, o->value[i].column, &left_out[n], absent, why) == 0) {
			n++;
			continue;
		}
		if (!o->known)
			return 0;
		*absent = false;
		*why = '\0';
	}
	for (size_t i = 0; i < m->width; i++) {
		struct eg_import_cell cell = { .at = i, .value = m->cells, .power = o->every_power };
		struct eg_slice h = head_of(m, row, i, number);

		if (is_listed(m->time_at, o->times, i) || is_listed(m->sensor_at, o->sensor_columns, i) ||
		    is_listed(m->where_at, o->wheres, i) || is_listed(left_out, n, i))
			continue;
		if (m->cells == EG_IMPORT_VALUES) {
			fail(why, "more than %d columns of values", EG_IMPORT_VALUES);
			return 0;
		}
		snprintf(m->suffix[m->cells], sizeof(m->suffix[0]), "%.*s", (int)h.len, h.s);
		if (h.len > 0 && add_cell_text(m, &cell, e) != 0)
			return -1;
	}
	if (m->cells == 0)
		fail(why, "no column is left for values");
	return 0;
}

static int
find_values(struct eg_import *m, const struct eg_csv_row *row, bool *absent,
    char why[EG_IMPORT_WHY], struct eg_error *e)
{
	const struct eg_import_options *o = m->o;
	bool named = o->sensor != NULL || o->sensor_columns > 0 || o->phase;
	char number[32];

	for (size_t i = 0; i < o->values; i++) {
		struct eg_import_cell cell = { .value = i, .power = o->value[i].power };
		const char *name = o->value[i].name;
		struct eg_slice h;

		if (find_column(m, row, o->value[i].column, &cell.at, absent, why) != 0)
			return 0;
		if (add_cell_text(m, &cell, e) != 0)
			return -1;
		h = head_of(m, row, cell.at, number);
		if ((name == NULL || *name == '\0') && !(o->values == 1 && named))
			snprintf(m->suffix[i], sizeof(m->suffix[i]), "%.*s", (int)h.len, h.s);
		else
			snprintf(m->suffix[i], sizeof(m->suffix[i]), "%s", name != NULL ? name : "");
	}
	return 0;
}

static void
find_units(struct eg_import *m, const struct eg_csv_row *row, char why[EG_IMPORT_WHY])
{
	/* Letters in parentheses may be a phase, and names of wide columns are times. */
	bool named = m->o->header && !m->o->wide && !m->o->phase;

	memset(m->unit, 0, sizeof(m->unit));
	for (size_t i = 0; i < m->cells; i++)
		if (!eg_import_column_unit(m, &m->cell[i],
		        named ? row->field[m->cell[i].at] : (struct eg_slice){ "", 0 }, why))
			return;
}

/* The remark in parentheses at the end of a column's name, if any. */
static void
find_phase(struct eg_import *m, struct eg_slice h)
{
	const char *open = memchr(h.s, '(', h.len);

	*m->phase = '\0';
	if (open != NULL && h.s[h.len - 1] == ')')
		snprintf(m->phase, sizeof(m->phase), "%.*s", (int)(h.s + h.len - open - 2), open + 1);
}

static int
find_all(struct eg_import *m, const struct eg_csv_row *row, bool *absent, char why[EG_IMPORT_WHY],
    struct eg_error *e)
{
	const struct eg_import_options *o = m->o;

	*why = '\0';
	m->cells = 0;
	m->width = row->n;
	if (row->n > 1 && o->header && row->field[row->n - 1].len == 0)
		m->width--;
	for (size_t i = 0; i < o->times; i++)
		if (find_column(m, row, o->time[i], &m->time_at[i], absent, why) != 0)
			return 0;
	for (size_t i = 0; i < o->sensor_columns; i++)
		if (find_column(m, row, o->sensor_column[i], &m->sensor_at[i], absent, why) != 0)
			return 0;
	for (size_t i = 0; i < o->wheres; i++)
		if (find_column(m, row, o->where[i].column, &m->where_at[i], absent, why) != 0)
			return 0;
	if (o->every)
		return find_every(m, row, absent, why, e);
	return o->wide ? find_wide(m, row, absent, why, e) : find_values(m, row, absent, why, e);
}

int
eg_import_columns(struct eg_import *m, const struct eg_csv_row *row, bool must, struct eg_error *e)
{
	bool absent = false;
	char why[EG_IMPORT_WHY];

	if (row->reason != NULL) {
		absent = true;
		snprintf(why, sizeof(why), "%s", row->reason);
	} else if (find_all(m, row, &absent, why, e) != 0) {
		return -1;
	}
	if (absent && !must) {
		if (m->helds == 0)
			snprintf(m->file_fault, sizeof(m->file_fault), "%s", why);
		return 0;
	}
	*m->file_fault = '\0';
	if (*why == '\0')
		find_units(m, row, why);
	if (*why != '\0')
		eg_import_spoil(m, row->lineno, "%s", why);
	else if (m->o->phase && m->cells > 0)
		find_phase(m, row->field[m->cell[0].at]);
	return 1;
}

void
eg_import_describe(const struct eg_import *m, const struct eg_csv_row *header)
{
	char q[EG_QUOTE_MAX];

	if (m->o->header)
		eg_note("%s:%llu: the header, %zu columns, times as %s", m->shown,
		    (unsigned long long)header->lineno, m->width, m->o->form_text);
	for (size_t i = 0; i < m->width; i++) {
		const char *what = NULL;

		for (size_t k = 0; k < m->o->times && what == NULL; k++)
			what = m->time_at[k] == i ? "the time" : NULL;
		for (size_t k = 0; k < m->o->sensor_columns && what == NULL; k++)
			what = m->sensor_at[k] == i ? "the sensor" : NULL;
		for (size_t k = 0; k < m->cells && what == NULL; k++)
			what = m->cell[k].at == i ? "values" : NULL;
		eg_note("column %zu, %s: %s", i + 1,
		    eg_quote(header->field[i].s, header->field[i].len, q),
		    what != NULL ? what : "not read");
	}
}
