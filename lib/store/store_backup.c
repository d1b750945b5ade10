/* SPDX-License-Identifier: MIT */
/* Copies a store while others write to it. The copy appears complete or not at all. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/file.h"
#include "base/folder.h"
#include "base/stop.h"
#include "store/store_db.h"
#include "store/store_file.h"

enum { STEP_PAGES = 1024, TEMPS = 100 };

/* Checks that dest is a store other than s, or does not exist. *there: it exists. */
static int
look_at(const struct eg_store *s, const char *dest, bool *there, struct eg_error *e)
{
	struct stat from, to;
	struct eg_store *other;

	*there = stat(dest, &to) == 0;
	if (!*there)
		return errno == ENOENT ? 0
		    : eg_fail(e, eg_status_of(errno), "cannot write '%s': %s", dest, strerror(errno));
	if (stat(s->path, &from) == 0 && from.st_dev == to.st_dev && from.st_ino == to.st_ino)
		return eg_fail(e, EG_CONFIG, "'%s' is the store itself", dest);
	other = eg_store_open(dest, EG_STORE_READ, 0, e);
	eg_store_close(other);
	return other != NULL ? 0 : -1;
}

/* Refuses a log beside dest, since SQLite would apply it to the new file. */
static int
look_beside(const char *dest, struct eg_error *e)
{
	static const char *const ends[] = { "-wal", "-journal" };
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", dest, ends[i]);
		if (access(path, F_OK) == 0)
			return eg_fail(e, EG_CONFIG, "cannot write '%s': '%s' of another store is "
			    "beside it", dest, path);
	}
	return 0;
}

static bool
is_rollback_mode(sqlite3 *db)
{
	sqlite3_stmt *st = NULL;
	bool is = sqlite3_prepare_v2(db, "PRAGMA journal_mode", -1, &st, NULL) == SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW &&
	    strcmp((const char *)sqlite3_column_text(st, 0), "delete") == 0;

	sqlite3_finalize(st);
	return is;
}

/* Locks the store at dest, so that no other process has it open or can open it. Every process
 * that has a store open in WAL mode holds a shared lock, so a change to another journal mode
 * succeeds only if there is none. NULL with *e if dest is in use. */
