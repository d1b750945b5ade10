/* SPDX-License-Identifier: MIT */
/* Makes all records of a row, or none. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include <xxhash.h>

#include "import/parts.h"
#include "import/unit.h"
#include "record/record.h"

enum { PADDING = 256 }; /* empty columns that a spreadsheet may add */


/* Joins the fields at[0..n) by a byte; a single field is returned as it is. */
static int
join_cells(struct eg_import *m, const struct eg_csv_row *row, const size_t *at, size_t n, char by,
    struct eg_slice *out, struct eg_error *e)
{
	size_t need = 0;
	char *o;

	if (n == 1) {
		*out = row->field[at[0]];
		return 0;
	}
	for (size_t i = 0; i < n; i++)
		need += row->field[at[i]].len + 1;
	if (!eg_buf_grow(&m->joined, &m->joined_room, need, 1))
		return eg_fail(e, EG_BUG, "out of memory");
	o = m->joined;
	for (size_t i = 0; i < n; i++) {
		const struct eg_slice *f = &row->field[at[i]];

		if (f->len == 0)
			continue;
		if (o > m->joined)
			*o++ = by;
		o = mempcpy(o, f->s, f->len);
	}
	*out = (struct eg_slice){ m->joined, (size_t)(o - m->joined) };
	return 0;
}

/* Whether a cell holds no value: nothing, null, or a word of --missing. */
static bool
is_missing(const struct eg_import_options *o, struct eg_slice s)
{
	if (s.len == 0 || (s.len == 4 && memcmp(s.s, "null", 4) == 0))
		return true;
	for (size_t i = 0; i < o->missings; i++)
		if (strlen(o->missing[i]) == s.len && memcmp(o->missing[i], s.s, s.len) == 0)
			return true;
	return false;
}

static bool
outside(const struct eg_import_options *o, int64_t ns)
{
	return ns < o->from_ns || ns >= o->to_ns;
}

/* Checks for a repeated key with another value; names the first one in a message. */
static void
check_key(struct eg_import *m, const char *record, size_t key, size_t len, uint64_t lineno)
{
	char q[EG_QUOTE_MAX];

	if (!eg_repeated_check(m->repeated, record, key, record + key + 1, len - key - 1))
		return;
	if (m->n.repeated++ == 0)
		eg_warn("%s:%llu: a record replaces one with the same key and another value: %s", m->shown,
		    (unsigned long long)lineno, eg_quote(record, len, q));
}

/* Whether values in this unit may follow the earlier ones of their sensor. Known exports are
 * converted to one unit. */
static bool
is_same_unit(const struct eg_import *m, struct eg_sensor_units *units, const char *unit)
{
	if (units->named == NULL)
		units->named = unit;
	return units->named == unit || unit == NULL || m->o->known;
}

/* Removes the unit from a value. It has to be the column's unit, and the same in all values of a
 * name. If the column has none, all its values have the same unit, or none. Returns the reason for
 * a refusal, or NULL. */
static const char *
check_unit(struct eg_import *m, size_t i, struct eg_slice *text)
{
	static const char none[] = "";
	struct eg_sensor_units *units = eg_sensors_units(m->sensors, i);
	const char *unit = NULL;

	/* m3 and ft3 end in a digit, as numbers do. */
	if ((text->len > 0 && (unsigned char)(text->s[text->len - 1] - '0') > 9) ||
	    (text->len > 2 && (unsigned char)(text->s[text->len - 2] | 0x20) >= 'a'))
		unit = eg_unit_cut(text);
	if (m->unit[i] != NULL && unit != NULL && unit != m->unit[i])
		return "the value has another unit than its column";
	if (m->unit[i] == NULL && units->values == NULL)
		units->values = unit != NULL ? unit : none;
	if (m->unit[i] == NULL && units->values != (unit != NULL ? unit : none))
		return "the value has another unit than the values before it";
	if (unit == NULL && m->unit_certain[i])
		unit = m->unit[i];
	return is_same_unit(m, units, unit) ? NULL : "the sensor had another unit before";
}

const char *
eg_import_put(struct eg_import *m, size_t i, int power, struct eg_slice text, const char *time,
    size_t time_len, uint64_t lineno)
{
	char *start = m->text + m->len, *o = start;
	const char *name, *why;
	size_t len, n;

	if ((why = eg_sensors_name(m->sensors, i, m->suffix[i], &name, &len)) != NULL)
		return why;
	if (!m->o->nem12 && !m->o->green_button && (why = check_unit(m, i, &text)) != NULL)
		return why;
	o = eg_record_begin(o, (struct eg_slice){ name, len }, (struct eg_slice){ time, time_len });
	if ((why = eg_import_number(m->o, text, power, o, &n)) != NULL)
		return why;
	check_key(m, start, (size_t)(o - 1 - start), (size_t)(o - start) + n, lineno);
	o[n] = '\n';
	m->len += (size_t)(o - start) + n + 1;
	return NULL;
}

