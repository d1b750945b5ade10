/* SPDX-License-Identifier: MIT */
/* Commits batches of records to a store. */
#include "base/clock.h"
#include "base/diag.h"
#include "store/store_db.h"

enum { WAIT_MS = 2000 }; /* time limit for a lock, for batches */

/* Rounds up to whole microseconds, the unit of stored times. Rounding up keeps a time later than
 * the events before it. */
static int64_t
whole_us(int64_t ns)
{
	return ns > INT64_MAX - 999 ? ns / 1000 * 1000 : (ns + 999) / 1000 * 1000;
}

/* The stored form of a time of writing. */
static int64_t
lag_of(int64_t ns, int64_t written)
{
	return written / 1000 - ns / 1000;
}

static void
bind_record(sqlite3_stmt *st, int64_t sensor, const struct eg_record *r, const char *spelling,
    size_t spelling_len, int64_t written)
{
	sqlite3_bind_int64(st, 1, sensor);
	sqlite3_bind_int64(st, 2, r->ns);
	sqlite3_bind_text(st, 3, r->line + r->value_at, r->len - r->value_at, SQLITE_STATIC);
	if (spelling != NULL)
		sqlite3_bind_text(st, 4, spelling, (int)spelling_len, SQLITE_STATIC);
	else
		sqlite3_bind_null(st, 4);
	if (written != 0)
		sqlite3_bind_int64(st, 5, lag_of(r->ns, written));
	else
		sqlite3_bind_null(st, 5);
}

/* Gives the stored record a new time of writing. */
static int
date_record(struct eg_store *s, int64_t sensor, int64_t ns, int64_t written, struct eg_error *e)
{
	sqlite3_stmt *st = eg_store_stmt(s, STMT_DATE, e);

	if (st == NULL)
		return -1;
	sqlite3_bind_int64(st, 1, sensor);
	sqlite3_bind_int64(st, 2, ns);
	sqlite3_bind_int64(st, 3, lag_of(ns, written));
	return eg_store_step(s, st, e);
}

/* Replaces the record of r's key. If the two are equal (a repeated delivery), only the time of
 * writing changes, to the later one. */
static int
replace_row(struct eg_store *s, const struct eg_store_sensor *sensor, const struct eg_record *r,
    const struct eg_store_kept *kept, int64_t written, struct eg_error *e)
{
	size_t spelling_len;
	const char *spelling;
	sqlite3_stmt *st;
	uint64_t hash;

	if (kept->order == 0)
		return kept->written >= written ? 0
		    : date_record(s, sensor->id, r->ns, written, e);
	st = eg_store_stmt(s, STMT_UPDATE, e);
	if (st == NULL)
		return -1;
	spelling = eg_store_spelling(r, &spelling_len);
	hash = eg_store_hash_record(sensor->seed, r->ns, spelling, spelling_len,
	    r->line + r->value_at, (size_t)r->len - r->value_at);
	bind_record(st, sensor->id, r, spelling, spelling_len, written);
	s->replaced_now++;
	if (eg_store_step(s, st, e) != 0)
		return -1;
	return eg_store_delta(s, sensor->id, r->ns, 0, 0, kept->hash ^ hash, e);
}

/* Marks the deletion as past, since the record was written again. */
static int
untombstone(struct eg_store *s, const struct eg_store_sensor *sensor, int64_t ns,
    int64_t written, struct eg_error *e)
{
	sqlite3_stmt *st = eg_store_stmt(s, STMT_UNTOMBSTONE, e);

	if (st == NULL)
		return -1;
	sqlite3_bind_int64(st, 1, sensor->id);
	sqlite3_bind_int64(st, 2, ns);
	sqlite3_bind_int64(st, 3, written);
	if (eg_store_step(s, st, e) != 0)
		return -1;
	return eg_store_delta(s, sensor->id, ns, 0, -1, eg_store_hash_deletion(sensor->seed, ns), e);
}

/* Inserts r unless its key has a record; *inserted: it was inserted. */
static int
insert(struct eg_store *s, const struct eg_store_sensor *sensor, const struct eg_record *r,
    int64_t written, bool *inserted, struct eg_error *e)
{
	sqlite3_stmt *st = eg_store_stmt(s, STMT_INSERT, e);
	size_t spelling_len;
	const char *spelling = eg_store_spelling(r, &spelling_len);
	uint64_t hash;

	if (st == NULL)
		return -1;
	bind_record(st, sensor->id, r, spelling, spelling_len, written);
	if (eg_store_step(s, st, e) != 0)
		return -1;
	*inserted = sqlite3_changes(s->db) != 0;
	if (!*inserted)
		return 0;
	hash = eg_store_hash_record(sensor->seed, r->ns, spelling, spelling_len,
	    r->line + r->value_at, (size_t)r->len - r->value_at);
	return eg_store_delta(s, sensor->id, r->ns, 1, 0, hash, e);
}

