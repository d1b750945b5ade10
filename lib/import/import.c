/* SPDX-License-Identifier: MIT */
/* Converts files of readings into records. */
#include "import/import.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <xxhash.h>

#include "import/parts.h"

enum { ROWS_A_LOOK = 1024 };

/* There is nothing to read at present: writes the records made so far. */
static int
flush_and_wait(void *ctx, int fd, struct eg_error *e)
{
	struct eg_import *m = ctx;

	if (eg_import_flush(m, true, e) != 0)
		return -1;
	return m->out->wait(m->out->ctx, fd, &m->n, e);
}

struct eg_import *
eg_import_new(const struct eg_import_options *options, struct eg_rejects *rejects,
    const struct eg_import_out *out, struct eg_error *e)
{
	struct eg_import *m = calloc(1, sizeof(*m));

	if (m == NULL) {
		eg_fail(e, EG_BUG, "out of memory");
		return NULL;
	}
	m->o = options;
	m->rejects = rejects;
	m->out = out;
	m->wait = (struct eg_import_wait){ m, flush_and_wait };
	m->day_ns = INT64_MIN;
	m->repeated = eg_repeated_new();
	m->sensors = eg_sensors_new(options->prefix != NULL ? options->prefix : "",
	    options->values > 0 && !options->every ? options->values : EG_IMPORT_VALUES, e);
	if (m->repeated != NULL && m->sensors != NULL)
		return m;
	eg_fail(e, EG_BUG, "out of memory");
	eg_import_free(m);
	return NULL;
}

static void
drop_held(struct eg_import *m)
{
	for (size_t i = 0; i < m->helds; i++)
		free(m->held[i].raw);
	m->helds = 0;
}

void
eg_import_free(struct eg_import *m)
{
	if (m == NULL)
		return;
	drop_held(m);
	eg_sensors_free(m->sensors);
	eg_repeated_free(m->repeated);
	free(m->cell);
	free(m->joined);
	free(m->text);
	free(m);
}

/* Keeps a copy of a row before the header, or of one that may be a footer. */
static int
hold(struct eg_import *m, const struct eg_csv_row *row, const char *reason, struct eg_error *e)
{
	struct eg_import_held *h = &m->held[m->helds];

	h->raw = malloc(row->raw_len + 1);
	if (h->raw == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	if (row->raw != NULL)
		memcpy(h->raw, row->raw, row->raw_len);
	h->len = row->raw_len;
	h->lineno = row->lineno;
	snprintf(h->reason, sizeof(h->reason), "%s", reason);
	m->helds++;
	return 0;
}

/* Refuses the held rows, from the i-th on. */
static int
refuse_held(struct eg_import *m, size_t i, struct eg_error *e)
{
	int rc = 0;

	for (; i < m->helds && rc == 0; i++) {
		const struct eg_import_held *h = &m->held[i];

		m->n.rows++;
		rc = eg_import_refuse(m, h->lineno, h->raw, h->len,
		    *m->file_fault != '\0' ? m->file_fault : h->reason, e);
	}
	drop_held(m);
	return rc;
}

/* No header was found: refuses the rows, with the reason why the first one is not a header. */
static int
give_up(struct eg_import *m, struct eg_error *e)
{
	char why[sizeof(m->file_fault)];

	memcpy(why, m->file_fault, sizeof(why));
	m->ready = true;
	if (m->sniffed.what != NULL)
		eg_import_spoil(m, m->held[0].lineno, "this is %s; %s", m->sniffed.what, m->sniffed.advice);
	else
		eg_import_spoil(m, m->held[0].lineno, "%s", why);
	return refuse_held(m, 1, e);
}

static bool
starts(const struct eg_csv_row *row, const char *text)
{
	size_t len = strlen(text);

	return row->raw_len >= len && strncasecmp(row->raw, text, len) == 0;
}

/* Whether a line is not a row: `sep=;` of spreadsheets, or an annotation of InfluxDB's CSV.
 * After annotations, each table has its own header. */
static bool
is_remark(struct eg_import *m, const struct eg_csv_row *row)
{
	if (!m->o->header)
		return !m->ready && row->raw_len > 0 && *row->raw == '#';
	if (row->lineno == 1 && starts(row, "sep=") && row->raw_len >= 5) {
		m->csv.delimiter = row->raw[4];
		return true;
	}
	if (row->raw_len == 0 || *row->raw != '#')
		return false;
	if (starts(row, "#group") || starts(row, "#datatype") || starts(row, "#default")) {
		m->annotated = true;
		m->ready = false;
		return true;
	}
	return !m->ready;
}

/* Whether a row is a sentence or an address and nothing else, as a remark at the end is. */
static bool
is_prose(const struct eg_csv_row *row)
{
	const struct eg_slice *f = NULL;

	for (size_t i = 0; i < row->n; i++)
		if (row->field[i].len > 0) {
			if (f != NULL)
				return false;
			f = &row->field[i];
		}
	return f != NULL && ((*f->s | 0x20) >= 'a' && (*f->s | 0x20) <= 'z') &&
	    (memchr(f->s, ' ', f->len) != NULL || memmem(f->s, f->len, "://", 3) != NULL);
}

/* Whether a row may hold totals or a remark: it has no time, and a field begins with a word such
 * as Total. */
static bool
is_footer(const struct eg_import *m, const struct eg_csv_row *row)
{
	struct eg_slice time = m->o->times > 0 && m->time_at[0] < row->n ? row->field[m->time_at[0]]
	                                                                 : (struct eg_slice){ "", 0 };
	struct eg_clock_reading r;

	static const char *const words[] = { "total", "totaal", "sum", "suma", "summe", "gesamt",
		"somme", "totale", "average", "mean", "mittelwert", "durchschnitt", "moyenne", "media" };

	if (time.len > 0 && (unsigned char)(*time.s - '0') <= 9)
		return false;
	if (m->o->times == 1 && eg_import_time(m->o, time, &r) == NULL)
		return false;
	if (is_prose(row))
		return true;
	for (size_t i = 0; i < row->n; i++)
		for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++)
			if (row->field[i].len >= strlen(words[k]) &&
			    strncasecmp(row->field[i].s, words[k], strlen(words[k])) == 0)
				return true;
	return false;
}

