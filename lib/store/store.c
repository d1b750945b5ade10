/* SPDX-License-Identifier: MIT */
/* Opens and creates stores. A file that is not a store is never written to. */
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/wait.h"
#include "store/store_db.h"
#include "store/store_file.h"

enum {
	LOCK_WAIT_MS = 30 * 1000, /* time limit for a lock, for verbs */
	PAUSE_US = 500,          /* shortest pause between two attempts to lock */
	CHECKPOINT_PAGES = 4000,
	RESTART_PAGES = 16000, /* size of the log, in pages, from which writers wait until it is
			        * restarted */
	RESTART_MS = 200,
};

static const char write_pragmas[] =
    "PRAGMA synchronous = FULL; PRAGMA cache_size = -12000; PRAGMA journal_size_limit = 67108864;"
    "PRAGMA temp_store = MEMORY;";

/* Waits for a lock with short pauses of uneven length. SQLite's own busy handler sleeps up to
 * 100 ms; in that time a busy writer commits and locks again many times, so the handler rarely
 * finds the gap. */
static int
busy(void *ctx, int count)
{
	const struct eg_store *s = ctx;
	int64_t pause_us = PAUSE_US + (count * 7919 + getpid()) % (3 * PAUSE_US);

	if (eg_mono_ms() >= s->give_up)
		return 0;
	(void)eg_wait_fds_ns(NULL, 0, eg_mono_ns() + 1000 * pause_us);
	return 1;
}

/* Runs after each commit. While other writers append, a passive checkpoint never finishes, so a
 * large log is restarted: then writers wait. A reader can prevent a restart. */
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

/* Changes the journal to WAL. This needs the file exclusively for a moment, and SQLite does not
 * wait for that, so this function does. */