/* The time of writing of r, which follows an event at time `last`; 0: unknown. The clock is used
 * only if there is such an event: a record without an order may be a copy of an old one. */
static int64_t
write_time(const struct eg_record *r, int64_t now, int64_t last)
{
	bool ordered = r->order > 0 && r->order < EG_WHEN_MAX;

	return !ordered && last == 0 ? 0 : whole_us(eg_store_later(ordered ? r->order : now, last));
}

static int
put_record(struct eg_store *s, const struct eg_store_sensor *sensor, const struct eg_record *r,
    int64_t now, struct eg_error *e)
{
	struct eg_store_history h = { .there = false };
	struct eg_store_kept kept;
	int64_t written;
	bool inserted;

	if (s->deletions && eg_store_recall(s, sensor->id, r->ns, &h, e) != 0)
		return -1;
	written = write_time(r, now, h.last);
	if (insert(s, sensor, r, written, &inserted, e) != 0)
		return -1;
	if (inserted)
		return h.deleted ? untombstone(s, sensor, r->ns, written, e) : 0;
	if (eg_store_find(s, sensor, r->ns, r, &kept, e) != 0)
		return -1;
	/* The same value again only needs a time if that is later. */
	if (kept.order == 0)
		return replace_row(s, sensor, r, &kept, write_time(r, now, kept.written > 0), e);
	return replace_row(s, sensor, r, &kept,
	    write_time(r, now, kept.written > h.last ? kept.written : h.last), e);
}

int
eg_store_merge(struct eg_store *s, const struct eg_record *r, int64_t written, struct eg_error *e)
{
	struct eg_store_sensor *sensor = eg_store_sensor(s, r->line, r->sensor_len, true, e);
	struct eg_store_history h = { .there = false };
	struct eg_store_kept kept;
	bool inserted;

	if (sensor == NULL || eg_store_find(s, sensor, r->ns, r, &kept, e) != 0)
		return -1;
	written = whole_us(written);
	if (kept.there)
		return kept.order == 0 || kept.written < written ||
		    (kept.written == written && kept.order < 0)
		    ? replace_row(s, sensor, r, &kept, written, e) : 0;
	if (s->deletions && eg_store_recall(s, sensor->id, r->ns, &h, e) != 0)
		return -1;
	if (h.deleted && h.last > written)
		return 0;
	if (insert(s, sensor, r, written, &inserted, e) != 0)
		return -1;
	return h.deleted ? untombstone(s, sensor, r->ns, written, e) : 0;
}

/* Whether another attempt may succeed. After a failed sync, the state of the disk is unknown
 * until the file is opened again. A failed write may be caused by a quota, which SQLite does not
 * report. */
static bool
is_retryable(int code)
{
	switch (code) {
	case SQLITE_IOERR_WRITE:
	case SQLITE_IOERR_SHMSIZE:
	case SQLITE_IOERR_SHMOPEN:
	case SQLITE_IOERR_SHMMAP:
	case SQLITE_IOERR_TRUNCATE:
		return true;
	default:
		return (code & 0xff) == SQLITE_FULL || (code & 0xff) == SQLITE_BUSY ||
		    (code & 0xff) == SQLITE_LOCKED;
	}
}

enum eg_store_outcome
eg_store_put(struct eg_store *s, const struct eg_record *rec, size_t n, struct eg_error *e)
{
	int64_t now = eg_wall_ns();

	s->lock_wait_ms = WAIT_MS;
	s->code = SQLITE_OK;
	if (eg_store_begin(s, e) != 0 || eg_store_sort(s, rec, n, e) != 0)
		goto failed;
	for (size_t k = 0; k < n; k++) {
		uint32_t i = s->batch.order[k];

		if (put_record(s, s->batch.sensor[i], &rec[i], now, e) != 0)
			goto failed;
	}
	if (eg_store_commit(s, e) == 0)
		return EG_STORE_SAFE;
failed:
	eg_store_rollback(s);
	return is_retryable(s->code) ? EG_STORE_LATER : EG_STORE_FAILED;
}