/* The instant of a row's values. */
static const char *
row_instant(struct eg_import *m, const struct eg_csv_row *row, struct eg_sensor *sensor,
    const struct eg_clock_reading *r, int64_t *ns)
{
	const char *why;
	int64_t n;

	if (m->o->interval_s == 0)
		return eg_import_instant(m, sensor, r, ns);
	why = eg_import_interval_number(row->field[m->time_at[m->o->times - 1]], &n);
	return why != NULL ? why : eg_import_interval_instant(m, r, n, ns);
}

/* The instant of a cell in a wide file: the date is in the row, the time in the column's name. */
static const char *
wide_instant(struct eg_import *m, const struct eg_import_cell *c, struct eg_sensor *sensor,
    const struct eg_clock_reading *row, int64_t *ns)
{
	struct eg_clock_reading r = m->wide_instants ? c->time : *row;

	if (m->o->interval_s > 0)
		return eg_import_interval_instant(m, row, c->time.seconds, ns);
	if (!m->wide_instants) {
		r.seconds += c->time.seconds;
		r.date_only = false;
		r.day_end = c->time.day_end;
	}
	return eg_import_instant(m, sensor, &r, ns);
}

/* Whether the cell is a zero in an hour that a clock change skipped. Files with a column for each
 * hour of every day write that for "nothing". */
static bool
is_zero(struct eg_slice s)
{
	size_t i = 0;

	while (i < s.len && (s.s[i] == '0' || s.s[i] == '.' || s.s[i] == ','))
		i++;
	return i == s.len;
}

/* Makes the records of all cells; r is the reading of the row. Returns the reason for a refusal, or
 * NULL. */
static const char *
put_cells(struct eg_import *m, const struct eg_csv_row *row, struct eg_sensor *sensor,
    const struct eg_clock_reading *r, uint64_t *records, uint64_t *blank, bool *out_of_range,
    struct eg_error *e)
{
	const char *why = NULL;
	size_t time_len = 0;
	int64_t ns;

	if (!m->o->wide) {
		if ((why = row_instant(m, row, sensor, r, &ns)) != NULL)
			return why;
		if ((*out_of_range = outside(m->o, ns)))
			return NULL;
		time_len = eg_import_time_text(m, ns);
	}
	for (size_t i = 0; i < m->cells; i++) {
		struct eg_slice cell = row->field[m->cell[i].at];

		if (is_missing(m->o, cell)) {
			++*blank;
			continue;
		}
		if (m->o->wide) {
			if ((why = wide_instant(m, &m->cell[i], sensor, r, &ns)) != NULL) {
				if (!is_zero(cell))
					return why;
				++*blank;
				continue;
			}
			if (outside(m->o, ns))
				continue;
			time_len = eg_import_time_text(m, ns);
		}
		if (eg_import_reserve(m, e) != 0)
			return "out of memory";
		if ((why = eg_import_put(m, m->cell[i].value, m->cell[i].power, cell,
		         m->time, time_len, row->lineno)) != NULL)
			return why;
		++*records;
	}
	return NULL;
}

static bool
filtered(const struct eg_import *m, const struct eg_csv_row *row)
{
	for (size_t i = 0; i < m->o->wheres; i++) {
		const struct eg_import_where *w = &m->o->where[i];
		struct eg_slice f = row->field[m->where_at[i]];
		bool equal = f.len == strlen(w->text) && memcmp(f.s, w->text, f.len) == 0;

		if (equal != w->equal)
			return true;
	}
	return false;
}

/* Finds the text that names the row's sensor. */
static int
base_of(struct eg_import *m, const struct eg_csv_row *row, struct eg_slice *base,
    struct eg_error *e)
{
	const struct eg_import_options *o = m->o;
	const char *fixed = o->phase ? m->phase : o->sensor != NULL ? o->sensor : "";

	if (o->sensor_columns > 0)
		return join_cells(m, row, m->sensor_at, o->sensor_columns, '/', base, e);
	*base = (struct eg_slice){ fixed, strlen(fixed) };
	return 0;
}

