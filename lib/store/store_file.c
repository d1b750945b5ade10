/* SPDX-License-Identifier: MIT */
/* The files of a store: their names, and whether they were replaced. */
#include "store/store_file.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "store/store_db.h"

enum {
	HEADER = 100, /* size of SQLite's file header in bytes */
	VERSION_AT = 60,
	ID_AT = 68,
};

char *
eg_store_file_name(const char *path)
{
	char *name;

	return asprintf(&name, "%s%s", *path == '/' ? "" : "./", path) < 0 ? NULL : name;
}

char *
eg_store_file_uri(const char *name)
{
	static const char digits[] = "0123456789ABCDEF";
	char *uri = malloc(3 * strlen(name) + sizeof("file:?immutable=1")), *to = uri;

	if (uri == NULL)
		return NULL;
	to = stpcpy(to, "file:");
	for (const unsigned char *c = (const unsigned char *)name; *c != '\0'; c++) {
		if (strchr("?#%", *c) != NULL) {
			*to++ = '%';
			*to++ = digits[*c >> 4];
			*to++ = digits[*c & 15];
		} else {
			*to++ = (char)*c;
		}
	}
	(void)stpcpy(to, "?immutable=1");
	return uri;
}

int
eg_store_fail_newer(const char *path, int64_t version, struct eg_error *e)
{
	return eg_fail(e, EG_CONFIG, "'%s' was made by a newer version: its version is %lld, known "
	    "here is %d", path, (long long)version, EG_STORE_VERSION);
}

/* Whether the file at path has a journal that says that there was nothing in it before (SQLite's
 * file format, 3: the size in pages is at 16). SQLite keeps it beside the file itself, not beside
 * a link. */
static bool
begun_empty(const char *path)
{
	static const unsigned char magic[] = { 0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7 };
	unsigned char head[20] = { 0 };
	char *file = realpath(path, NULL), *journal = NULL;
	int fd = -1;

	if (file != NULL && asprintf(&journal, "%s-journal", file) >= 0) {
		fd = open(journal, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
		free(journal);
	}
	free(file);
	if (fd < 0 || read(fd, head, sizeof(head)) != sizeof(head))
		head[0] = 0;
	if (fd >= 0)
		close(fd);
	return memcmp(head, magic, sizeof(magic)) == 0 && memcmp(head + 16, "\0\0\0\0", 4) == 0;
}

static int
look_at_header(const char *path, const unsigned char head[HEADER], size_t n, struct eg_error *e)
{
	static const unsigned char zeros[HEADER];
	uint32_t version;

	/* The power failed while the store was made, and the first page is lost: SQLite puts the file
	 * back. */
	if (n == HEADER && memcmp(head, zeros, HEADER) == 0 && begun_empty(path))
		return 0;
	if (memcmp(head, "SQLite format 3", n < 16 ? n : 16) != 0)
		return eg_fail(e, EG_CONFIG, "'%s' is not a SQLite database", path);
	if (n < HEADER)
		return eg_fail(e, EG_LOCAL_IO, "'%s' is damaged or cut short", path);
	if (memcmp(head + ID_AT, "\0\0\0\0", 4) != 0 && memcmp(head + ID_AT, "EGRD", 4) != 0)
		return eg_fail(e, EG_CONFIG, "'%s' is a database of another program", path);
	memcpy(&version, head + VERSION_AT, sizeof(version));
	version = be32toh(version);
	return version > EG_STORE_VERSION && head[ID_AT] != '\0'
	    ? eg_store_fail_newer(path, version, e) : 0;
}

/* Creates the file with open(2), because SQLite would treat `x/` and `none/../x` as x. */
static int
make_file(const char *path, struct eg_error *e)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0)
		return eg_fail(e, eg_status_of(errno), "cannot open '%s': %s", path, strerror(errno));
	close(fd);
	return 0;
}

int
eg_store_file_check(const char *path, bool create, bool *empty, struct eg_error *e)
{
	unsigned char head[HEADER] = { 0 };
	struct stat st;
	ssize_t n;
	int fd;

	*empty = false;
	if (stat(path, &st) != 0) {
		if (errno != ENOENT || !create)
			return eg_fail(e, eg_status_of(errno), "cannot open '%s': %s", path, strerror(errno));
		*empty = true;
		return make_file(path, e);
	}
	if (!S_ISREG(st.st_mode))
		return eg_fail(e, EG_CONFIG, "cannot open '%s': it is %s", path,
		    S_ISDIR(st.st_mode) ? "a directory" : "not a regular file");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return eg_fail(e, eg_status_of(errno), "cannot open '%s': %s", path, strerror(errno));
	n = read(fd, head, sizeof(head));
	close(fd);
	if (n < 0)
		return eg_fail(e, EG_LOCAL_IO, "cannot read '%s': %s", path, strerror(errno));
	if (n > 0)
		return look_at_header(path, head, (size_t)n, e);
	*empty = create;
	return create ? 0 : eg_fail(e, EG_CONFIG, "'%s' is empty: not a store", path);
}

struct eg_file_id
eg_file_id(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return (struct eg_file_id){ .there = false };
	return (struct eg_file_id){ .dev = st.st_dev, .ino = st.st_ino, .size = st.st_size,
		.changed = st.st_mtim, .there = true };
}

bool
eg_file_is(const char *path, const struct eg_file_id *id)
{
	struct eg_file_id now;

	if (!id->there)
		return true;
	now = eg_file_id(path);
	return now.there && now.dev == id->dev && now.ino == id->ino;
}

bool
eg_file_unchanged(const char *path, const struct eg_file_id *id)
{
	struct eg_file_id now = eg_file_id(path);

	return now.there && now.dev == id->dev && now.ino == id->ino && now.size == id->size &&
	    now.changed.tv_sec == id->changed.tv_sec && now.changed.tv_nsec == id->changed.tv_nsec;
}

bool
eg_store_moved(const struct eg_store *s)
{
	return s->db == NULL || !eg_file_is(s->file, &s->file_id) ||
	    !eg_file_is(s->wal, &s->wal_id) || !eg_file_is(s->shm, &s->shm_id);
}
