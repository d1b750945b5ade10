/* SPDX-License-Identifier: MIT */
/* Opens a store: makes it, or makes sure that it is one, before anything is written. */
#include "store/store.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/diag.h"
#include "store/store_db.h"

enum {
	PATIENCE_MS = 30 * 1000, /* of a verb, for a lock */
	PAUSE_US = 500,          /* between two looks at a lock, at least */
	CHECKPOINT_PAGES = 4000,
	RESTART_PAGES = 16000, /* of the log, when writers are held up to begin it anew */
	RESTART_MS = 200,
	HEADER = 100, /* bytes of SQLite's file header */
	VERSION_AT = 60,
	ID_AT = 68,
};

/* What sqlite3's users see: names and texts, and times as instants that compare. */
static const char schema[] =
    "CREATE TABLE sensors(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;"
    "CREATE TABLE records("
    " sensor INTEGER NOT NULL REFERENCES sensors(id),"
    " ns INTEGER NOT NULL,"
    " value TEXT NOT NULL,"
    " spelling TEXT,"
    " PRIMARY KEY(sensor, ns)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE deletions("
    " sensor INTEGER NOT NULL REFERENCES sensors(id),"
    " ns INTEGER NOT NULL,"
    " deleted INTEGER NOT NULL,"
    " written INTEGER,"
    " PRIMARY KEY(sensor, ns)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE digests("
    " sensor INTEGER NOT NULL REFERENCES sensors(id),"
    " day INTEGER NOT NULL,"
    " records INTEGER NOT NULL,"
    " deletions INTEGER NOT NULL,"
    " digest INTEGER NOT NULL,"
    " PRIMARY KEY(sensor, day)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE expired(before INTEGER NOT NULL) STRICT;"
    /* Division cuts towards zero, before 1970 too: the seconds are the floor. */
    "CREATE VIEW readings AS SELECT s.name AS sensor,"
    " strftime('%Y-%m-%dT%H:%M:%S', r.ns / 1000000000 - (r.ns % 1000000000 < 0), 'unixepoch') ||"
    " CASE WHEN r.ns % 1000000000 = 0 THEN '' ELSE rtrim(format('.%09d',"
    " (r.ns % 1000000000 + 1000000000) % 1000000000), '0') END AS time,"
    " CAST(r.value AS REAL) AS value"
    " FROM records r JOIN sensors s ON s.id = r.sensor;"
    "PRAGMA application_id = 1162302020;" /* EG_STORE_ID */
    "PRAGMA user_version = 1;";

_Static_assert(EG_STORE_ID == 1162302020 && EG_STORE_VERSION == 1, "as the schema says");

static const char write_pragmas[] =
    "PRAGMA synchronous = FULL; PRAGMA cache_size = -12000; PRAGMA journal_size_limit = 67108864;"
    "PRAGMA temp_store = MEMORY;";

/* SQLite's own waiting sleeps for up to 100 ms, in which a busy writer commits and
 * locks again many times: short, uneven naps find the gap. */
static int
busy(void *ctx, int count)
{
	const struct eg_store *s = ctx;
	struct timespec nap = { 0, 0 };

	if (eg_mono_ms() >= s->give_up)
		return 0;
	nap.tv_nsec = 1000 * (PAUSE_US + (count * 7919 + getpid()) % (3 * PAUSE_US));
	nanosleep(&nap, NULL);
	return 1;
}

static int
fail_newer(const char *path, int64_t version, struct eg_error *e)
{
	return eg_fail(e, EG_CONFIG, "'%s' was made by a newer version: its form is %lld, known "
	    "here is %d", path, (long long)version, EG_STORE_VERSION);
}

/* Behind each commit. A log that others append to while it is carried over never comes
 * to its end: when it is large they have to wait, unless a reader stands in the way. */
static int
checkpoint(void *ctx, sqlite3 *db, const char *name, int pages)
{
	struct eg_store *s = ctx;

	if (pages < CHECKPOINT_PAGES)
		return SQLITE_OK;
	if (pages < s->restart_at) {
		sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
		return SQLITE_OK;
	}
	s->give_up = eg_mono_ms() + RESTART_MS;
	s->restart_at = RESTART_PAGES;
	if (sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_RESTART, NULL, NULL) != SQLITE_OK)
		s->restart_at += pages;
	return SQLITE_OK;
}

