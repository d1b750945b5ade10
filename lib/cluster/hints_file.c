/* SPDX-License-Identifier: MIT */
/* The database file of hints: opens it, checks it, and renames a damaged one. */
#include "cluster/hints_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/diag.h"
#include "base/folder.h"
#include "cluster/cluster_state.h"

enum { BUSY_MS = 20 * 1000, APPLICATION = 0x45474874, VERSION = 1 };

static const char setup[] =
    "pragma journal_mode = wal;"
    "pragma synchronous = full;"
    "begin immediate;"
    "create table if not exists hint (seq integer primary key autoincrement,"
    "  node text not null, kind integer not null, records integer not null, text blob not null);"
    "create index if not exists hint_node on hint (node, seq);"
    "create table if not exists node (name text primary key, error text, at text);"
    "pragma application_id = 0x45474874;"
    "pragma user_version = 1;"
    "commit;";

int
eg_hints_file_fail(sqlite3 *db, const char *path, struct eg_error *e)
{
	int rc = db != NULL ? sqlite3_errcode(db) & 0xff : SQLITE_NOMEM;
	int why = rc == SQLITE_IOERR ? sqlite3_system_errno(db) : 0;
	bool later = rc == SQLITE_FULL || rc == SQLITE_BUSY || why == ENOSPC || why == EDQUOT;

	/* A full disk is an I/O error to SQLite where it extends the index of the log. */
	return eg_fail(e, later ? EG_TEMPORARY : EG_LOCAL_IO, "cannot keep hints in '%s': %s", path,
	    why != 0 ? strerror(why) : db != NULL ? sqlite3_errmsg(db) : "out of memory");
}

static int
read_number(sqlite3 *db, const char *sql, int64_t *out)
{
	sqlite3_stmt *s = NULL;
	int rc = sqlite3_prepare_v2(db, sql, -1, &s, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(s);
	if (rc == SQLITE_ROW)
		*out = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return rc == SQLITE_ROW ? 0 : -1;
}

int
eg_hints_file_version(sqlite3 *db, int64_t *version)
{
	return read_number(db, "pragma data_version", version);
}

static int
stat_all(const char *path, struct eg_hints_files *f)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	char name[EG_HINTS_PATH + 8];

	for (size_t i = 0; i < 3; i++) {
		snprintf(name, sizeof(name), "%s%s", path, ends[i]);
		if (stat(name, &f->st[i]) != 0)
			return -1;
	}
	return 0;
}

static int
fail_moved(const char *path, struct eg_error *e)
{
	return eg_fail(e, EG_LOCAL_IO, "'%s' has been removed or replaced", path);
}

int
eg_hints_files_note(const char *path, struct eg_hints_files *f, struct eg_error *e)
{
	return stat_all(path, f) == 0 ? 0 : fail_moved(path, e);
}

int
eg_hints_files_check(const char *path, const struct eg_hints_files *f, struct eg_error *e)
{
	struct eg_hints_files now;

	if (stat_all(path, &now) != 0)
		return fail_moved(path, e);
	for (size_t i = 0; i < 3; i++)
		if (!eg_same_file(&now.st[i], &f->st[i]))
			return fail_moved(path, e);
	return 0;
}

/* Whether SQLite's check finds the file in order. */
static bool
is_sound_file(sqlite3 *db)
{
	sqlite3_stmt *s = NULL;
	bool ok = sqlite3_prepare_v2(db, "pragma quick_check(1)", -1, &s, NULL) == SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW &&
	    strcmp((const char *)sqlite3_column_text(s, 0), "ok") == 0;

	sqlite3_finalize(s);
	return ok;
}

/* Opens and checks the file. Returns 0 if it is in order, 1 if it is damaged, -1 with *e. */
static int
try_open(const char *path, bool check, sqlite3 **db, struct eg_error *e)
{
	int64_t application = 0, version = 0;
	char name[EG_HINTS_PATH + 2];
	int rc;

	/* SQLite treats a name that begins with `file:` as a URI. */
	snprintf(name, sizeof(name), "%s%s", *path == '/' ? "" : "./", path);
	rc = sqlite3_open_v2(name, db,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
	if (rc != SQLITE_OK)
		return eg_hints_file_fail(*db, path, e);
	sqlite3_busy_timeout(*db, BUSY_MS);
	if (read_number(*db, "pragma application_id", &application) != 0 ||
	    read_number(*db, "pragma user_version", &version) != 0 || (check && !is_sound_file(*db))) {
		rc = sqlite3_errcode(*db) & 0xff;
		if (rc == SQLITE_CORRUPT || rc == SQLITE_NOTADB || rc == SQLITE_OK || rc == SQLITE_ROW)
			return 1;
		return eg_hints_file_fail(*db, path, e);
	}
	if (version > VERSION || (application != 0 && application != APPLICATION))
		return eg_fail(e, EG_CONFIG, "'%s' was not made by this version of eg-replicate", path);
	if (version == VERSION)
		rc = sqlite3_exec(*db, "pragma synchronous = full", NULL, NULL, NULL);
	else
		rc = sqlite3_exec(*db, setup, NULL, NULL, NULL);
	return rc == SQLITE_OK ? 0 : eg_hints_file_fail(*db, path, e);
}

/* Renames the database, its log and the log's index. */
static int
set_aside(const char *path, struct eg_error *e)
{
	char from[EG_HINTS_PATH + 8], to[EG_HINTS_PATH + 48], stamp[32];
	time_t now = time(NULL);
	struct tm tm;

	strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%S", gmtime_r(&now, &tm));
	for (int i = 0; i < 3; i++) {
		const char *end = i == 0 ? "-wal" : i == 1 ? "-shm" : "";

		snprintf(from, sizeof(from), "%s%s", path, end);
		snprintf(to, sizeof(to), "%s.damaged-%s%s", path, stamp, end);
		if (rename(from, to) != 0 && errno != ENOENT)
			return eg_fail(e, EG_LOCAL_IO, "cannot rename '%s': %s", from, strerror(errno));
	}
	if (eg_folder_sync(path, e) != 0)
		return -1;
	eg_warn("the hints in '%s' are damaged: set aside as '%s'; run the verb repair, which "
	        "finds what the nodes missed", path, to);
	return 0;
}

int
eg_hints_file_open(const char *path, bool mend, sqlite3 **db, struct eg_error *e)
{
	int rc = try_open(path, mend, db, e);

	if (rc != 1)
		return rc;
	if (!mend)
		return eg_fail(e, EG_LOCAL_IO, "the hints in '%s' are damaged: run the stage or the "
		    "verb repair, which set them aside", path);
	sqlite3_close(*db);
	*db = NULL;
	if (set_aside(path, e) != 0)
		return -1;
	rc = try_open(path, mend, db, e);
	return rc == 1 ? eg_hints_file_fail(*db, path, e) : rc;
}
