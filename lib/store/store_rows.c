/* SPDX-License-Identifier: MIT */
/* The rows of one key: its record and its deletion. */
#include <string.h>

#include "base/diag.h"
#include "store/store_db.h"

enum { CIVIL_LEN = 19 }; /* length of 2026-11-23T14:18:36 */

const char *
eg_store_spelling(const struct eg_record *r, size_t *len)
{
	struct eg_slice time = eg_record_time(r);
	const char *text = time.s;
	char canonical[EG_TIME_SIZE];
	size_t n, all = time.len;

	*len = 0;
	if (all == CIVIL_LEN && text[10] == 'T')
		return NULL;
	n = eg_time_format(r->ns, canonical);
	if (all < n || memcmp(text, canonical, n) != 0) {
		*len = all;
		return text;
	}
	*len = all - n;
	return *len > 0 ? text + n : NULL;
}

size_t
eg_store_timestamp(int64_t ns, const char *spelling, size_t len, char out[EG_STORE_TIME_MAX])
{
	size_t n = 0;

	if (len >= EG_STORE_TIME_MAX - EG_TIME_SIZE)
		return 0;
	/* After a canonical timestamp there can only be zeros and a zone: at most 16 bytes. */
	if (len < CIVIL_LEN)
		n = eg_time_format(ns, out);
	if (len > 0)
		memcpy(out + n, spelling, len);
	return n + len;
}

/* Compares the stored record with r, both as lines, as memcmp does. */
static int
compare_text(sqlite3_stmt *st, const struct eg_record *r, const char *spelling,
    size_t spelling_len, const char *value, size_t value_len)
{
	char time[EG_STORE_TIME_MAX], kept[EG_SENSOR_MAX + EG_STORE_TIME_MAX + EG_VALUE_MAX + 2];
	size_t n = eg_store_timestamp(sqlite3_column_int64(st, 0), spelling, spelling_len, time);
	int rc;

	if (value_len > EG_VALUE_MAX)
		value_len = EG_VALUE_MAX;
	n = (size_t)(eg_record_put(kept, eg_record_sensor(r), (struct eg_slice){ time, n },
	    (struct eg_slice){ value, value_len }) - kept);
	rc = memcmp(kept, r->line, n < r->len ? n : r->len);
	return rc != 0 ? rc : n < r->len ? -1 : n > r->len;
}

int
eg_store_find(struct eg_store *s, const struct eg_store_sensor *sensor, int64_t ns,
    const struct eg_record *r, struct eg_store_kept *kept, struct eg_error *e)
{
	sqlite3_stmt *st = eg_store_stmt(s, STMT_FIND, e);

	*kept = (struct eg_store_kept){ .there = false };
	if (st == NULL)
		return -1;
	sqlite3_bind_int64(st, 1, sensor->id);
	sqlite3_bind_int64(st, 2, ns);
	if (sqlite3_step(st) == SQLITE_ROW) {
		const char *value = (const char *)sqlite3_column_text(st, 1);
		const char *spelling = (const char *)sqlite3_column_text(st, 2);
		size_t value_len = (size_t)sqlite3_column_bytes(st, 1);
		size_t spelling_len = (size_t)sqlite3_column_bytes(st, 2);

		kept->there = true;
		kept->written = sqlite3_column_int64(st, 3);
		kept->hash = eg_store_hash_record(sensor->seed, ns, spelling, spelling_len, value,
		    value_len);
		if (r != NULL)
			kept->order = compare_text(st, r, spelling, spelling_len, value, value_len);
	}
	return sqlite3_reset(st) == SQLITE_OK ? 0 : eg_store_fail(s, "read", e);
}

int64_t
eg_store_later(int64_t given, int64_t last)
{
	return last < given ? given : last < INT64_MAX ? last + 1 : last;
}

int64_t
eg_store_lag(int64_t ns, int64_t written)
{
	return written / 1000 - ns / 1000;
}

int64_t
eg_store_whole_us(int64_t ns)
{
	return ns > INT64_MAX - 999 ? ns / 1000 * 1000 : (ns + 999) / 1000 * 1000;
}

int64_t
eg_store_write_time(const struct eg_record *r, int64_t now, int64_t last)
{
	bool ordered = r->order > 0 && r->order < EG_WHEN_MAX;

	if (!ordered && last == 0)
		return 0;
	return eg_store_whole_us(eg_store_later(ordered ? r->order : now, last));
}

int
eg_store_recall(struct eg_store *s, int64_t sensor, int64_t ns, struct eg_store_history *h,
    struct eg_error *e)
{
	sqlite3_stmt *st = eg_store_stmt(s, STMT_DELETION_FIND, e);
	int rc;

	*h = (struct eg_store_history){ .there = false };
	if (st == NULL)
		return -1;
	sqlite3_bind_int64(st, 1, sensor);
	sqlite3_bind_int64(st, 2, ns);
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW) {
		h->there = true;
		h->deleted = sqlite3_column_type(st, 1) == SQLITE_NULL;
		h->last = sqlite3_column_int64(st, h->deleted ? 0 : 1);
	} else if (rc != SQLITE_DONE) {
		eg_store_fail(s, "read", e);
	}
	sqlite3_reset(st);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : -1;
}