/* What can be said without SQLite, which would make files beside a foreign one. */
static int
look(const char *path, bool create, bool *fresh, struct eg_error *e)
{
	unsigned char head[HEADER] = { 0 };
	struct stat st;
	uint32_t version;
	ssize_t n;
	int fd;

	*fresh = false;
	if (stat(path, &st) != 0) {
		*fresh = errno == ENOENT && create;
		return *fresh ? 0 : eg_fail(e, EG_CONFIG, "cannot open '%s': %s", path, strerror(errno));
	}
	if (!S_ISREG(st.st_mode))
		return eg_fail(e, EG_CONFIG, "cannot open '%s': it is %s", path,
		    S_ISDIR(st.st_mode) ? "a directory" : "not a regular file");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return eg_fail(e, EG_CONFIG, "cannot open '%s': %s", path, strerror(errno));
	n = read(fd, head, sizeof(head));
	close(fd);
	if (n < 0)
		return eg_fail(e, EG_LOCAL_IO, "cannot read '%s': %s", path, strerror(errno));
	if (n == 0) {
		*fresh = create;
		return create ? 0 : eg_fail(e, EG_CONFIG, "'%s' is empty: not a store", path);
	}
	if (memcmp(head, "SQLite format 3", (size_t)n < 16 ? (size_t)n : 16) != 0)
		return eg_fail(e, EG_CONFIG, "'%s' is not a SQLite database", path);
	if (n < HEADER)
		return eg_fail(e, EG_LOCAL_IO, "'%s' is damaged or cut short", path);
	if (memcmp(head + ID_AT, "\0\0\0\0", 4) != 0 && memcmp(head + ID_AT, "EGRD", 4) != 0)
		return eg_fail(e, EG_CONFIG, "'%s' is a database of another program", path);
	memcpy(&version, head + VERSION_AT, sizeof(version));
	version = be32toh(version);
	return version > EG_STORE_VERSION && head[ID_AT] != '\0' ? fail_newer(path, version, e) : 0;
}

/* Whether the file is ours; *blank: it holds nothing at all. */
static int
identify(struct eg_store *s, bool *blank, struct eg_error *e)
{
	int64_t id, version, tables;
	bool null;

	if (eg_store_int(s, "PRAGMA application_id", &id, &null, e) != 0 ||
	    eg_store_int(s, "PRAGMA user_version", &version, &null, e) != 0 ||
	    eg_store_int(s, "SELECT count(*) FROM sqlite_schema", &tables, &null, e) != 0)
		return -1;
	*blank = id == 0 && version == 0 && tables == 0;
	if (*blank)
		return 0;
	if (id != EG_STORE_ID)
		return eg_fail(e, EG_CONFIG, "'%s' is a database of another program", s->path);
	if (version > EG_STORE_VERSION)
		return fail_newer(s->path, version, e);
	if (version != EG_STORE_VERSION)
		return eg_fail(e, EG_LOCAL_IO, "'%s' is damaged: its form is %lld", s->path,
		    (long long)version);
	return 0;
}

/* The same, of one moment: another program may be making the store right now. */
static int
identify_now(struct eg_store *s, bool *blank, struct eg_error *e)
{
	int rc;

	if (eg_store_exec(s, "BEGIN", e) != 0)
		return -1;
	rc = identify(s, blank, e);
	eg_store_rollback(s);
	return rc;
}

/* Within a transaction of the old kind of journal, so that a crash leaves a whole
 * store or an empty file; who comes second finds it made. */
static int
make(struct eg_store *s, struct eg_error *e)
{
	bool blank;

	if (eg_store_exec(s, "PRAGMA synchronous = FULL; BEGIN IMMEDIATE", e) != 0)
		return -1;
	if (identify(s, &blank, e) != 0 || (blank && eg_store_exec(s, schema, e) != 0) ||
	    eg_store_exec(s, "COMMIT", e) != 0) {
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
		return -1;
	}
	return 0;
}

/* The change to WAL needs the file for itself for a moment, and does not wait. */
static int
use_wal(struct eg_store *s, struct eg_error *e)
{
	int64_t until = eg_mono_ms() + s->patience_ms;
	sqlite3_stmt *st;
	bool wal;
	int rc;

	for (;;) {
		st = eg_store_query(s, "PRAGMA journal_mode = WAL", e);
		if (st == NULL)
			return -1;
		rc = sqlite3_step(st);
		wal = rc == SQLITE_ROW && strcmp((const char *)sqlite3_column_text(st, 0), "wal") == 0;
		rc = sqlite3_finalize(st);
		if (wal)
			return 0;
		if (rc == SQLITE_OK)
			return eg_fail(e, EG_CONFIG, "cannot use '%s': its file system does not "
			    "allow a write-ahead log", s->path);
		if ((rc & 0xff) != SQLITE_BUSY || eg_mono_ms() >= until)
			return eg_store_fail(s, "write", e);
		busy(s, 1);
	}
}

