/* SPDX-License-Identifier: MIT */
/* SQLite's statements and errors. */
#include "store/store_db.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"

static const char *const text[STMT_COUNT] = {
	[STMT_BEGIN] = "BEGIN IMMEDIATE",
	[STMT_SNAPSHOT] = "BEGIN",
	[STMT_COMMIT] = "COMMIT",
	[STMT_ROLLBACK] = "ROLLBACK",
	[STMT_SENSOR_FIND] = "SELECT id FROM sensors WHERE name = ?1",
	[STMT_SENSOR_ADD] = "INSERT INTO sensors(name) VALUES(?1)",
	[STMT_INSERT] = "INSERT OR IGNORE INTO records VALUES(?1, ?2, ?3, ?4, ?5)",
	[STMT_BULK] = "INSERT OR IGNORE INTO records SELECT * FROM energyguard_batch", /* eg_store_bulk */
	[STMT_RANGE] = "SELECT ns, value, spelling, written FROM records "
	    "WHERE sensor = ?1 AND ns BETWEEN ?2 AND ?3 ORDER BY ns",
	[STMT_RANGE_DELETIONS] = "SELECT ns, deleted FROM deletions "
	    "WHERE sensor = ?1 AND ns BETWEEN ?2 AND ?3 AND written IS NULL ORDER BY ns",
	[STMT_DAYS] = "SELECT day, records, deletions, digest FROM digests "
	    "WHERE sensor = ?1 ORDER BY day",
	[STMT_FIND] = "SELECT ns, value, spelling, written FROM records "
	    "WHERE sensor = ?1 AND ns = ?2",
	[STMT_UPDATE] = "UPDATE records SET value = ?3, spelling = ?4, lag = ?5 "
	    "WHERE sensor = ?1 AND ns = ?2",
	[STMT_DATE] = "UPDATE records SET lag = ?3 WHERE sensor = ?1 AND ns = ?2",
	[STMT_REMOVE] = "DELETE FROM records WHERE sensor = ?1 AND ns = ?2",
	/* SQLite has no xor operator, and its + becomes floating point at 2^63, so xor is
	 * written as a | b minus a & b. */
	[STMT_DIGEST] =
	    "INSERT INTO digests VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT(sensor, day) DO UPDATE SET "
	    "records = records + excluded.records, deletions = deletions + excluded.deletions, "
	    "digest = (digest | excluded.digest) - (digest & excluded.digest)",
	[STMT_ANY_DELETION] = "SELECT EXISTS(SELECT 1 FROM deletions)",
	[STMT_UNTOMBSTONE] = "UPDATE deletions SET written = ?3 "
	    "WHERE sensor = ?1 AND ns = ?2 AND written IS NULL",
	[STMT_DELETION_FIND] = "SELECT deleted, written FROM deletions WHERE sensor = ?1 AND ns = ?2",
	[STMT_DELETION_PUT] = "INSERT OR REPLACE INTO deletions VALUES(?1, ?2, ?3, NULL)",
	[STMT_DELETION_REMOVE] = "DELETE FROM deletions "
	    "WHERE sensor = ?1 AND ns = ?2 AND deleted = ?3 AND written IS NULL",
	[STMT_SENSOR_NEXT] = "SELECT id, name FROM sensors WHERE id > ?1 ORDER BY id LIMIT 1",
	[STMT_FIRST_DAY] =
	    "SELECT day FROM digests WHERE sensor = ?1 AND day < ?2 ORDER BY day LIMIT 1",
	[STMT_EXPIRE_RECORDS] = "DELETE FROM records WHERE sensor = ?1 AND ns < ?2",
	[STMT_EXPIRE_DELETIONS] = "DELETE FROM deletions WHERE sensor = ?1 AND ns < ?2",
	[STMT_EXPIRE_DAY] = "DELETE FROM digests WHERE sensor = ?1 AND day = ?2",
	[STMT_CUT] = "SELECT ns, value, spelling FROM records "
	    "WHERE sensor = ?1 AND ns >= ?3 AND ns < ?2 UNION ALL SELECT ns, NULL, NULL "
	    "FROM deletions WHERE sensor = ?1 AND ns >= ?3 AND ns < ?2 AND written IS NULL",
	[STMT_FORGOTTEN] = "SELECT ns, NULL, NULL FROM deletions "
	    "WHERE sensor = ?1 AND deleted < ?2 AND written IS NULL",
	[STMT_FORGET] = "DELETE FROM deletions "
	    "WHERE sensor = ?1 AND max(deleted, coalesce(written, deleted)) < ?2",
};

