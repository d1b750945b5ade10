/* SPDX-License-Identifier: MIT */
/* Replaces a small file as a whole, or appends to it. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/folder.h"

static int
fail_errno(const char *path, int error, struct eg_error *e)
{
	return eg_fail(e, EG_LOCAL_IO, "cannot write '%s': %s", path, strerror(error));
}

/* Follows symbolic links to the file to replace. Sets *mode to its mode, or to 0 if the file
 * does not exist. */
static int
resolve_link(const char *path, char target[PATH_MAX], mode_t *mode, struct eg_error *e)
{
	struct stat st;

	*mode = 0;
	if (lstat(path, &st) != 0 && errno != ENOENT)
		return fail_errno(path, errno, e);
	if (strlen(path) >= PATH_MAX)
		return fail_errno(path, ENAMETOOLONG, e);
	if (realpath(path, target) == NULL) {
		/* A dangling link is an error; the file behind it is not created. */
		if (errno != ENOENT || lstat(path, &st) == 0)
			return fail_errno(path, errno != 0 ? errno : ENOENT, e);
		memcpy(target, path, strlen(path) + 1);
		return 0;
	}
	if (stat(target, &st) != 0)
		return fail_errno(path, errno, e);
	if (!S_ISREG(st.st_mode))
		return eg_fail(e, EG_LOCAL_IO, "cannot replace '%s': it is not a regular file", path);
	*mode = st.st_mode & 07777;
	return 0;
}

/* Creates a new file, so that an existing file or link of another user is never written to. */
static int
create(const char *tmp)
{
	int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	int fd = open(tmp, flags, 0666);

	if (fd < 0 && errno == EEXIST && unlink(tmp) == 0)
		fd = open(tmp, flags, 0666);
	return fd;
}

int
eg_file_sync(int fd)
{
	int rc;

	do
		rc = fdatasync(fd);
	while (rc != 0 && errno == EINTR);
	return rc;
}

/* Returns 0 or an errno. */
static int
write_all(int fd, const char *text, size_t len, mode_t mode, bool durable)
{
	while (len > 0) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? errno : ENOSPC;
		text += n;
		len -= (size_t)n;
	}
	if (mode != 0 && fchmod(fd, mode) != 0)
		return errno;
	return !durable || eg_file_sync(fd) == 0 ? 0 : errno;
}

/* text NULL: creates the new file, and removes it again. */
static int
replace_file(const char *path, const void *text, size_t len, bool durable, struct eg_error *e)
{
	char target[PATH_MAX], tmp[PATH_MAX];
	mode_t mode;
	int fd, error;

	if (resolve_link(path, target, &mode, e) != 0)
		return -1;
	if (snprintf(tmp, sizeof(tmp), "%s.%ld.tmp", target, (long)getpid()) >= (int)sizeof(tmp))
		return fail_errno(path, ENAMETOOLONG, e);
	fd = create(tmp);
	if (fd < 0)
		return fail_errno(path, errno, e);
	error = write_all(fd, text, len, mode, durable);
	if (close(fd) != 0 && error == 0)
		error = errno;
	if (error == 0 && text != NULL && rename(tmp, target) != 0)
		error = errno;
	if (error != 0 || text == NULL)
		unlink(tmp);
	if (error != 0)
		return fail_errno(path, error, e);
	return durable ? eg_folder_sync(target, e) : 0;
}

int
eg_file_replace(const char *path, const void *text, size_t len, struct eg_error *e)
{
	return replace_file(path, text, len, true, e);
}

int
eg_file_replace_unsynced(const char *path, const void *text, size_t len, struct eg_error *e)
{
	return replace_file(path, text, len, false, e);
}

int
eg_file_check(const char *path, struct eg_error *e)
{
	return replace_file(path, NULL, 0, false, e);
}

int
eg_file_append(const char *path, size_t size, const void *text, size_t len, struct eg_error *e)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NONBLOCK), error;
	struct stat st;

	if (fd < 0)
		return errno == ENOENT ? 1 : fail_errno(path, errno, e);
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size != (off_t)size) {
		(void)close(fd);
		return 1;
	}
	error = write_all(fd, text, len, 0, true);
	if (close(fd) != 0 && error == 0)
		error = errno;
	return error == 0 ? 0 : fail_errno(path, error, e);
}

static bool
is_descriptor(const struct stat *st, int fd)
{
	struct stat own;

	return fstat(fd, &own) == 0 && own.st_dev == st->st_dev && own.st_ino == st->st_ino;
}

bool
eg_file_is_stream(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && (!S_ISREG(st.st_mode) || is_descriptor(&st, STDIN_FILENO) ||
	    is_descriptor(&st, STDOUT_FILENO) || is_descriptor(&st, STDERR_FILENO));
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

static bool
same_file(const char *path, const char *other)
{
	struct stat a, b;

	return stat(path, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev &&
	    a.st_ino == b.st_ino;
}

static void
folder_of(const char *path, char folder[PATH_MAX])
{
	(void)snprintf(folder, PATH_MAX, "%s%.*s", *path == '/' ? "" : "./",
	    (int)(base_name(path) - path), path);
}

bool
eg_file_same(const char *path, const char *other)
{
	char folder[2][PATH_MAX];

	if (access(path, F_OK) == 0 || access(other, F_OK) == 0)
		return same_file(path, other);
	folder_of(path, folder[0]);
	folder_of(other, folder[1]);
	return strcmp(path, other) == 0 ||
	    (strcmp(base_name(path), base_name(other)) == 0 && same_file(folder[0], folder[1]));
}

/* The first bytes of a regular file, size at most. Returns how many; 0: none, or it cannot be
 * read. */
static size_t
read_head(const char *path, char *head, size_t size)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;
	ssize_t n = 0;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		n = read(fd, head, size);
	if (fd >= 0)
		close(fd);
	return n > 0 ? (size_t)n : 0;
}

bool
eg_file_holds_other(const char *path, const char *text)
{
	char head[64];
	size_t len = strnlen(text, sizeof(head)), n = read_head(path, head, len);

	return n > 0 && (n < len || memcmp(head, text, len) != 0);
}

bool
eg_file_is_database(const char *path)
{
	char head[16];

	return read_head(path, head, sizeof(head)) == sizeof(head) &&
	    memcmp(head, "SQLite format 3", sizeof(head)) == 0;
}

int
eg_file_apart(const char *option, const char *path, struct eg_error *e)
{
	static const char *const names[] = { "input, where records come from",
		"output, where records go" };
	struct stat st;

	if (stat(path, &st) != 0 || S_ISCHR(st.st_mode))
		return 0;
	for (int fd = STDIN_FILENO; fd <= STDOUT_FILENO; fd++)
		if (is_descriptor(&st, fd))
			return eg_fail(e, EG_USAGE, "%s: '%s' is standard %s", option, path, names[fd]);
	return 0;
}

int
eg_file_write(const char *path, const void *text, size_t len, struct eg_error *e)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), why;
	ssize_t n;

	if (fd < 0 && errno == ENXIO) /* a FIFO without a reader */
		return 0;
	if (fd < 0)
		return fail_errno(path, errno, e);
	n = write(fd, text, len);
	why = errno;
	close(fd);
	return n < 0 && why != EAGAIN && why != EINTR && why != EPIPE ? fail_errno(path, why, e) : 0;
}