/* Handles a row while the header is not found yet. */
static int
seek_header(struct eg_import *m, const struct eg_csv_row *row, struct eg_error *e)
{
	int rc = eg_import_columns(m, row, !m->o->header, e);

	if (rc < 0)
		return -1;
	if (rc == 0) {
		if (hold(m, row, m->file_fault, e) != 0)
			return -1;
		return m->helds == EG_IMPORT_HELD ? give_up(m, e) : 0;
	}
	m->n.skipped_lines += m->helds;
	drop_held(m);
	m->ready = true;
	m->behind = m->o->header;
	m->header = XXH3_64bits(row->raw != NULL ? row->raw : "", row->raw_len);
	if (m->o->head > 0 && *m->file_fault == '\0')
		eg_import_describe(m, row);
	return m->o->header ? 0 : eg_import_row(m, row, e);
}

static bool
is_empty(const struct eg_csv_row *row)
{
	for (size_t i = 0; i < row->n; i++)
		if (row->field[i].len > 0)
			return false;
	return row->reason == NULL;
}

/* Whether a row may precede a repeated header, in a file with several sections: it has another
 * number of columns, and does not begin with a time. */
static bool
is_section(const struct eg_import *m, const struct eg_csv_row *row)
{
	struct eg_slice first = row->n > 0 ? row->field[0] : (struct eg_slice){ "", 0 };
	struct eg_clock_reading r;
	size_t n = row->n;

	while (n > m->width && row->field[n - 1].len == 0)
		n--;
	return row->reason == NULL && n != m->width && first.len > 0 &&
	    (unsigned char)(*first.s - '0') > 9 && (m->o->times == 0 ||
	    (m->time_at[0] == 0 && eg_import_time(m->o, first, &r) != NULL));
}

/* Handles a row after the header. Skips totals at the end of the file, and lines in front of a
 * repeated header. Elsewhere such lines are refused as rows. */
