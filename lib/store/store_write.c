/* SPDX-License-Identifier: MIT */
/* Commits batches of records to a store. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/diag.h"
#include "store/store_db.h"

enum { SENSORS_MIN = 64, SENSORS_MAX = 128 * 1024, CIVIL_LEN = 19, WAIT_MS = 2000 };

static struct eg_store_sensor **
sensor_slot(const struct eg_store *s, const char *name, size_t len, uint64_t seed)
{
	size_t mask = s->sensor_room - 1, i = (size_t)seed & mask;

	while (s->sensors[i] != NULL && (s->sensors[i]->seed != seed || s->sensors[i]->len != len ||
	    memcmp(s->sensors[i]->name, name, len) != 0))
		i = (i + 1) & mask;
	return &s->sensors[i];
}

static int
grow_sensors(struct eg_store *s, struct eg_error *e)
{
	size_t old = s->sensor_room, room = old == 0 ? SENSORS_MIN : 2 * old;
	struct eg_store_sensor **from = s->sensors, **all = calloc(room, sizeof(struct eg_store_sensor *));

	if (all == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	s->sensors = all;
	s->sensor_room = room;
	for (size_t i = 0; i < old; i++)
		if (from[i] != NULL)
			*sensor_slot(s, from[i]->name, from[i]->len, from[i]->seed) = from[i];
	free(from);
	return 0;
}

void
eg_store_sensors_clear(struct eg_store *s)
{
	for (size_t i = 0; i < s->sensor_room; i++) {
		free(s->sensors[i]);
		s->sensors[i] = NULL;
	}
	s->sensor_count = 0;
	s->recent = NULL;
}

/* The sensor's id in the database; 0: there is none; -1 with *e. */
static int64_t
sensor_id(struct eg_store *s, const char *name, size_t len, bool add, struct eg_error *e)
{
	sqlite3_stmt *st = eg_store_stmt(s, STMT_SENSOR_FIND, e);
	int64_t id = 0;
	int rc;

	if (st == NULL)
		return -1;
	sqlite3_bind_text(st, 1, name, (int)len, SQLITE_STATIC);
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		id = sqlite3_column_int64(st, 0);
	else if (rc != SQLITE_DONE)
		id = eg_store_fail(s, "read", e);
	sqlite3_reset(st);
	if (id != 0 || !add)
		return id;
	st = eg_store_stmt(s, STMT_SENSOR_ADD, e);
	if (st == NULL)
		return -1;
	sqlite3_bind_text(st, 1, name, (int)len, SQLITE_STATIC);
	return eg_store_step(s, st, e) != 0 ? -1 : sqlite3_last_insert_rowid(s->db);
}

struct eg_store_sensor *
eg_store_sensor(struct eg_store *s, const char *name, size_t len, bool add, struct eg_error *e)
{
	uint64_t seed;
	struct eg_store_sensor *found = s->recent, **slot;
	int64_t id;

	if (found != NULL && found->len == len && memcmp(found->name, name, len) == 0)
		return found;
	seed = eg_store_hash_name(name, len);
	if (2 * s->sensor_count >= s->sensor_room && grow_sensors(s, e) != 0)
		return NULL;
	slot = sensor_slot(s, name, len, seed);
	if (*slot == NULL) {
		id = sensor_id(s, name, len, add, e);
		if (id <= 0)
			return NULL;
		/* Memory does not grow with the number of sensors for ever. */
		if (s->sensor_count == SENSORS_MAX) {
			eg_store_sensors_clear(s);
			slot = sensor_slot(s, name, len, seed);
		}
		found = malloc(sizeof(*found) + len);
		if (found == NULL) {
			eg_fail(e, EG_BUG, "out of memory");
			return NULL;
		}
		found->id = id;
		found->seed = seed;
		found->len = len;
		memcpy(found->name, name, len);
		*slot = found;
		s->sensor_count++;
	}
	return s->recent = *slot;
}

const char *
eg_store_spelling(const struct eg_record *r, size_t *len)
{
	const char *text = r->line + r->sensor_len + 1;
	char canonical[EG_TIME_SIZE];
	size_t n, all = (size_t)(r->value_at - r->sensor_len) - 2;

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
	/* Behind a canonical timestamp at most zeros and a zone can stand: 16 bytes. */
	if (len < CIVIL_LEN)
		n = eg_time_format(ns, out);
	if (len > 0)
		memcpy(out + n, spelling, len);
	return n + len;
}

/* Times of records are in whole microseconds, rounded up: still later than what they follow. */
static int64_t
whole_us(int64_t ns)
{
	return ns > INT64_MAX - 999 ? ns / 1000 * 1000 : (ns + 999) / 1000 * 1000;
}

/* How `written` is kept. */
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