static int
use_wal(struct eg_store *s, struct eg_error *e)
{
	int64_t until = eg_mono_ms() + s->lock_wait_ms;
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

/* Stores the names of the files as SQLite uses them, since SQLite follows links. */
static int
name_files(struct eg_store *s, struct eg_error *e)
{
	const char *main = sqlite3_db_filename(s->db, "main");

	if (s->wal != NULL)
		return 0;
	s->wal = strdup(sqlite3_filename_wal(main));
	if (s->wal == NULL || asprintf(&s->shm, "%s-shm", main) < 0) {
		s->shm = NULL;
		return eg_fail(e, EG_BUG, "out of memory");
	}
	return 0;
}

static int
open_handle(struct eg_store *s, const char *name, int flags, struct eg_error *e)
{
	if (sqlite3_open_v2(name, &s->db, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		return eg_store_fail(s, "open", e);
	sqlite3_extended_result_codes(s->db, 1);
	s->give_up = eg_mono_ms() + s->lock_wait_ms;
	sqlite3_busy_handler(s->db, busy, s);
	return eg_store_bulk_open(s, e) == 0 ? name_files(s, e) : -1;
}

/* Opens the file without locks: SQLite cannot create its lock files in a read-only folder. This
 * is safe while nobody writes. A program that begins to write first creates a log, which
 * eg_store_steady detects. */
static int
open_immutable(struct eg_store *s, struct eg_error *e)
{
	char *uri;
	int rc;

	if (access(s->wal, F_OK) == 0)
		return eg_fail(e, EG_CONFIG, "cannot open '%s': its folder is read-only", s->path);
	uri = eg_store_file_uri(s->file);
	if (uri == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	sqlite3_close(s->db);
	s->db = NULL;
	s->immutable = true;
	rc = open_handle(s, uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, e);
	free(uri);
	return rc;
}

/* A writer was killed, or the power failed, while the store was made: SQLite has to put the file
 * back first, for which it has to write. */
static int
roll_back(struct eg_store *s, struct eg_error *e)
{
	int64_t tables;
	bool null;
	int rc;

	sqlite3_close(s->db);
	s->db = NULL;
	if (open_handle(s, s->file, SQLITE_OPEN_READWRITE, e) != 0)
		return -1;
	rc = eg_store_int(s, "SELECT count(*) FROM sqlite_schema", &tables, &null, e);
	sqlite3_close(s->db);
	s->db = NULL;
	return rc == 0 ? open_handle(s, s->file, SQLITE_OPEN_READONLY, e) : -1;
}

static int
open_reading(struct eg_store *s, struct eg_error *e)
{
	int64_t tables;
	struct eg_error why = { 0 };
	bool null;

	if (eg_store_int(s, "SELECT count(*) FROM sqlite_schema", &tables, &null, &why) != 0) {
		if (s->code == SQLITE_READONLY_ROLLBACK)
			return roll_back(s, e);
		if ((s->code & 0xff) != SQLITE_CANTOPEN && (s->code & 0xff) != SQLITE_READONLY) {
			*e = why;
			return -1;
		}
		if (open_immutable(s, e) != 0)
			return -1;
	}
	return 0;
}

static int
set_reading(struct eg_store *s, struct eg_error *e)
{
	return eg_store_read_old(s, e) != 0 ? -1
	    : eg_store_exec(s, "PRAGMA query_only = 1; PRAGMA cache_size = -4000", e);
}

static int
open_writing(struct eg_store *s, bool blank, struct eg_error *e)
{
	int64_t tables;
	bool null;

	/* SQLite opens a file that is not writable for reading only, and reports no error. */
	if (sqlite3_db_readonly(s->db, "main") != 0)
		return eg_fail(e, EG_CONFIG, "cannot write '%s': the file is read-only", s->path);
	/* A read makes SQLite open the log and its index. */
	if (((blank || s->version < EG_STORE_VERSION) && eg_store_make(s, e) != 0) ||
	    use_wal(s, e) != 0 ||
	    eg_store_int(s, "SELECT count(*) FROM sqlite_schema", &tables, &null, e) != 0)
		return -1;
	s->wal_id = eg_file_id(s->wal);
	s->shm_id = eg_file_id(s->shm);
	s->restart_at = RESTART_PAGES;
	sqlite3_wal_hook(s->db, checkpoint, s);
	return eg_store_exec(s, write_pragmas, e);
}

static int
open_db(struct eg_store *s, struct eg_error *e)
{
	int flags = s->mode == EG_STORE_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
	bool blank;

	if (open_handle(s, s->file, flags, e) != 0 ||
	    (s->mode == EG_STORE_READ && open_reading(s, e) != 0) ||
	    eg_store_identify(s, &blank, e) != 0)
		return -1;
	if (blank && s->mode != EG_STORE_CREATE)
		return eg_fail(e, EG_CONFIG, "'%s' is empty: not a store", s->path);
	return s->mode == EG_STORE_READ ? set_reading(s, e) : open_writing(s, blank, e);
}

static void
close_db(struct eg_store *s)
{
	for (size_t i = 0; i < STMT_COUNT; i++) {
		sqlite3_finalize(s->stmt[i]);
		s->stmt[i] = NULL;
	}
	eg_store_sensors_clear(s);
	eg_store_log_finish(s);
	sqlite3_close(s->db);
	s->db = NULL;
	free(s->wal);
	free(s->shm);
	s->wal = s->shm = NULL;
	s->wal_id = s->shm_id = (struct eg_file_id){ .there = false };
	s->immutable = false;
}

/* Whether path led to the same file before and after opening, and SQLite has opened that file. */
static bool
steady(const struct eg_store *s)
{
	int moved = 0;

	return s->db == NULL || (!eg_store_moved(s) &&
	    (sqlite3_file_control(s->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) != SQLITE_OK ||
		moved == 0));
}

/* Opens the file at path. If it was replaced meanwhile, opens the new one: a program that waits
 * for the lock of eg_store_backup gets the old file first. */
static int
open_database(struct eg_store *s, struct eg_error *e)
{
	int64_t until = eg_mono_ms() + s->lock_wait_ms;

	do {
		struct eg_error why = { 0 };
		bool empty;

		close_db(s);
		s->code = SQLITE_OK;
		if (eg_store_file_check(s->path, s->mode == EG_STORE_CREATE, &empty, e) != 0)
			return -1;
		if (eg_store_log_check(s, e) != 0)
			return -1;
		s->file_id = eg_file_id(s->file);
		(void)open_db(s, &why);
		if (steady(s)) {
			*e = why;
			return why.status == EG_OK ? 0 : -1;
		}
	} while (eg_mono_ms() < until);
	return eg_fail(e, EG_TEMPORARY, "cannot open '%s': it is replaced again and again", s->path);
}

/* Whether nobody has written to a file that could not be locked. */
static bool
unwritten(const struct eg_store *s)
{
	return !s->immutable ||
	    (eg_file_unchanged(s->file, &s->file_id) && access(s->wal, F_OK) != 0);
}

int
eg_store_refresh(struct eg_store *s, struct eg_error *e)
{
	return eg_store_moved(s) || !unwritten(s) ? open_database(s, e) : 0;
}

int
eg_store_steady(const struct eg_store *s, struct eg_error *e)
{
	if (s->db == NULL || unwritten(s))
		return 0;
	*e = (struct eg_error){ .status = EG_OK };
	return eg_fail(e, EG_TEMPORARY, "'%s' was written to while it was read; in a folder that is "
	    "read-only it cannot be locked", s->path);
}

struct eg_store *
eg_store_open(const char *path, enum eg_store_mode mode, int64_t keep_ns, struct eg_error *e)
{
	struct eg_store *s = calloc(1, sizeof(*s));

	if (s == NULL || (s->file = eg_store_file_name(path)) == NULL) {
		eg_fail(e, EG_BUG, "out of memory");
		free(s);
		return NULL;
	}
	s->path = path;
	s->mode = mode;
	s->keep_ns = keep_ns;
	s->lock_wait_ms = LOCK_WAIT_MS;
	if (open_database(s, e) != 0) {
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
	close_db(s);
	free(s->sensors);
	eg_store_batch_close(&s->batch);
	free(s->deltas);
	free(s->order);
	free(s->file);
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
