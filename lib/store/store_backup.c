/* SPDX-License-Identifier: MIT */
/* Copies a store while others write to it; the copy appears whole or not at all. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/stop.h"
#include "store/store_db.h"

enum { STEP_PAGES = 1024 };

/* Only a store that nobody has open may be replaced. */
static int
look_at(const struct eg_store *s, const char *dest, struct eg_error *e)
{
	char wal[PATH_MAX];
	struct stat from, to;
	struct eg_store *other;

	if (strlen(dest) + 32 >= sizeof(wal))
		return eg_fail(e, EG_CONFIG, "cannot write '%s': the name is too long", dest);
	if (stat(dest, &to) != 0)
		return errno == ENOENT ? 0
		    : eg_fail(e, EG_CONFIG, "cannot write '%s': %s", dest, strerror(errno));
	if (stat(s->path, &from) == 0 && from.st_dev == to.st_dev && from.st_ino == to.st_ino)
		return eg_fail(e, EG_CONFIG, "'%s' is the store itself", dest);
	snprintf(wal, sizeof(wal), "%s-wal", dest);
	/* One that is empty is what a reader left behind. */
	if (stat(wal, &to) == 0 && to.st_size > 0)
		return eg_fail(e, EG_CONFIG, "cannot replace '%s': it is in use", dest);
	other = eg_store_open(dest, EG_STORE_READ, 0, e);
	eg_store_close(other);
	return other != NULL ? 0 : -1;
}

static int
fail_dest(sqlite3 *db, const char *dest, struct eg_error *e)
{
	int why = sqlite3_system_errno(db);

	return eg_fail(e, EG_LOCAL_IO, "cannot write '%s': %s", dest,
	    sqlite3_errcode(db) == SQLITE_FULL || why == 0 ? sqlite3_errmsg(db) : strerror(why));
}

/* Copies within a read transaction of ours: a writer's commits do not make the copy
 * start over. */
static int
copy(struct eg_store *s, sqlite3 *db, const char *dest, struct eg_error *e)
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
	/* A lone file, that can be read where nothing can be written. */
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
			rc = copy(s, db, temp, e);
	}
	if (sqlite3_close(db) != SQLITE_OK && rc == 0)
		rc = eg_fail(e, EG_BUG, "cannot close '%s'", temp);
	eg_store_end(s);
	return rc;
}

/* Syncs a file, or with O_DIRECTORY a folder. */
static int
sync_at(const char *path, int flags, struct eg_error *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | flags), rc = 0;

	if (fd < 0 || fsync(fd) != 0)
		rc = eg_fail(e, EG_LOCAL_IO, "cannot sync '%s': %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return rc;
}

static int
sync_folder_of(const char *path, struct eg_error *e)
{
	char *name = strdup(path);
	int rc = name == NULL ? eg_fail(e, EG_BUG, "out of memory")
	                      : sync_at(dirname(name), O_DIRECTORY, e);

	free(name);
	return rc;
}

int
eg_store_backup(struct eg_store *s, const char *dest, struct eg_error *e)
{
	char temp[PATH_MAX];
	int fd;

	if (look_at(s, dest, e) != 0)
		return -1;
	snprintf(temp, sizeof(temp), "%s.%ld.tmp", dest, (long)getpid());
	fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0)
		return eg_fail(e, EG_LOCAL_IO, "cannot make '%s': %s", temp, strerror(errno));
	close(fd);
	if (write_copy(s, temp, e) != 0 || sync_at(temp, 0, e) != 0)
		goto failed;
	if (rename(temp, dest) != 0) {
		eg_fail(e, EG_LOCAL_IO, "cannot name '%s': %s", dest, strerror(errno));
		goto failed;
	}
	return sync_folder_of(dest, e);
failed:
	(void)unlink(temp);
	return -1;
}
