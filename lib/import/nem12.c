/* SPDX-License-Identifier: MIT */
/* NEM12, the interval data of Australian meters: AEMO, "Meter Data File Format Specification NEM12
 * & NEM13". A 200 record gives a meter's stream, its unit and the length of its intervals; a 300
 * record holds the values of a day; 400 records hold the quality of its intervals if it varies.
 * Times are those of the market, UTC+10 all year. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/number.h"
#include "import/parts.h"
#include "record/record.h"

enum { INTERVALS = 1440, FIELD_NMI = 1, FIELD_REGISTER = 3, FIELD_SUFFIX = 4, FIELD_UNIT = 7,
	FIELD_LENGTH = 8, FIRST_VALUE = 2, DAY_MINUTES = 1440 };

/* A 300 record, kept until its 400 records are read. */
struct day {
	char *raw; /* its lines as read; slices of values point into it */
	size_t len, room;
	uint64_t lineno;
	struct eg_slice date, value[INTERVALS];
	char quality[INTERVALS]; /* A, E, F, N, S; 'V': in a later 400 record; '?': missing */
	const char *reason;      /* reason for a refusal, or NULL */
};

struct nem {
	struct eg_import *m;
	char base[300];     /* the stream's sensor: NMI/suffix_unit */
	const char *reason; /* reason why the stream cannot be read, or NULL */
	size_t minutes, intervals;
	bool stream, any, ended;
	bool held;
	struct day day;
};

/* Units of the specification; in lower case they end the sensor's name. */
static bool
copy_unit(struct eg_slice s, char out[8])
{
	static const char *const units[] = { "mwh", "kwh", "wh", "mw", "kw", "w", "mvarh", "kvarh",
		"varh", "mvar", "kvar", "var", "mvah", "kvah", "vah", "mva", "kva", "va", "kv", "v", "ka",
		"a", "pf" };

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strlen(units[i]) == s.len && strncasecmp(units[i], s.s, s.len) == 0) {
			memcpy(out, units[i], s.len + 1);
			return true;
		}
	return false;
}

static bool
number(struct eg_slice s, int64_t min, int64_t max, int64_t *n)
{
	char text[24];

	if (s.len == 0 || s.len >= sizeof(text))
		return false;
	memcpy(text, s.s, s.len);
	text[s.len] = '\0';
	return eg_int_parse(text, min, max, n) == EG_NUMBER_OK;
}

static struct eg_slice
field(const struct eg_csv_row *row, size_t i)
{
	return i < row->n ? row->field[i] : (struct eg_slice){ "", 0 };
}

/* Reads a 200 record: returns the reason for a refusal, or NULL. */
static const char *
take_stream(struct nem *f, const struct eg_csv_row *row)
{
	struct eg_slice nmi = field(row, FIELD_NMI), suffix = field(row, FIELD_SUFFIX);
	int64_t minutes = 0;
	char unit[8];

	f->stream = true;
	f->reason = "its 200 record was refused";
	if (suffix.len == 0)
		suffix = field(row, FIELD_REGISTER);
	if (nmi.len == 0 || suffix.len == 0)
		return "no NMI, or no suffix";
	if (!copy_unit(field(row, FIELD_UNIT), unit))
		return "the unit is not known";
	if (!number(field(row, FIELD_LENGTH), 1, 60, &minutes) || DAY_MINUTES % minutes != 0)
		return "the interval's length is not a part of an hour in minutes";
	if (snprintf(f->base, sizeof(f->base), "%.*s/%.*s_%s", (int)nmi.len, nmi.s, (int)suffix.len,
	        suffix.s, unit) >= (int)sizeof(f->base))
		return "the name of the sensor is too long";
	f->minutes = (size_t)minutes;
	f->intervals = DAY_MINUTES / (size_t)minutes;
	f->reason = NULL;
	return NULL;
}

