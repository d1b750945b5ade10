/* SPDX-License-Identifier: MIT */
/* Removes old records, and the memory of old deletions. */
#include "base/clock.h"
#include "base/diag.h"
#include "store/store_db.h"

enum { TRANSACTION_MS = 100 }; /* length of a transaction; after it, waiting writers get a turn */

/* Subtracts rows from the digests before they are removed. The rows of st have ns, value (NULL:
 * a deletion) and the text of the timestamp. */
static int
subtract(struct eg_store *s, sqlite3_stmt *st, const struct eg_store_sensor *sensor,
    struct eg_error *e)
{
	int rc;

	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		int64_t ns = sqlite3_column_int64(st, 0);
		bool record = sqlite3_column_type(st, 1) != SQLITE_NULL;
		uint64_t hash = !record ? eg_store_hash_deletion(sensor->seed, ns)
		    : eg_store_hash_record(sensor->seed, ns, (const char *)sqlite3_column_text(st, 2),
			(size_t)sqlite3_column_bytes(st, 2), (const char *)sqlite3_column_text(st, 1),
			(size_t)sqlite3_column_bytes(st, 1));

		if (eg_store_delta(s, sensor->id, ns, -record, -!record, hash, e) != 0)
			break;
	}
	if (rc != SQLITE_DONE && rc != SQLITE_ROW)
		eg_store_fail(s, "read", e);
	sqlite3_reset(st);
	return rc == SQLITE_DONE ? 0 : -1;
}

/* Binds a sensor's id and an instant or a day to a statement. NULL with *e. */
static sqlite3_stmt *
bind_span(struct eg_store *s, enum eg_store_stmt which, int64_t sensor, int64_t at,
    struct eg_error *e)
{
	sqlite3_stmt *st = eg_store_stmt(s, which, e);

	if (st == NULL)
		return NULL;
	sqlite3_bind_int64(st, 1, sensor);
	sqlite3_bind_int64(st, 2, at);
	return st;
}

static int
run_statement(struct eg_store *s, enum eg_store_stmt which, int64_t sensor, int64_t at,
    struct eg_error *e)
{
	sqlite3_stmt *st = bind_span(s, which, sensor, at, e);

	return st == NULL ? -1 : eg_store_step(s, st, e);
}

/* Finds the sensor's first row of digests before this day; *any: there is one. */
static int
find_first_day(struct eg_store *s, int64_t sensor, int64_t before, int64_t *day, bool *any,
    struct eg_error *e)
{
	sqlite3_stmt *st = bind_span(s, STMT_FIRST_DAY, sensor, before, e);
	int rc;

	if (st == NULL)
		return -1;
	rc = sqlite3_step(st);
	*any = rc == SQLITE_ROW;
	*day = *any ? sqlite3_column_int64(st, 0) : 0;
	sqlite3_reset(st);
	return *any || rc == SQLITE_DONE ? 0 : eg_store_fail(s, "read", e);
}

static int
remove_before(struct eg_store *s, int64_t sensor, int64_t before, uint64_t *gone,
    struct eg_error *e)
{
	if (run_statement(s, STMT_EXPIRE_RECORDS, sensor, before, e) != 0)
		return -1;
	*gone += (uint64_t)sqlite3_changes(s->db);
	return run_statement(s, STMT_EXPIRE_DELETIONS, sensor, before, e);
}

/* Removes the records of a day before an instant. */
static int
cut_day(struct eg_store *s, const struct eg_store_sensor *sensor, int64_t before, uint64_t *gone,
    struct eg_error *e)
{
	struct eg_time_span day;
	sqlite3_stmt *st;

	eg_store_day_span(before, &day);
	st = bind_span(s, STMT_CUT, sensor->id, before, e);
	if (st == NULL)
		return -1;
	sqlite3_bind_int64(st, 3, day.from);
	if (subtract(s, st, sensor, e) != 0)
		return -1;
	return remove_before(s, sensor->id, before, gone, e);
}

/* Commits and begins again after TRANSACTION_MS, so that other writers get a turn. */
static int
breathe(struct eg_store *s, int64_t *since, struct eg_error *e)
{
	if (eg_mono_ms() - *since < TRANSACTION_MS)
		return 0;
	if (eg_store_commit(s, e) != 0 || eg_store_begin(s, e) != 0)
		return -1;
	*since = eg_mono_ms();
	return 0;
}

