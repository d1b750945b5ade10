/* SPDX-License-Identifier: MIT */
/* The log of a file that was replaced at its path. SQLite finds a log by name, and would apply
 * it to the new file. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/wait.h"
#include "store/store_db.h"

/* Offsets of the bytes that SQLite locks while it has a database with a log open: one byte from
 * SHARED_FIRST on in the database, and DMS in the log's index (UNIX_SHM_DMS in os_unix.c). */
enum { SHARED_FIRST = 0x40000000 + 2, SHARED_SIZE = 510, DMS = 128 };

enum { TRIES = 3, PAUSE_MS = 10 };

static bool
locked(const char *path, off_t start, off_t len)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = start, .l_len = len };
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc;

	if (fd < 0)
		return false;
	rc = fcntl(fd, F_GETLK, &lock);
	close(fd);
	return rc == 0 && lock.l_type != F_UNLCK;
}

/* Whether the log's index is in use although the database is not; the index then belongs to
 * another file. SQLite locks the database before the index, and unlocks it after that. One check
 * may be wrong if a program ends and another starts in between, so it is repeated. */
static bool
is_foreign(const char *file, const char *index)
{
	for (int i = 0; i < TRIES; i++) {
		if (i > 0)
			eg_wait_ms(PAUSE_MS);
		if (!locked(index, DMS, 1) || locked(file, SHARED_FIRST, SHARED_SIZE))
			return false;
	}
	return true;
}

int
eg_store_log_check(const struct eg_store *s, struct eg_error *e)
{
	char file[PATH_MAX], index[PATH_MAX + 8];

	if (realpath(s->file, file) == NULL)
		return 0;
	snprintf(index, sizeof(index), "%s-shm", file);
	if (!is_foreign(file, index))
		return 0;
	return eg_fail(e, EG_CONFIG, "'%s' has taken the place of a file that a program still has open, "
	    "whose log is '%s-wal': end that program first", s->path, s->path);
}

void
eg_store_log_finish(struct eg_store *s)
{
	if (s->db == NULL || s->mode == EG_STORE_READ || eg_file_is(s->file, &s->file_id) ||
	    !eg_file_is(s->wal, &s->wal_id))
		return;
	(void)sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
}
