/* SPDX-License-Identifier: MIT */
/* Reads records and deletions in the order of their keys, and figures of the store. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/diag.h"
#include "store/store_db.h"

enum fate { GO_ON, ENOUGH, FAILED };

enum { COL_NS, COL_VALUE, COL_SPELLING, COL_WRITTEN };

enum eg_fault
eg_store_key_parse(const char *key, size_t len, char buf[EG_STORE_KEY_SIZE], struct eg_record *r)
{
	if (len > EG_LINE_MAX - 2)
		return EG_FAULT_TOO_LONG;
	/* A key followed by any value is a record. */
	memcpy(buf, key, len);
	memcpy(buf + len, ":0", 2);
	return eg_record_parse(buf, len + 2, r);
}

/* Passes on the line of the current row of st. */
static enum fate
emit(struct eg_store *s, const char *name, size_t name_len, sqlite3_stmt *st,
    enum eg_store_lines what, const struct eg_store_out *out, struct eg_error *e)
{
	char line[EG_LINE_MAX + EG_STORE_TIME_MAX], time[EG_STORE_TIME_MAX];
	bool spelled = what != EG_STORE_DELETIONS;
	const char *spelling = spelled ? (const char *)sqlite3_column_text(st, COL_SPELLING) : NULL;
	size_t spelling_len = spelled ? (size_t)sqlite3_column_bytes(st, COL_SPELLING) : 0;
	const char *value = (const char *)sqlite3_column_text(st, COL_VALUE);
	size_t value_len = (size_t)sqlite3_column_bytes(st, COL_VALUE), n;
	int rc;

	if (name_len > EG_SENSOR_MAX || value_len > EG_VALUE_MAX || value == NULL)
		goto damaged;
	n = eg_store_timestamp(sqlite3_column_int64(st, COL_NS), spelling, spelling_len, time);
	if (n == 0)
		goto damaged;
	n = (size_t)(eg_record_put(line, (struct eg_slice){ name, name_len },
	    (struct eg_slice){ time, n }, (struct eg_slice){ value, value_len }) - line);
	if (what == EG_STORE_DATED)
		n += (size_t)snprintf(line + n, sizeof(line) - n, ":%" PRId64,
		    (int64_t)sqlite3_column_int64(st, COL_WRITTEN));
	line[n++] = '\n';
	rc = out->line(out->ctx, line, n, e);
	return rc == 0 ? GO_ON : rc > 0 ? ENOUGH : FAILED;
damaged:
	eg_fail(e, EG_LOCAL_IO, "'%s' is damaged: a record of '%.*s' has no proper form; see check",
	    s->path, (int)(name_len < 100 ? name_len : 100), name);
	return FAILED;
}

static enum fate
read_ended(struct eg_store *s, int rc, struct eg_error *e)
{
	if (rc == SQLITE_DONE)
		return GO_ON;
	eg_store_fail(s, "read", e);
	return FAILED;
}

int
eg_store_get(struct eg_store *s, const struct eg_record *r, enum eg_store_lines what,
    const struct eg_store_out *out, bool *found, struct eg_error *e)
{
	struct eg_store_sensor *sensor = eg_store_sensor(s, r->line, r->sensor_len, false, e);
	sqlite3_stmt *st;
	enum fate fate;
	int rc;

	*found = false;
	if (sensor == NULL)
		return e->status == EG_OK ? 0 : -1;
	st = eg_store_stmt(s, STMT_FIND, e);
	if (st == NULL)
		return -1;
	sqlite3_bind_int64(st, 1, sensor->id);
	sqlite3_bind_int64(st, 2, r->ns);
	rc = sqlite3_step(st);
	*found = rc == SQLITE_ROW;
	fate = *found ? emit(s, r->line, r->sensor_len, st, what, out, e) : read_ended(s, rc, e);
	sqlite3_reset(st);
	return fate == FAILED ? -1 : 0;
}

/* Passes on all rows of one sensor in the span. */
static enum fate
dump_sensor(struct eg_store *s, int64_t id, const char *name, size_t len,
    const struct eg_time_span *span, enum eg_store_lines what, const struct eg_store_out *out,
    struct eg_error *e)
{
	sqlite3_stmt *st = eg_store_stmt(s,
	    what == EG_STORE_DELETIONS ? STMT_RANGE_DELETIONS : STMT_RANGE, e);
	enum fate fate = GO_ON;
	int rc = SQLITE_DONE;