/* The errno behind an error of SQLite, or 0. If SQLite cannot create a journal or a log, it
 * tries to open an existing one, and of that it keeps the errno ENOENT. */
static int
errno_of(const struct eg_store *s)
{
	int why = sqlite3_system_errno(s->db);
	bool made = (sqlite3_errcode(s->db) & 0xff) == SQLITE_CANTOPEN && why == ENOENT;

	if (!made || access(s->path, F_OK) != 0)
		return why;
	return access(s->path, W_OK) == 0 ? ENOSPC : errno;
}

/* The exit status for an error of SQLite; EG_TEMPORARY if another attempt may succeed. */
static enum eg_status
sqlite_status(int code, int why)
{
	switch (code & 0xff) {
	case SQLITE_FULL:
	case SQLITE_IOERR:
	case SQLITE_CORRUPT:
		return EG_LOCAL_IO;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return EG_TEMPORARY;
	case SQLITE_NOTADB:
	case SQLITE_CONSTRAINT:
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return EG_CONFIG;
	case SQLITE_CANTOPEN:
		return eg_status_of(why);
	default:
		return EG_BUG;
	}
}

static const char *
reason_of(sqlite3 *db, int code, int why)
{
	if (code == SQLITE_IOERR_WRITE && why == 0)
		return "the disk takes no more: a quota, a limit, or a fault";
	switch (code & 0xff) {
	case SQLITE_FULL:
		return "the disk is full";
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return "another program has been holding it for long";
	case SQLITE_CORRUPT:
		return "the file is damaged or cut short";
	case SQLITE_NOTADB:
		return "the file is not a SQLite database";
	case SQLITE_READONLY:
		return "the file or its folder is read-only";
	case SQLITE_CANTOPEN:
		if (why == ENOSPC)
			return "no file can be made beside it: the disk may be full";
		/* fall through */
	case SQLITE_IOERR:
		return why != 0 ? strerror(why) : sqlite3_errmsg(db);
	default:
		return sqlite3_errmsg(db);
	}
}

int
eg_store_fail(struct eg_store *s, const char *verb, struct eg_error *e)
{
	int code = sqlite3_extended_errcode(s->db), why = errno_of(s);

	if (e->status == EG_OK)
		s->code = code;
	return eg_fail(e, sqlite_status(code, why), "cannot %s '%s': %s", verb, s->path,
	    reason_of(s->db, code, why));
}

int
eg_store_fail_kept_out(struct eg_store *s, struct eg_error *e)
{
	return eg_fail(e, EG_CONFIG, "cannot write '%s': a trigger, an index or a table that was added to "
	    "it keeps records out", s->path);
}

sqlite3_stmt *
eg_store_stmt(struct eg_store *s, enum eg_store_stmt which, struct eg_error *e)
{
	sqlite3_stmt **st = &s->stmt[which];

	if (*st == NULL &&
	    sqlite3_prepare_v3(s->db, text[which], -1, SQLITE_PREPARE_PERSISTENT, st,
	    NULL) != SQLITE_OK) {
		eg_store_fail(s, "use", e);
		return NULL;
	}
	return *st;
}

sqlite3_stmt *
eg_store_query(struct eg_store *s, const char *sql, struct eg_error *e)
{
	sqlite3_stmt *st;

	if (sqlite3_prepare_v2(s->db, sql, -1, &st, NULL) != SQLITE_OK) {
		eg_store_fail(s, "read", e);
		return NULL;
	}
	return st;
}

int
eg_store_step(struct eg_store *s, sqlite3_stmt *st, struct eg_error *e)
{
	int rc = sqlite3_step(st);

	if (rc != SQLITE_DONE && rc != SQLITE_ROW) {
		eg_store_fail(s, "write", e);
		sqlite3_reset(st);
		return -1;
	}
	sqlite3_reset(st);
	return 0;
}

int
eg_store_exec(struct eg_store *s, const char *sql, struct eg_error *e)
{
	if (sqlite3_exec(s->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return eg_store_fail(s, "use", e);
	return 0;
}

int
eg_store_int(struct eg_store *s, const char *sql, int64_t *value, bool *null, struct eg_error *e)
{
	sqlite3_stmt *st = eg_store_query(s, sql, e);
	int rc;

	if (st == NULL)
		return -1;
	rc = sqlite3_step(st);
	*null = rc != SQLITE_ROW || sqlite3_column_type(st, 0) == SQLITE_NULL;
	*value = *null ? 0 : sqlite3_column_int64(st, 0);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		eg_store_fail(s, "read", e);
	sqlite3_finalize(st);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : -1;
}