/* Whether the first row after the header holds units: neither its time nor a value can be read. */
static bool
is_second_header(const struct eg_import *m, const struct eg_csv_row *row, struct eg_slice time)
{
	struct eg_clock_reading r;
	char out[EG_VALUE_MAX];
	size_t n;

	if (m->o->wide || !m->o->header ||
	    eg_import_time(m->o, time, &r) == NULL)
		return false;
	for (size_t i = 0; i < m->cells; i++) {
		struct eg_slice cell = row->field[m->cell[i].at];

		(void)eg_unit_cut(&cell);
		if (eg_import_number(m->o, cell, 0, out, &n) == NULL)
			return false;
	}
	return true;
}

static bool
all_missing(const struct eg_import *m, const struct eg_csv_row *row)
{
	for (size_t i = 0; i < m->cells; i++)
		if (!is_missing(m->o, row->field[m->cell[i].at]))
			return false;
	return true;
}

/* Makes the row's records; returns the reason for a refusal, or NULL. */
static const char *
take_values(struct eg_import *m, const struct eg_csv_row *row, struct eg_error *e)
{
	struct eg_slice base = { NULL, 0 }, time = { "", 0 };
	struct eg_clock_reading r = { 0 };
	struct eg_sensor *sensor;
	const char *why;
	uint64_t records = 0, blank = 0;
	size_t start = m->len, times = m->o->times - (m->o->interval_s > 0 && !m->o->wide);
	bool out_of_range = false;

	if (filtered(m, row)) {
		m->n.filtered++;
		return NULL;
	}
	if (times > 0 && join_cells(m, row, m->time_at, times, ' ', &time, e) != 0)
		return "out of memory";
	if (time.len == 0 && all_missing(m, row)) {
		m->n.blank += m->cells;
		return NULL;
	}
	if (m->behind && is_second_header(m, row, time)) {
		m->n.skipped_lines++;
		eg_warn("%s:%llu: passed over, as units below the header", m->shown,
		    (unsigned long long)row->lineno);
		return NULL;
	}
	if (m->o->times > 0 && (why = eg_import_time(m->o, time, &r)) != NULL)
		return why;
	if (base_of(m, row, &base, e) != 0)
		return "out of memory";
	if (m->o->sensor_columns > 0 && base.len == 0)
		return "the sensor has no name";
	if ((sensor = eg_sensors_get(m->sensors, base.s, base.len)) == NULL)
		return "out of memory";
	why = put_cells(m, row, sensor, &r, &records, &blank, &out_of_range, e);
	if (why != NULL) {
		m->len = start;
		return why;
	}
	m->n.records += records;
	m->n.blank += blank;
	m->n.outside += out_of_range;
	return NULL;
}

static bool
all_within(const size_t *at, size_t n, size_t width)
{
	for (size_t i = 0; i < n; i++)
		if (at[i] >= width)
			return false;
	return true;
}

/* Whether a row that is shorter than the header lacks only values at its end: it has its time, its
 * sensor and a value, and is not cut off by the end of the file. */
static bool
is_short(const struct eg_import *m, const struct eg_csv_row *row)
{
	const struct eg_import_options *o = m->o;
	bool any = false;

	if (row->n >= m->width || !o->header || row->unended ||
	    !all_within(m->time_at, o->times, row->n) ||
	    !all_within(m->sensor_at, o->sensor_columns, row->n) ||
	    !all_within(m->where_at, o->wheres, row->n))
		return false;
	for (size_t i = 0; i < m->cells && !any; i++)
		any = m->cell[i].at < row->n;
	return any;
}

int
eg_import_row(struct eg_import *m, const struct eg_csv_row *row, struct eg_error *e)
{
	struct eg_csv_row r = *row;
	char text[64];
	const char *why;

	m->n.rows++;
	if (*m->file_fault != '\0') {
		why = m->file_fault;
	} else if (r.reason != NULL) {
		why = r.reason;
	} else {
		while (r.n > m->width && r.n <= m->width + PADDING && r.field[r.n - 1].len == 0)
			r.n--;
		if (is_short(m, &r) && eg_csv_pad(&m->csv, &r, m->width, e) != 0)
			return -1;
		why = r.n != m->width ? text : take_values(m, &r, e);
		if (why == text)
			snprintf(text, sizeof(text), "%zu columns where %zu are wanted", r.n, m->width);
	}
	m->behind = false;
	if (why != NULL && m->o->header && r.raw != NULL &&
	    XXH3_64bits(r.raw, r.raw_len) == m->header) {
		m->n.skipped_lines++;
		return 0;
	}
	if (e->status != EG_OK)
		return -1;
	return why != NULL ? eg_import_refuse(m, r.lineno, r.raw, r.raw_len, why, e) : 0;
}