/* Removes complete days with their digests, without reading their records. */
static int
expire_sensor(struct eg_store *s, const struct eg_store_sensor *sensor, int64_t before,
    int64_t *since, uint64_t *gone, struct eg_error *e)
{
	int64_t day;
	bool any;

	for (;;) {
		if (find_first_day(s, sensor->id, eg_store_day(before), &day, &any, e) != 0)
			return -1;
		if (!any)
			break;
		if (remove_before(s, sensor->id, (day + 1) * EG_STORE_DAY, gone, e) != 0 ||
		    run_statement(s, STMT_EXPIRE_DAY, sensor->id, day, e) != 0 || breathe(s, since, e) != 0)
			return -1;
	}
	return cut_day(s, sensor, before, gone, e) != 0 ? -1 : breathe(s, since, e);
}

/* Sets *sensor, except for its name, to the next sensor by id; *any: there is one. */
static int
next_sensor(struct eg_store *s, struct eg_store_sensor *sensor, bool *any, struct eg_error *e)
{
	sqlite3_stmt *st = eg_store_stmt(s, STMT_SENSOR_NEXT, e);
	int rc;

	if (st == NULL)
		return -1;
	sqlite3_bind_int64(st, 1, sensor->id);
	rc = sqlite3_step(st);
	*any = rc == SQLITE_ROW;
	if (*any) {
		const char *name = (const char *)sqlite3_column_text(st, 1);

		sensor->id = sqlite3_column_int64(st, 0);
		sensor->seed = eg_store_hash_name(name, (size_t)sqlite3_column_bytes(st, 1));
	}
	sqlite3_reset(st);
	return *any || rc == SQLITE_DONE ? 0 : eg_store_fail(s, "read", e);
}

/* Stores the instant before anything is removed, since a repair must not restore older records. */
static int
note_expired(struct eg_store *s, int64_t before, struct eg_error *e)
{
	char sql[192];

	sqlite3_snprintf(sizeof(sql), sql, "INSERT INTO expired SELECT %lld WHERE NOT EXISTS"
	    "(SELECT 1 FROM expired WHERE before >= %lld);"
	    "DELETE FROM expired WHERE before < %lld", before, before, before);
	return eg_store_exec(s, sql, e);
}

int
eg_store_expire(struct eg_store *s, int64_t before, uint64_t *gone, struct eg_error *e)
{
	struct eg_store_sensor sensor = { .id = 0 };
	int64_t since = eg_mono_ms();
	bool any = true;
	int rc;

	*gone = 0;
	if (eg_store_begin(s, e) != 0)
		return -1;
	rc = note_expired(s, before, e);
	while (rc == 0 && (rc = next_sensor(s, &sensor, &any, e)) == 0 && any)
		rc = expire_sensor(s, &sensor, before, &since, gone, e);
	if (rc == 0)
		return eg_store_commit(s, e);
	eg_store_rollback(s);
	return -1;
}

static int
forget_sensor(struct eg_store *s, const struct eg_store_sensor *sensor, int64_t before,
    struct eg_error *e)
{
	sqlite3_stmt *st = bind_span(s, STMT_FORGOTTEN, sensor->id, before, e);

	return st == NULL || subtract(s, st, sensor, e) != 0 ||
	    run_statement(s, STMT_FORGET, sensor->id, before, e) != 0 ? -1 : 0;
}

int
eg_store_purge(struct eg_store *s, struct eg_error *e)
{
	struct eg_store_sensor sensor = { .id = 0 };
	int64_t before = eg_wall_ns() - s->keep_ns, old;
	bool any = true;
	char sql[128];
	int rc = 0;

	sqlite3_snprintf(sizeof(sql), sql, "SELECT EXISTS(SELECT 1 FROM deletions "
	    "WHERE max(deleted, coalesce(written, deleted)) < %lld)", before);
	if (eg_store_int(s, sql, &old, &any, e) != 0)
		return -1;
	if (!old)
		return 0;
	if (eg_store_begin(s, e) != 0)
		return -1;
	while (rc == 0 && (rc = next_sensor(s, &sensor, &any, e)) == 0 && any)
		rc = forget_sensor(s, &sensor, before, e);
	if (rc == 0)
		return eg_store_commit(s, e);
	eg_store_rollback(s);
	return -1;
}
