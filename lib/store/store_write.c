/* SPDX-License-Identifier: MIT */
/* Commits batches of records to a store. */
#include "base/clock.h"
#include "base/diag.h"
#include "store/store_db.h"

enum { WAIT_MS = 2000 }; /* time limit for a lock, for batches */

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
		sqlite3_bind_int64(st, 5, eg_store_lag(r->ns, written));
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
	sqlite3_bind_int64(st, 3, eg_store_lag(ns, written));
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

/* Adds r, which was inserted, to the digest of its day. */
static int
count_record(struct eg_store *s, const struct eg_store_sensor *sensor, const struct eg_record *r,
    struct eg_error *e)
{
	size_t len;
	const char *spelling = eg_store_spelling(r, &len);
	uint64_t hash = eg_store_hash_record(sensor->seed, r->ns, spelling, len,
	    r->line + r->value_at, (size_t)r->len - r->value_at);

	return eg_store_delta(s, sensor->id, r->ns, 1, 0, hash, e);
}

/* Inserts r unless its key has a record; *inserted: it was inserted. */
static int
insert(struct eg_store *s, const struct eg_store_sensor *sensor, const struct eg_record *r,
    int64_t written, bool *inserted, struct eg_error *e)
{
	sqlite3_stmt *st = eg_store_stmt(s, STMT_INSERT, e);
	size_t spelling_len;
	const char *spelling = eg_store_spelling(r, &spelling_len);

	if (st == NULL)
		return -1;
	bind_record(st, sensor->id, r, spelling, spelling_len, written);
	if (eg_store_step(s, st, e) != 0)
		return -1;
	*inserted = sqlite3_changes(s->db) != 0;
	return *inserted ? count_record(s, sensor, r, e) : 0;
}

/* Writes r over the record of its key; `last`: the time of the key's last deletion, or 0. */
static int
put_over(struct eg_store *s, const struct eg_store_sensor *sensor, const struct eg_record *r,
    int64_t now, int64_t last, struct eg_error *e)
{
	struct eg_store_kept kept;

	if (eg_store_find(s, sensor, r->ns, r, &kept, e) != 0)
		return -1;
	if (!kept.there)
		return eg_store_fail_kept_out(s, e);
	/* The same value again only needs a time if that is later: 1 stands for any event. */
	if (kept.order == 0)
		last = kept.written > 0 ? 1 : 0;
	else if (kept.written > last)
		last = kept.written;
	return replace_row(s, sensor, r, &kept, eg_store_write_time(r, now, last), e);
}

/* Writes r, whose key may exist, or may have been deleted. */
static int
put_record(struct eg_store *s, const struct eg_store_sensor *sensor, const struct eg_record *r,
    int64_t now, struct eg_error *e)
{
	struct eg_store_history h = { .there = false };
	int64_t written;
	bool inserted;

	if (s->deletions && eg_store_recall(s, sensor->id, r->ns, &h, e) != 0)
		return -1;
	written = eg_store_write_time(r, now, h.last);
	if (insert(s, sensor, r, written, &inserted, e) != 0)
		return -1;
	if (inserted)
		return h.deleted ? untombstone(s, sensor, r->ns, written, e) : 0;
	s->repeats = true;
	return put_over(s, sensor, r, now, h.last, e);
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
	written = eg_store_whole_us(written);
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
	if (!inserted)
		return eg_store_fail_kept_out(s, e);
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

/* Writes the sorted batch with one statement; returns 1 if that cannot be done. */
static int
put_bulk(struct eg_store *s, const struct eg_record *rec, size_t n, struct eg_error *e)
{
	const struct eg_store_batch *b = &s->batch;
	int rc = eg_store_bulk(s, rec, n, e);

	for (size_t k = 0; rc == 0 && k < n; k++)
		rc = count_record(s, b->sensor[b->order[k]], &rec[b->order[k]], e);
	return rc;
}

static int
put_each(struct eg_store *s, const struct eg_record *rec, size_t n, int64_t now,
    struct eg_error *e)
{
	s->repeats = false;
	for (size_t k = 0; k < n; k++) {
		uint32_t i = s->batch.order[k];

		if (put_record(s, s->batch.sensor[i], &rec[i], now, e) != 0)
			return -1;
	}
	return 0;
}

/* Writes the batch as one transaction. Returns 1 if it can only be done one by one. */
static int
put_batch(struct eg_store *s, const struct eg_record *rec, size_t n, bool one_by_one,
    struct eg_error *e)
{
	int64_t now = eg_wall_ns();
	int rc = -1;

	if (eg_store_begin(s, e) == 0 && eg_store_sort(s, rec, n, e) == 0)
		rc = one_by_one || s->deletions ? put_each(s, rec, n, now, e)
		    : put_bulk(s, rec, n, e);
	if (rc == 0)
		rc = eg_store_commit(s, e);
	if (rc != 0)
		eg_store_rollback(s);
	return rc;
}

enum eg_store_outcome
eg_store_put(struct eg_store *s, const struct eg_record *rec, size_t n, struct eg_error *e)
{
	int rc;

	s->lock_wait_ms = WAIT_MS;
	s->code = SQLITE_OK;
	rc = put_batch(s, rec, n, s->repeats, e);
	if (rc == 1)
		rc = put_batch(s, rec, n, true, e);
	if (rc == 0)
		return EG_STORE_SAFE;
	return is_retryable(s->code) ? EG_STORE_LATER : EG_STORE_FAILED;
}