	if (st == NULL)
		return FAILED;
	sqlite3_bind_int64(st, 1, id);
	sqlite3_bind_int64(st, 2, span->from);
	sqlite3_bind_int64(st, 3, span->to);
	while (fate == GO_ON && (rc = sqlite3_step(st)) == SQLITE_ROW)
		fate = emit(s, name, len, st, what, out, e);
	if (fate == GO_ON)
		fate = read_ended(s, rc, e);
	sqlite3_reset(st);
	return fate;
}

int
eg_store_range(struct eg_store *s, const char *name, size_t len, const struct eg_time_span *span,
    enum eg_store_lines what, const struct eg_store_out *out, struct eg_error *e)
{
	struct eg_store_sensor *sensor = eg_store_sensor(s, name, len, false, e);

	if (sensor == NULL)
		return e->status == EG_OK ? 0 : -1;
	return dump_sensor(s, sensor->id, name, len, span, what, out, e) == FAILED ? -1 : 0;
}

int
eg_store_dump(struct eg_store *s, const struct eg_time_span *span, enum eg_store_lines what,
    const struct eg_store_out *out, struct eg_error *e)
{
	sqlite3_stmt *sensors = eg_store_query(s, "SELECT id, name FROM sensors ORDER BY name", e);
	enum fate fate = GO_ON;
	int rc = SQLITE_DONE;

	if (sensors == NULL)
		return -1;
	/* This statement keeps the read transaction open, so all sensors are from one snapshot. */
	while (fate == GO_ON && (rc = sqlite3_step(sensors)) == SQLITE_ROW)
		fate = dump_sensor(s, sqlite3_column_int64(sensors, 0),
		    (const char *)sqlite3_column_text(sensors, 1),
		    (size_t)sqlite3_column_bytes(sensors, 1), span, what, out, e);
	if (fate == GO_ON)
		fate = read_ended(s, rc, e);
	sqlite3_finalize(sensors);
	return fate == FAILED ? -1 : 0;
}

/* Passes on the first column of each row as a line. */
static int
print_names(struct eg_store *s, sqlite3_stmt *st, const struct eg_store_out *out,
    struct eg_error *e)
{
	enum fate fate = GO_ON;
	char line[EG_LINE_MAX];
	int rc = SQLITE_DONE;

	while (fate == GO_ON && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		int n = snprintf(line, sizeof(line), "%s\n", (const char *)sqlite3_column_text(st, 0));
		int told = n < 0 || (size_t)n >= sizeof(line) ? 0 : out->line(out->ctx, line, (size_t)n, e);

		fate = told == 0 ? GO_ON : told > 0 ? ENOUGH : FAILED;
	}
	if (fate == GO_ON)
		fate = read_ended(s, rc, e);
	sqlite3_finalize(st);
	return fate == FAILED ? -1 : 0;
}

int
eg_store_sensors(struct eg_store *s, const struct eg_store_out *out, struct eg_error *e)
{
	sqlite3_stmt *st = eg_store_query(s, "SELECT name FROM sensors s WHERE EXISTS"
	    "(SELECT 1 FROM records WHERE sensor = s.id) ORDER BY name", e);

	return st == NULL ? -1 : print_names(s, st, out, e);
}

/* The size of the database and its log on disk, in bytes. */
static int64_t
file_bytes(const struct eg_store *s)
{
	struct stat st;
	int64_t bytes = 0;

	if (stat(s->path, &st) == 0)
		bytes = st.st_size;
	if (stat(s->wal, &st) == 0)
		bytes += st.st_size;
	return bytes;
}