static int
open_handle(struct eg_store *s, const char *name, int flags, struct eg_error *e)
{
	if (sqlite3_open_v2(name, &s->db, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		return eg_store_fail(s, "open", e);
	s->wal = sqlite3_filename_wal(sqlite3_db_filename(s->db, "main"));
	sqlite3_extended_result_codes(s->db, 1);
	s->give_up = eg_mono_ms() + s->patience_ms;
	sqlite3_busy_handler(s->db, busy, s);
	return 0;
}

/* A store on a medium that is read-only, with nobody writing, needs no lock files. */
static int
open_immutable(struct eg_store *s, struct eg_error *e)
{
	char uri[PATH_MAX + 32];

	/* A question mark or percent sign in the path would be the URI's. */
	if (access(s->wal, F_OK) == 0 || strpbrk(s->path, "?%#") != NULL ||
	    strlen(s->path) >= PATH_MAX)
		return eg_fail(e, EG_CONFIG, "cannot open '%s': its folder is read-only", s->path);
	sqlite3_close(s->db);
	s->db = NULL;
	snprintf(uri, sizeof(uri), "file:%s?immutable=1", s->path);
	return open_handle(s, uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, e);
}

static int
open_reading(struct eg_store *s, struct eg_error *e)
{
	int64_t tables;
	struct eg_error why = { 0 };
	bool null;

	if (eg_store_int(s, "SELECT count(*) FROM sqlite_schema", &tables, &null, &why) != 0) {
		if ((s->code & 0xff) != SQLITE_CANTOPEN && (s->code & 0xff) != SQLITE_READONLY) {
			*e = why;
			return -1;
		}
		if (open_immutable(s, e) != 0)
			return -1;
	}
	return eg_store_exec(s, "PRAGMA query_only = 1; PRAGMA cache_size = -4000", e);
}

static int
open_db(struct eg_store *s, enum eg_store_mode mode, bool fresh, struct eg_error *e)
{
	int flags = mode == EG_STORE_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
	bool blank;

	if (fresh)
		flags |= SQLITE_OPEN_CREATE;
	if (open_handle(s, s->path, flags, e) != 0 ||
	    (mode == EG_STORE_READ && open_reading(s, e) != 0))
		return -1;
	if (identify_now(s, &blank, e) != 0)
		return -1;
	if (blank && mode != EG_STORE_CREATE)
		return eg_fail(e, EG_CONFIG, "'%s' is empty: not a store", s->path);
	if (mode == EG_STORE_READ)
		return 0;
	/* SQLite falls back to reading without a word. */
	if (sqlite3_db_readonly(s->db, "main") != 0)
		return eg_fail(e, EG_CONFIG, "cannot write '%s': the file is read-only", s->path);
	if ((blank && make(s, e) != 0) || use_wal(s, e) != 0)
		return -1;
	s->restart_at = RESTART_PAGES;
	sqlite3_wal_hook(s->db, checkpoint, s);
	return eg_store_exec(s, write_pragmas, e);
}

struct eg_store *
eg_store_open(const char *path, enum eg_store_mode mode, int64_t keep_ns, struct eg_error *e)
{
	struct eg_store *s;
	bool fresh;

	if (look(path, mode == EG_STORE_CREATE, &fresh, e) != 0)
		return NULL;
	s = calloc(1, sizeof(*s));
	if (s == NULL) {
		eg_fail(e, EG_BUG, "out of memory");
		return NULL;
	}
	s->path = path;
	s->keep_ns = keep_ns;
	s->patience_ms = PATIENCE_MS;
	/* A limit on a file's size is a write that fails, as on a full disk. */
	signal(SIGXFSZ, SIG_IGN);
	if (open_db(s, mode, fresh, e) != 0) {
		eg_store_close(s);
		return NULL;
	}
	return s;
}

void
eg_store_close(struct eg_store *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < STMT_COUNT; i++)
		sqlite3_finalize(s->stmt[i]);
	eg_store_sensors_clear(s);
	free(s->sensors);
	free(s->deltas);
	free(s->order);
	sqlite3_close(s->db);
	free(s);
}

const uint64_t *
eg_store_commits(const struct eg_store *s)
{
	return &s->commits;
}

const uint64_t *
eg_store_replaced(const struct eg_store *s)
{
	return &s->replaced;
}
