/* SPDX-License-Identifier: MIT */
/* The position up to which a stream was read, stored in a file. */
#include "amqp/offset.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/file.h"
#include "base/number.h"

enum { EVERY_MS = 1000, PRINT_DIGITS = 16 };

/* Parses OFFSET, or OFFSET FINGERPRINT. */
static bool
parse_offset(const char *text, struct eg_position *at)
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
	struct stat st = { 0 };
	size_t len;
	ssize_t n;
	int fd;

	*o = (struct eg_offset){ .path = path, .saved = EG_POSITION_NONE };
	if (path == NULL)
		return 0;
	/* A FIFO without a writer must not block. */
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return eg_file_check(path, e);
	if (fd < 0)
		return eg_fail(e, EG_LOCAL_IO, "cannot open '%s': %s", path, strerror(errno));
	n = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? read(fd, text, sizeof(text) - 1) : 0;
	if (!S_ISREG(st.st_mode))
		eg_fail(e, EG_CONFIG, "'%s' is not a regular file", path);
	else if (n < 0)
		eg_fail(e, EG_LOCAL_IO, "cannot read '%s': %s", path, strerror(errno));
	close(fd);
	if (e->status != EG_OK)
		return -1;
	/* An invalid file may be larger than the buffer. */
	len = n > 0 && n < (ssize_t)sizeof(text) - 1 ? (size_t)n : 0;
	if (len > 0 && text[len - 1] == '\n')
		len--;
	text[len] = '\0';
	if (strlen(text) == len && parse_offset(text, &o->saved))
		return eg_file_check(path, e);
	o->saved = EG_POSITION_NONE;
	return eg_fail(e, EG_CONFIG, "'%s' does not hold a stream offset", path);
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
	if (eg_file_replace(o->path, text, (size_t)n, e) != 0)
		return -1;
	o->saved = at;
	o->due = now < INT64_MAX ? now + EVERY_MS : now;
	return 0;
}