static sqlite3 *
lock_copy(const char *dest, struct eg_error *e)
{
	char *name = eg_store_file_name(dest);
	sqlite3 *db = NULL;
	int moved = 0;

	if (name == NULL ||
	    sqlite3_open_v2(name, &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK ||
	    sqlite3_db_readonly(db, "main") != 0) {
		eg_fail(e, EG_CONFIG, "cannot replace '%s': it cannot be written", dest);
	} else if (sqlite3_exec(db, "PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE", NULL, NULL,
	    NULL) != SQLITE_OK || !is_rollback_mode(db) ||
	    sqlite3_file_control(db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) != SQLITE_OK || moved) {
		if (sqlite3_errcode(db) == SQLITE_OK || sqlite3_errcode(db) == SQLITE_BUSY)
			eg_fail(e, EG_CONFIG, "cannot replace '%s': it is in use", dest);
		else
			eg_fail(e, EG_LOCAL_IO, "cannot replace '%s': %s", dest, sqlite3_errmsg(db));
	} else {
		free(name);
		return db;
	}
	sqlite3_close(db);
	free(name);
	return NULL;
}

/* Checks before a long copy that dest can be replaced. */
static int
may_write(const struct eg_store *s, const char *dest, struct eg_error *e)
{
	sqlite3 *db;
	bool there;

	if (strlen(dest) + 32 >= PATH_MAX)
		return eg_fail(e, EG_CONFIG, "cannot write '%s': the name is too long", dest);
	if (look_at(s, dest, &there, e) != 0)
		return -1;
	if (!there)
		return look_beside(dest, e);
	db = lock_copy(dest, e);
	sqlite3_close(db);
	return db != NULL ? 0 : -1;
}

static int
fail_dest(sqlite3 *db, const char *dest, struct eg_error *e)
{
	int why = sqlite3_system_errno(db);

	return eg_fail(e, EG_LOCAL_IO, "cannot write '%s': %s", dest,
	    sqlite3_errcode(db) == SQLITE_FULL || why == 0 ? sqlite3_errmsg(db) : strerror(why));
}

/* Copies within one read transaction; otherwise each commit of a writer would restart the copy. */
static int
copy_pages(struct eg_store *s, sqlite3 *db, const char *dest, struct eg_error *e)
{
	sqlite3_backup *b = sqlite3_backup_init(db, "main", s->db, "main");
	int rc;

	if (b == NULL)
		return fail_dest(db, dest, e);
	do {
		rc = sqlite3_backup_step(b, STEP_PAGES);
	} while (rc == SQLITE_OK && eg_stop_asked() == 0);
	if (rc == SQLITE_OK) {
		sqlite3_backup_finish(b);
		return eg_fail(e, EG_TEMPORARY, "the copy was ended by a signal");
	}
	if (sqlite3_backup_finish(b) != SQLITE_OK || rc != SQLITE_DONE)
		return fail_dest(db, dest, e);
	/* Without WAL, the copy is a single file that can be read in a read-only folder. */
	if (sqlite3_exec(db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL) != SQLITE_OK)
		return fail_dest(db, dest, e);
	return 0;
}

static int
write_copy(struct eg_store *s, const char *temp, struct eg_error *e)
{
	sqlite3 *db = NULL;
	int64_t tables;
	bool null;
	int rc = -1;

	if (eg_store_snapshot(s, e) == 0 &&
	    eg_store_int(s, "SELECT count(*) FROM sqlite_schema", &tables, &null, e) == 0) {
		if (sqlite3_open_v2(temp, &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
			rc = fail_dest(db, temp, e);
		else
			rc = copy_pages(s, db, temp, e);
	}
	if (sqlite3_close(db) != SQLITE_OK && rc == 0)
		rc = eg_fail(e, EG_BUG, "cannot close '%s'", temp);
	eg_store_end(s);
	return rc;
}

static int
sync_file(const char *path, struct eg_error *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = 0;

	if (fd < 0 || eg_file_sync(fd) != 0)
		rc = eg_fail(e, EG_LOCAL_IO, "cannot sync '%s': %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return rc;
}

/* Renames the complete copy to dest. Checks dest again, since it may have changed during the
 * copy, and keeps it locked until it is replaced. */
static int
publish_copy(const struct eg_store *s, const char *temp, const char *dest, struct eg_error *e)
{
	sqlite3 *db = NULL;
	bool there;
	int rc;

	if (look_at(s, dest, &there, e) != 0 || (!there && look_beside(dest, e) != 0) ||
	    (there && (db = lock_copy(dest, e)) == NULL))
		return -1;
	/* Some file systems lack RENAME_NOREPLACE; link(2) does not replace a file either. */
	rc = there ? rename(temp, dest) : renameat2(AT_FDCWD, temp, AT_FDCWD, dest, RENAME_NOREPLACE);
	if (rc != 0 && !there && errno == EINVAL && (rc = link(temp, dest)) == 0)
		(void)unlink(temp);
	if (rc != 0)
		eg_fail(e, EG_LOCAL_IO, "cannot rename the copy to '%s': %s", dest, strerror(errno));
	sqlite3_close(db);
	return rc;
}

/* Creates the file for the copy. A copy that was killed may have left one of the same name, since
 * in a container each process may have the same number. */
static int
make_temp(const char *dest, char temp[PATH_MAX], struct eg_error *e)
{
	int fd = -1;

	errno = EEXIST;
	for (int i = 0; i < TEMPS && fd < 0 && errno == EEXIST; i++) {
		snprintf(temp, PATH_MAX, "%s%s.%ld.tmp", *dest == '/' ? "" : "./", dest,
		    (long)getpid() + i);
		fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	}
	if (fd < 0)
		return eg_fail(e, EG_LOCAL_IO, "cannot create '%s': %s", temp, strerror(errno));
	close(fd);
	return 0;
}

/* Copies to dest, which is not a link. */
static int
backup(struct eg_store *s, const char *dest, struct eg_error *e)
{
	char temp[PATH_MAX];

	if (may_write(s, dest, e) != 0 || make_temp(dest, temp, e) != 0)
		return -1;
	if (write_copy(s, temp, e) == 0 && sync_file(temp, e) == 0 &&
	    publish_copy(s, temp, dest, e) == 0)
		return eg_folder_sync(dest, e);
	(void)unlink(temp);
	return -1;
}

int
eg_store_backup(struct eg_store *s, const char *dest, struct eg_error *e)
{
	struct stat st;
	char *aim;
	int rc;

	/* Replace the store that a link leads to, not the link. */
	if (lstat(dest, &st) != 0 || !S_ISLNK(st.st_mode))
		return backup(s, dest, e);
	aim = realpath(dest, NULL);
	if (aim == NULL)
		return eg_fail(e, eg_status_of(errno), "cannot write '%s': %s", dest, strerror(errno));
	rc = backup(s, aim, e);
	free(aim);
	return rc;
}
