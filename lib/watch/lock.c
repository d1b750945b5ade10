/* SPDX-License-Identifier: MIT */
/* Locks the state of a watch. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/diag.h"
#include "watch/state.h"
#include "watch/watch.h"

/* The path of the lock: beside the file to which symbolic links lead. False with errno, also for
 * a link that leads to no file. */
static bool
lock_path(const char *path, char lock[PATH_MAX])
{
	char target[PATH_MAX];
	struct stat st;

	if (realpath(path, target) != NULL)
		path = target;
	else if (errno != ENOENT || lstat(path, &st) == 0)
		return false;
	if (snprintf(lock, PATH_MAX, "%s" EG_WATCH_LOCK_END, path) < PATH_MAX)
		return true;
	errno = ENAMETOOLONG;
	return false;
}

int
eg_watch_lock(const char *path, struct eg_error *e)
{
	char lock[PATH_MAX];
	struct stat st;
	int fd, why;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return eg_fail(e, EG_CONFIG, "'%s' is not a regular file", path);
	if (!lock_path(path, lock))
		return eg_fail(e, EG_LOCAL_IO, "cannot write '%s': %s", path, strerror(errno));
	fd = open(lock, O_RDWR | O_CREAT | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC, 0666);
	if (fd < 0) /* ENOENT: the folder does not exist */
		return eg_fail(e, EG_LOCAL_IO, "cannot write '%s': %s", errno == ENOENT ? path : lock,
		    strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	why = errno;
	(void)close(fd);
	if (why == EWOULDBLOCK)
		return eg_fail(e, EG_TEMPORARY, "another eg-watch uses the state '%s'", path);
	return eg_fail(e, EG_LOCAL_IO, "cannot lock '%s': %s", lock, strerror(why));
}