int
eg_store_stat(struct eg_store *s, struct eg_store_facts *f, struct eg_error *e)
{
	bool none, never;
	int rc;

	if (eg_store_snapshot(s, e) != 0)
		return -1;
	rc = eg_store_int(s, "SELECT sum(records) FROM digests", &f->records, &none, e) != 0 ||
	    eg_store_int(s, "SELECT sum(deletions) FROM digests", &f->deletions, &none, e) != 0 ||
	    eg_store_int(s, "SELECT count(*) FROM sensors s WHERE EXISTS"
		"(SELECT 1 FROM records WHERE sensor = s.id)", &f->sensors, &none, e) != 0 ||
	    eg_store_int(s, "SELECT min((SELECT min(ns) FROM records WHERE sensor = s.id)) "
		"FROM sensors s", &f->first, &none, e) != 0 ||
	    eg_store_int(s, "SELECT max((SELECT max(ns) FROM records WHERE sensor = s.id)) "
		"FROM sensors s", &f->last, &none, e) != 0 ||
	    eg_store_int(s, "SELECT max(before) FROM expired", &f->expired_before, &never, e) != 0
	    ? -1 : 0;
	f->expired = rc == 0 && !never;
	f->bytes = file_bytes(s);
	eg_store_end(s);
	return rc;
}

/* A day of one sensor, or the xor of all days of a sensor. */
struct digest_row {
	const char *name;
	int name_len;
	int64_t day, records, deletions;
	uint64_t digest;
};

static enum fate
tell_digest(const struct digest_row *d, bool days, const struct eg_store_out *out,
    struct eg_error *e)
{
	char line[EG_LINE_MAX], day[EG_TIME_SIZE] = "";
	int n, rc;

	if (days)
		eg_store_date(d->day, day);
	n = snprintf(line, sizeof(line), "%.*s:%s%s%" PRId64 ":%" PRId64 ":%016" PRIx64 "\n",
	    d->name_len, d->name, day, days ? ":" : "", d->records, d->deletions, d->digest);
	rc = out->line(out->ctx, line, (size_t)n, e);
	return rc == 0 ? GO_ON : rc > 0 ? ENOUGH : FAILED;
}

static enum fate
digest_sensor(struct eg_store *s, int64_t id, struct digest_row *sum, bool days,
    const struct eg_store_out *out, struct eg_error *e)
{
	sqlite3_stmt *st = eg_store_stmt(s, STMT_DAYS, e);
	enum fate fate = GO_ON;
	int rc = SQLITE_DONE;

	if (st == NULL)
		return FAILED;
	sqlite3_bind_int64(st, 1, id);
	while (fate == GO_ON && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		struct digest_row row = { sum->name, sum->name_len, sqlite3_column_int64(st, 0),
			sqlite3_column_int64(st, 1), sqlite3_column_int64(st, 2),
			(uint64_t)sqlite3_column_int64(st, 3) };

		sum->records += row.records;
		sum->deletions += row.deletions;
		sum->digest ^= row.digest;
		if (days && (row.records != 0 || row.deletions != 0))
			fate = tell_digest(&row, true, out, e);
	}
	if (fate == GO_ON)
		fate = read_ended(s, rc, e);
	sqlite3_reset(st);
	if (fate == GO_ON && !days && (sum->records != 0 || sum->deletions != 0))
		fate = tell_digest(sum, false, out, e);
	return fate;
}

int
eg_store_days(struct eg_store *s, const char *name, size_t len, const struct eg_store_out *out,
    struct eg_error *e)
{
	struct eg_store_sensor *sensor = eg_store_sensor(s, name, len, false, e);
	struct digest_row sum = { .name = name, .name_len = (int)len };

	if (sensor == NULL)
		return e->status == EG_OK ? 0 : -1;
	return digest_sensor(s, sensor->id, &sum, true, out, e) == FAILED ? -1 : 0;
}

int
eg_store_digest(struct eg_store *s, const struct eg_store_out *out, struct eg_error *e)
{
	sqlite3_stmt *sensors = eg_store_query(s, "SELECT id, name FROM sensors ORDER BY name", e);
	enum fate fate = GO_ON;
	int rc = SQLITE_DONE;

	if (sensors == NULL)
		return -1;
	while (fate == GO_ON && (rc = sqlite3_step(sensors)) == SQLITE_ROW) {
		struct digest_row sum = { .name = (const char *)sqlite3_column_text(sensors, 1),
			.name_len = sqlite3_column_bytes(sensors, 1) };

		fate = digest_sensor(s, sqlite3_column_int64(sensors, 0), &sum, false, out, e);
	}
	if (fate == GO_ON)
		fate = read_ended(s, rc, e);
	sqlite3_finalize(sensors);
	return fate == FAILED ? -1 : 0;
}
