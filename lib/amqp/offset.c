/* SPDX-License-Identifier: MIT */
/* How far a stream has been read, kept in a file. */
#include "amqp/offset.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/folder.h"
#include "base/number.h"

enum { EVERY_MS = 1000, PRINT_DIGITS = 16 };

/* OFFSET, or OFFSET FINGERPRINT. */
static bool
parse(const char *text, struct eg_position *at)
{
	char number[sizeof("9223372036854775807")];
	size_t n = strcspn(text, " ");
	char *end;

	if (n >= sizeof(number))
		return false;
	memcpy(number, text, n);
	number[n] = '\0';
	at->print = 0;
	if (eg_int_parse(number, 0, INT64_MAX - 1, &at->offset) != EG_NUMBER_OK)
		return false;
	if (text[n] == '\0')
		return true;
	if (strspn(text + n + 1, "0123456789abcdef") != PRINT_DIGITS)
		return false;
	at->print = strtoull(text + n + 1, &end, 16);
	return *end == '\0';
}

int
eg_offset_load(struct eg_offset *o, const char *path, struct eg_error *e)
{
	char text[64];
	size_t n;
	bool bad;
	FILE *f;

	*o = (struct eg_offset){ .path = path, .saved = EG_POSITION_NONE };
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
	if (strlen(text) == n && parse(text, &o->saved))
		return 0;
	o->saved = EG_POSITION_NONE;
	return eg_fail(e, EG_CONFIG, "'%s' does not hold a stream offset", path);
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
is_news(const struct eg_offset *o, struct eg_position at)
{
	return o->path != NULL && at.offset >= 0 &&
	    (at.offset != o->saved.offset || at.print != o->saved.print);
}

void
eg_offset_poll(const struct eg_offset *o, struct eg_position at, int64_t *due)
{
	if (is_news(o, at) && o->due < *due)
		*due = o->due;
}

int
eg_offset_keep(struct eg_offset *o, struct eg_position at, int64_t now, struct eg_error *e)
{
	char text[64];
	int n;

	if (!is_news(o, at) || now < o->due)
		return 0;
	n = at.print == 0 ? snprintf(text, sizeof(text), "%lld\n", (long long)at.offset) :
	    snprintf(text, sizeof(text), "%lld %016llx\n", (long long)at.offset,
	        (unsigned long long)at.print);
	if (replace(o->path, text, (size_t)n) != 0)
		return eg_fail(e, EG_LOCAL_IO, "cannot write '%s': %s", o->path, strerror(errno));
	/* Without the name the file is gone after a power cut, and the stream read from where
	 * a first start reads it. */
	if (eg_folder_sync(o->path, e) != 0)
		return -1;
	o->saved = at;
	o->due = now < INT64_MAX ? now + EVERY_MS : now;
	return 0;
}