static int
take_row(struct eg_import *m, const struct eg_csv_row *row, struct eg_error *e)
{
	char text[64];

	if (m->helds > 0 && row->raw != NULL && XXH3_64bits(row->raw, row->raw_len) == m->header) {
		m->n.skipped_lines += m->helds + 1;
		drop_held(m);
		return 0;
	}
	if (m->helds > 0 && is_empty(row))
		return 0;
	if (*m->file_fault == '\0' && m->helds < EG_IMPORT_FOOTERS && is_footer(m, row)) {
		m->held[m->helds].remark = true;
		return hold(m, row, "no time, but totals or a remark, before the end", e);
	}
	if (*m->file_fault == '\0' && m->helds < EG_IMPORT_FOOTERS && m->o->header &&
	    is_section(m, row)) {
		m->held[m->helds].remark = false;
		snprintf(text, sizeof(text), "%zu columns where %zu are wanted", row->n, m->width);
		return hold(m, row, text, e);
	}
	if (m->helds > 0 && refuse_held(m, 0, e) != 0)
		return -1;
	return eg_import_row(m, row, e);
}

static int
read_rows(struct eg_import *m, struct eg_error *e)
{
	struct eg_csv_row row = { 0 };
	uint64_t end = m->o->head > 0 ? m->n.rows + m->o->head : UINT64_MAX, look = 0;
	bool stopped = false;
	int rc = 1;

	while (!stopped && m->n.rows < end && (rc = eg_csv_next(&m->csv, &row, e)) > 0) {
		if (is_remark(m, &row)) {
			m->n.skipped_lines++;
			continue;
		}
		if ((m->ready ? take_row(m, &row, e) : seek_header(m, &row, e)) != 0)
			return -1;
		if (eg_import_flush(m, false, e) != 0)
			return -1;
		stopped = ++look % ROWS_A_LOOK == 0 && m->out->stop(m->out->ctx, &m->n);
	}
	if (rc < 0)
		return -1;
	if (stopped || m->csv.stopped) {
		drop_held(m); /* the rows behind them, which say what they are, were not read */
		return 0;
	}
	if (!m->ready && m->helds > 0)
		return give_up(m, e);
	for (size_t i = 0; i < m->helds; i++)
		if (!m->held[i].remark)
			return refuse_held(m, 0, e);
	if (m->helds > 0)
		eg_warn("%s:%llu: %zu line%s of totals or remarks at the end passed over", m->shown,
		    (unsigned long long)m->held[0].lineno, m->helds, m->helds == 1 ? "" : "s");
	m->n.skipped_lines += m->helds;
	drop_held(m);
	return 0;
}

int
eg_import_file(struct eg_import *m, int fd, const char *shown, struct eg_error *e)
{
	int rc = -1, sniffed;

	m->shown = shown;
	m->rejects->source = shown;
	*m->file_fault = '\0';
	m->ready = m->annotated = false;
	eg_sensors_next_file(m->sensors);
	if (m->o->green_button)
		return eg_import_green_button(m, fd, e) == 0 ? eg_import_flush(m, true, e) : -1;
	if (eg_csv_open(&m->csv, fd, m->o->delimiter, m->o->encoding, &m->wait, e) != 0)
		return -1;
	m->sniffed = (struct eg_sniffed){ NULL, NULL, false };
	sniffed = eg_csv_sniff(&m->csv, &m->sniffed, e);
	/* Any text may be CSV. UTF-16 that was not converted is not text. */
	if (sniffed > 0 && (!m->sniffed.text || strcmp(m->sniffed.what, "UTF-16") == 0)) {
		eg_import_spoil(m, 1, "this is %s; %s", m->sniffed.what, m->sniffed.advice);
		m->ready = true;
	}
	if (sniffed >= 0)
		rc = sniffed > 0 && !m->sniffed.text ? 0
		    : m->o->nem12 ? eg_import_nem12(m, e) : read_rows(m, e);
	eg_csv_close(&m->csv);
	return rc == 0 ? eg_import_flush(m, true, e) : -1;
}

int
eg_import_end(struct eg_import *m, struct eg_error *e)
{
	int rc = eg_import_flush(m, true, e);

	if (m->n.repeated > 1)
		eg_warn("%llu records replace one with the same key and another value",
		    (unsigned long long)m->n.repeated);
	if (m->n.estimated > 0)
		eg_warn("%llu records are estimates or substitutes, not measured",
		    (unsigned long long)m->n.estimated);
	if (m->n.blank > 0)
		eg_warn("%llu empty values skipped", (unsigned long long)m->n.blank);
	return rc;
}

const struct eg_import_counts *
eg_import_counts(const struct eg_import *m)
{
	return &m->n;
}