/* Appends a line to the kept lines. Adjusts the slices of d that point into them. */
static int
keep_line(struct day *d, const char *raw, size_t len, struct eg_error *e)
{
	char *old = d->raw;

	if (!eg_buf_grow(&d->raw, &d->room, d->len + len + 1, 1) || d->raw == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	if (d->raw != old && d->len > 0) {
		for (size_t i = 0; i < INTERVALS; i++)
			if (d->value[i].s != NULL)
				d->value[i].s = d->raw + (d->value[i].s - old);
		d->date.s = d->raw + (d->date.s - old);
	}
	if (d->len > 0)
		d->raw[d->len++] = '\n';
	memcpy(d->raw + d->len, raw, len);
	d->len += len;
	return 0;
}

/* Whether s begins with a letter of a quality method: A, E, F, N, S or, for a day, V. */
static bool
is_quality(struct eg_slice s)
{
	return s.len > 0 && strchr("AEFNSV", toupper((unsigned char)*s.s)) != NULL;
}

static const char *
check_day(const struct nem *f, const struct eg_csv_row *row)
{
	struct eg_slice quality = field(row, FIRST_VALUE + f->intervals);

	if (f->reason != NULL)
		return f->reason;
	if (row->n < FIRST_VALUE + f->intervals)
		return "fewer values than the day has intervals";
	if (quality.len > 0 && !is_quality(quality))
		return "more values than the day has intervals, or an unknown quality";
	return NULL;
}

/* Keeps a 300 record. Its fields may be in the reader's memory or in the row's text. */
static int
hold_day(struct nem *f, const struct eg_csv_row *row, struct eg_error *e)
{
	struct day *d = &f->day;
	struct eg_slice q;

	d->len = 0;
	d->lineno = row->lineno;
	f->held = true;
	memset(d->value, 0, sizeof(d->value));
	if (keep_line(d, row->raw, row->raw_len, e) != 0)
		return -1;
	d->reason = row->reason != NULL ? row->reason : check_day(f, row);
	if (memchr(row->raw, '"', row->raw_len) != NULL)
		d->reason = "a quoted field in a 300 record";
	if (d->reason != NULL)
		return 0;
	q = field(row, FIRST_VALUE + f->intervals);
	d->date = (struct eg_slice){ d->raw + (row->field[1].s - row->raw), row->field[1].len };
	for (size_t i = 0; i < f->intervals; i++) {
		const struct eg_slice *v = &row->field[FIRST_VALUE + i];

		d->value[i] = (struct eg_slice){ d->raw + (v->s - row->raw), v->len };
		d->quality[i] = q.len > 0 ? (char)toupper((unsigned char)*q.s) : '?';
	}
	return 0;
}

/* Reads a 400 record: the quality of some intervals of the kept day. */
static const char *
take_quality(struct nem *f, const struct eg_csv_row *row)
{
	struct eg_slice q = field(row, 3);
	int64_t first = 0, last = 0;

	if (!number(field(row, 1), 1, (int64_t)f->intervals, &first) ||
	    !number(field(row, 2), first, (int64_t)f->intervals, &last) || !is_quality(q) ||
	    *q.s == 'V')
		return "its 400 record has no interval of the day, or no quality";
	for (int64_t i = first - 1; i < last; i++)
		f->day.quality[i] = (char)toupper((unsigned char)*q.s);
	return NULL;
}

/* Whether --where excludes readings of this quality. */
static bool
unwanted(const struct eg_import_options *o, char quality)
{
	for (size_t i = 0; i < o->wheres; i++)
		if ((toupper((unsigned char)*o->where[i].text) == quality) != o->where[i].equal)
			return true;
	return false;
}

/* Makes the record of a value; returns the reason for a refusal, or NULL. */
static const char *
put_interval(struct nem *f, size_t i, const struct eg_clock_reading *midnight,
    struct eg_sensor *sensor, struct eg_error *e)
{
	struct eg_import *m = f->m;
	struct eg_clock_reading r = *midnight;
	char time[EG_TIME_SIZE];
	const char *why;
	int64_t ns;

	if (f->day.quality[i] == 'V')
		return "its 400 records leave out intervals";
	if (f->day.value[i].len == 0 || f->day.quality[i] == 'N') {
		m->n.blank++;
		return NULL;
	}
	r.date_only = false;
	r.seconds += (int64_t)(i * f->minutes * 60);
	if ((why = eg_import_instant(m, sensor, &r, &ns)) != NULL)
		return why;
	if (ns < m->o->from_ns || ns >= m->o->to_ns) {
		m->n.outside++;
		return NULL;
	}
	if (unwanted(m->o, f->day.quality[i])) {
		m->n.filtered++;
		return NULL;
	}
	if (eg_import_reserve(m, e) != 0)
		return "out of memory";
	m->n.estimated += strchr("EFS", f->day.quality[i]) != NULL;
	m->n.records++;
	return eg_import_put(m, 0, 0, f->day.value[i], time, eg_time_format(ns, time), f->day.lineno);
}

static const char *
put_day(struct nem *f, struct eg_error *e)
{
	static const struct eg_time_format basic = { .epoch = -1, .n = 3, .kind = "Ymd" };
	struct eg_clock_reading r;
	struct eg_sensor *sensor;
	const char *why = f->day.reason;

	if (why == NULL)
		why = eg_time_format_read(&basic, f->day.date.s, f->day.date.len, &r);
	if (why != NULL)
		return why;
	if ((sensor = eg_sensors_get(f->m->sensors, f->base, strlen(f->base))) == NULL)
		return "out of memory";
	for (size_t i = 0; i < f->intervals && why == NULL; i++)
		why = put_interval(f, i, &r, sensor, e);
	return why;
}

/* Makes the records of the kept day: either all of them, or the day is refused with its 400
 * records. */
static int
release_day(struct nem *f, struct eg_error *e)
{
	struct eg_import *m = f->m;
	struct eg_import_counts before = m->n;
	size_t start = m->len;
	const char *why;

	if (!f->held)
		return 0;
	f->held = false;
	m->n.rows++;
	why = put_day(f, e);
	if (e->status != EG_OK)
		return -1;
	if (why == NULL)
		return eg_import_flush(m, false, e);
	m->len = start;
	m->n = before;
	m->n.rows++;
	return eg_import_refuse(m, f->day.lineno, f->day.raw, f->day.len, why, e);
}

/* Refuses a single row. */
static int
refuse_row(struct nem *f, const struct eg_csv_row *row, const char *why, struct eg_error *e)
{
	f->m->n.rows++;
	return eg_import_refuse(f->m, row->lineno, row->raw, row->raw_len, why, e);
}

static bool
is(const struct eg_csv_row *row, const char *indicator)
{
	return row->n > 0 && row->field[0].len == 3 && memcmp(row->field[0].s, indicator, 3) == 0;
}

static int
take_row(struct nem *f, const struct eg_csv_row *row, struct eg_error *e)
{
	const char *why;

	f->any = true;
	if (is(row, "400") && f->held) {
		if (f->day.reason == NULL)
			f->day.reason = take_quality(f, row);
		return keep_line(&f->day, row->raw, row->raw_len, e);
	}
	if (release_day(f, e) != 0)
		return -1;
	f->ended = is(row, "900");
	if (is(row, "300"))
		return f->stream ? hold_day(f, row, e)
		                 : refuse_row(f, row, "a 300 record without a 200 record before it", e);
	if (is(row, "200"))
		return (why = take_stream(f, row)) != NULL ? refuse_row(f, row, why, e) : 0;
	if (is(row, "250") || is(row, "550"))
		return refuse_row(f, row, "a record of NEM13, of accumulated readings", e);
	if (is(row, "100"))
		f->stream = false;
	return is(row, "100") || is(row, "500") || f->ended
	    ? 0 : refuse_row(f, row, "not a record of NEM12", e);
}

static int
read_rows(struct nem *f, struct eg_error *e)
{
	struct eg_import *m = f->m;
	uint64_t end = m->o->head > 0 ? m->n.rows + m->o->head : UINT64_MAX;
	struct eg_csv_row row = { 0 };
	int rc = 1;

	while (m->n.rows < end && (rc = eg_csv_next(&m->csv, &row, e)) > 0) {
		if (row.raw == NULL ? refuse_row(f, &row, row.reason, e) != 0 : take_row(f, &row, e) != 0)
			return -1;
		if (m->out->stop(m->out->ctx, &m->n))
			return 0;
	}
	if (rc >= 0 && m->csv.stopped)
		return 0; /* 400 records of the kept day may follow */
	if (rc < 0 || release_day(f, e) != 0)
		return -1;
	if (rc == 0 && f->any && !f->ended)
		eg_warn("%s: no 900 record at the end: the file may have been cut", m->shown);
	return 0;
}

int
eg_import_nem12(struct eg_import *m, struct eg_error *e)
{
	struct nem *f = calloc(1, sizeof(*f));
	int rc;

	if (f == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	f->m = m;
	*m->suffix[0] = '\0';
	rc = read_rows(f, e);
	free(f->day.raw);
	free(f);
	return rc;
}
