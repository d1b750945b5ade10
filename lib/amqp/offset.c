/* SPDX-License-Identifier: MIT */
/* How far a stream has been read, kept in a file. */
#include "amqp/offset.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/number.h"

enum { EVERY_MS = 1000 };

int
eg_offset_load(struct eg_offset *o, const char *path, struct eg_error *e)
{
	char text[32];
	size_t n;
	bool bad;
	FILE *f;

	*o = (struct eg_offset){ .path = path, .saved = -1 };
	if (path == NULL)
		return 0;
	f = fopen(path, "re");
	if (f == NULL && errno == ENOENT)
		return 0;
	if (f == NULL)
		return eg_fail(e, EG_LOCAL_IO, "cannot open '%s': %s", path, strerror(errno));
	n = fread(text, 1, sizeof(text) - 1, f);
	bad = ferror(f) != 0;
	if (fclose(f) != 0 || bad)
		return eg_fail(e, EG_LOCAL_IO, "cannot read '%s'", path);
	if (n == sizeof(text) - 1) /* there may be more */
		n = 0;
	if (n > 0 && text[n - 1] == '\n')
		n--;
	text[n] = '\0';
	if (strlen(text) != n || eg_int_parse(text, 0, INT64_MAX - 1, &o->saved) != EG_NUMBER_OK)
		return eg_fail(e, EG_CONFIG, "'%s' does not hold a stream offset", path);
	snprintf(o->next, sizeof(o->next), "%lld", (long long)o->saved + 1);
	return 0;
}

static int
replace(const char *path, const char *text, size_t len)
{
	char tmp[PATH_MAX];
	int fd, saved;
	bool good;

	errno = ENAMETOOLONG;
	if (snprintf(tmp, sizeof(tmp), "%s.tmp", path) >= (int)sizeof(tmp))
		return -1;
	fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0)
		return -1;
	errno = ENOSPC; /* of a write that takes only a part */
	good = write(fd, text, len) == (ssize_t)len && fsync(fd) == 0;
	saved = errno;
	if (close(fd) != 0 && good) {
		saved = errno;
		good = false;
	}
	if (good && rename(tmp, path) == 0)
		return 0;
	if (good)
		saved = errno;
	unlink(tmp);
	errno = saved;
	return -1;
}

static bool
is_news(const struct eg_offset *o, int64_t offset)
{
	return o->path != NULL && offset >= 0 && offset != o->saved;
}

void
eg_offset_poll(const struct eg_offset *o, int64_t offset, int64_t *due)
{
	if (is_news(o, offset) && o->due < *due)
		*due = o->due;
}

int
eg_offset_keep(struct eg_offset *o, int64_t offset, int64_t now, struct eg_error *e)
{
	char text[32];
	int n;

	if (!is_news(o, offset) || now < o->due)
		return 0;
	n = snprintf(text, sizeof(text), "%lld\n", (long long)offset);
	if (replace(o->path, text, (size_t)n) != 0)
		return eg_fail(e, EG_LOCAL_IO, "cannot write '%s': %s", o->path, strerror(errno));
	o->saved = offset;
	o->due = now < INT64_MAX ? now + EVERY_MS : now;
	return 0;
}