/* How the kept text, from the timestamp on, compares with that of r. */
static int
compare_text(sqlite3_stmt *st, const struct eg_record *r, const char *spelling,
    size_t spelling_len, const char *value, size_t value_len)
{
	const char *text = r->line + r->sensor_len + 1;
	size_t len = (size_t)r->len - r->sensor_len - 1, n;
	char kept[EG_STORE_TIME_MAX + 1 + EG_VALUE_MAX];
	int rc;

	n = eg_store_timestamp(sqlite3_column_int64(st, 0), spelling, spelling_len, kept);
	kept[n++] = ':';
	if (value_len > EG_VALUE_MAX)
		value_len = EG_VALUE_MAX;
	memcpy(kept + n, value, value_len);
	n += value_len;
	rc = memcmp(kept, text, n < len ? n : len);
	return rc != 0 ? rc : n < len ? -1 : n > len;
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

/* Notes that the value was taken in anew. */
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

/* Puts r in the place of the record that has its key. If they are equal, a delivery was
 * repeated: only its time may be later. */
static int
replace(struct eg_store *s, const struct eg_store_sensor *sensor, const struct eg_record *r,
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

/* A record that is written after its deletion lives, and its deletion is history. */
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

/* Inserts r unless its key has a record; *inserted says which. */
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

/* given: when r was taken in, as far as clocks tell. */
static int
put_record(struct eg_store *s, const struct eg_record *r, int64_t given, struct eg_error *e)
{
	struct eg_store_sensor *sensor = eg_store_sensor(s, r->line, r->sensor_len, true, e);
	struct eg_store_history h = { .there = false };
	struct eg_store_kept kept;
	bool inserted;

	if (sensor == NULL ||
	    (s->deletions && eg_store_recall(s, sensor->id, r->ns, &h, e) != 0))
		return -1;
	given = whole_us(h.there ? eg_store_later(given, h.last) : given);
	if (insert(s, sensor, r, given, &inserted, e) != 0)
		return -1;
	if (inserted)
		return h.deleted ? untombstone(s, sensor, r->ns, given, e) : 0;
	if (eg_store_find(s, sensor, r->ns, r, &kept, e) != 0)
		return -1;
	return replace(s, sensor, r, &kept,
	    kept.order == 0 ? given : whole_us(eg_store_later(given, kept.written)), e);
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
		    ? replace(s, sensor, r, &kept, written, e) : 0;
	if (s->deletions && eg_store_recall(s, sensor->id, r->ns, &h, e) != 0)
		return -1;
	if (h.deleted && h.last > written)
		return 0;
	if (insert(s, sensor, r, written, &inserted, e) != 0)
		return -1;
	return h.deleted ? untombstone(s, sensor, r->ns, written, e) : 0;
}

/* A file that was removed or replaced, or its log, takes with it what is written to it;
 * and the log of an old file would be taken for that of the new one. */
static int
still_there(struct eg_store *s, struct eg_error *e)
{
	if (!eg_store_moved(s))
		return 0;
	return eg_fail(e, EG_LOCAL_IO, "'%s' has been removed or replaced", s->path);
}

int
eg_store_begin(struct eg_store *s, struct eg_error *e)
{
	sqlite3_stmt *st = eg_store_stmt(s, STMT_BEGIN, e);

	s->give_up = eg_mono_ms() + s->patience_ms;
	if (st == NULL || eg_store_step(s, st, e) != 0)
		return -1;
	st = eg_store_stmt(s, STMT_ANY_DELETION, e);
	if (st != NULL && sqlite3_step(st) == SQLITE_ROW) {
		s->deletions = sqlite3_column_int(st, 0) != 0;
		sqlite3_reset(st);
		return 0;
	}
	eg_store_fail(s, "read", e);
	if (st != NULL)
		sqlite3_reset(st);
	eg_store_rollback(s);
	return -1;
}

int
eg_store_commit(struct eg_store *s, struct eg_error *e)
{
	sqlite3_stmt *st = eg_store_stmt(s, STMT_COMMIT, e);

	if (st == NULL || eg_store_deltas_write(s, e) != 0 || still_there(s, e) != 0 ||
	    eg_store_step(s, st, e) != 0 || still_there(s, e) != 0) {
		eg_store_rollback(s);
		return -1;
	}
	s->commits++;
	s->replaced += s->replaced_now;
	s->replaced_now = 0;
	return 0;
}

/* After a sync that failed nobody knows what the disk holds: only opening the file
 * anew tells. A write that failed may have met a quota: SQLite does not say. */
static bool
may_pass(int code)
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

	s->patience_ms = WAIT_MS;
	s->code = SQLITE_OK;
	if (eg_store_begin(s, e) != 0)
		goto failed;
	for (size_t i = 0; i < n; i++) {
		bool ordered = rec[i].order > 0 && rec[i].order < EG_STORE_WHEN_MAX;

		if (put_record(s, &rec[i], ordered ? rec[i].order : now, e) != 0)
			goto failed;
	}
	if (eg_store_commit(s, e) == 0)
		return EG_STORE_SAFE;
failed:
	eg_store_rollback(s);
	return may_pass(s->code) ? EG_STORE_LATER : EG_STORE_FAILED;
}
