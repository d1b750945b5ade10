/* SPDX-License-Identifier: MIT */
/* Checks a store: SQLite's integrity check, then every row and digest. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/diag.h"
#include "store/store_db.h"

struct check {
	struct eg_store *s;
	void (*found)(const char *text);
	uint64_t records, faults;
	/* sums for the day that is being read */
	int64_t sensor, day, in_day, deletions;
	uint64_t digest, seed;
	bool open, named;
	uint64_t days;
};

static void found(struct check *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void
found(struct check *c, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	c->faults++;
	c->found(text);
}

static int
check_sqlite(struct check *c, struct eg_error *e)
{
	sqlite3_stmt *st = eg_store_query(c->s, "PRAGMA integrity_check(20)", e);
	int rc;

	if (st == NULL)
		return -1;
	while ((rc = sqlite3_step(st)) == SQLITE_ROW)
		if (strcmp((const char *)sqlite3_column_text(st, 0), "ok") != 0)
			found(c, "%s", (const char *)sqlite3_column_text(st, 0));
	if (rc != SQLITE_DONE)
		eg_store_fail(c->s, "read", e);
	sqlite3_finalize(st);
	return rc == SQLITE_DONE ? 0 : -1;
}

/* Compares the sums of the finished day with its row in the table digests. */
static int
close_day(struct check *c, sqlite3_stmt *st, struct eg_error *e)
{
	char day[EG_TIME_SIZE];
	int rc;

	if (!c->open)
		return 0;
	c->open = false;
	c->days++;
	sqlite3_bind_int64(st, 1, c->sensor);
	sqlite3_bind_int64(st, 2, c->day);
	rc = sqlite3_step(st);
	eg_store_date(c->day, day);
	if (rc == SQLITE_DONE)
		found(c, "sensor %" PRId64 " has no digest for %s", c->sensor, day);
	else if (rc != SQLITE_ROW)
		return eg_store_fail(c->s, "read", e);
	else if (sqlite3_column_int64(st, 0) != c->in_day ||
	    sqlite3_column_int64(st, 1) != c->deletions ||
	    (uint64_t)sqlite3_column_int64(st, 2) != c->digest)
		found(c, "the digest of sensor %" PRId64 " for %s differs from its records",
		    c->sensor, day);
	sqlite3_reset(st);
	return 0;
}

/* Whether the row can be converted to a record that parses to the same key. */
static bool
is_sound_row(const struct check *c, sqlite3_stmt *row)
{
	const char *name = (const char *)sqlite3_column_text(row, 5);
	const char *value = (const char *)sqlite3_column_text(row, 2);
	size_t name_len = (size_t)sqlite3_column_bytes(row, 5), n;
	size_t value_len = (size_t)sqlite3_column_bytes(row, 2);
	int64_t ns = sqlite3_column_int64(row, 1);
	char line[EG_LINE_MAX], time[EG_STORE_TIME_MAX];
	struct eg_record r;

	if (!c->named || name_len > EG_SENSOR_MAX || value_len > EG_VALUE_MAX)
		return false;
	n = eg_store_timestamp(ns, (const char *)sqlite3_column_text(row, 3),
	    (size_t)sqlite3_column_bytes(row, 3), time);
	if (n == 0)
		return false;
	n = (size_t)(eg_record_put(line, (struct eg_slice){ name, name_len },
	    (struct eg_slice){ time, n }, (struct eg_slice){ value, value_len }) - line);
	return eg_record_parse(line, n, &r) == EG_FAULT_NONE && r.ns == ns &&
	    r.sensor_len == name_len;
}

static int
check_row(struct check *c, sqlite3_stmt *row, sqlite3_stmt *digest, struct eg_error *e)
{
	int64_t sensor = sqlite3_column_int64(row, 0), ns = sqlite3_column_int64(row, 1);
	int64_t day = eg_store_day(ns);
	const char *name = (const char *)sqlite3_column_text(row, 5);

	if (c->open && (sensor != c->sensor || day != c->day) && close_day(c, digest, e) != 0)
		return -1;
	if (!c->open) {
		c->open = true;
		c->sensor = sensor;
		c->day = day;
		c->in_day = c->deletions = 0;
		c->digest = 0;
		c->named = name != NULL;
		c->seed = name == NULL ? 0
		    : eg_store_hash_name(name, (size_t)sqlite3_column_bytes(row, 5));
		if (name == NULL)
			found(c, "sensor %" PRId64 " has no name", sensor);
	}
	if (sqlite3_column_int(row, 4) == 0) {
		c->records++;
		c->in_day++;
		if (c->named && !is_sound_row(c, row))
			found(c, "sensor %" PRId64 " at %" PRId64 " is not a record", sensor, ns);
		c->digest ^= eg_store_hash_record(c->seed, ns, (const char *)sqlite3_column_text(row, 3),
		    (size_t)sqlite3_column_bytes(row, 3), (const char *)sqlite3_column_text(row, 2),
		    (size_t)sqlite3_column_bytes(row, 2));
	} else {
		c->deletions++;
		c->digest ^= eg_store_hash_deletion(c->seed, ns);
	}
	return 0;
}

/* Reads both tables sorted by key; SQLite merges them without a sort. */
static int
check_rows(struct check *c, struct eg_error *e)
{
	sqlite3_stmt *row, *digest;
	int rc = SQLITE_ERROR;

	row = eg_store_query(c->s,
	    "SELECT sensor, ns, value, spelling, deleted, (SELECT name FROM sensors WHERE id = sensor) "
	    "FROM (SELECT sensor, ns, value, spelling, 0 AS deleted FROM records UNION ALL "
	    "SELECT sensor, ns, NULL, NULL, 1 FROM deletions WHERE written IS NULL) "
	    "ORDER BY sensor, ns", e);
	digest = eg_store_query(c->s,
	    "SELECT records, deletions, digest FROM digests WHERE sensor = ?1 AND day = ?2", e);
	if (row != NULL && digest != NULL) {
		while ((rc = sqlite3_step(row)) == SQLITE_ROW && check_row(c, row, digest, e) == 0)
			;
		if (rc == SQLITE_DONE && close_day(c, digest, e) != 0)
			rc = SQLITE_ERROR;
		else if (rc != SQLITE_DONE && rc != SQLITE_ROW)
			eg_store_fail(c->s, "read", e);
	}
	sqlite3_finalize(row);
	sqlite3_finalize(digest);
	return rc == SQLITE_DONE ? 0 : -1;
}

static int
check_counts(struct check *c, struct eg_error *e)
{
	int64_t days, both;
	bool null;

	if (eg_store_int(c->s, "SELECT count(*) FROM digests "
	    "WHERE records <> 0 OR deletions <> 0 OR digest <> 0", &days, &null, e) != 0 ||
	    eg_store_int(c->s, "SELECT count(*) FROM deletions d CROSS JOIN records r "
	    "ON r.sensor = d.sensor AND r.ns = d.ns WHERE d.written IS NULL", &both, &null, e) != 0)
		return -1;
	if (days != (int64_t)c->days)
		found(c, "%" PRId64 " days have digests, %" PRIu64 " have records or deletions", days,
		    c->days);
	if (both != 0)
		found(c, "%" PRId64 " keys are both there and deleted", both);
	return 0;
}

int
eg_store_check(struct eg_store *s, void (*tell)(const char *text), uint64_t *records,
    uint64_t *faults, struct eg_error *e)
{
	struct check c = { .s = s, .found = tell };
	int rc;

	if (eg_store_snapshot(s, e) != 0)
		return -1;
	rc = check_sqlite(&c, e);
	/* If SQLite finds damage, faults in rows are only its consequences, so rows are not
	 * checked. */
	if (rc == 0 && c.faults == 0)
		rc = check_rows(&c, e) != 0 || check_counts(&c, e) != 0 ? -1 : 0;
	eg_store_end(s);
	*records = c.records;
	*faults = c.faults;
	return rc;
}
