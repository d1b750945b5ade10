/* SPDX-License-Identifier: MIT */
/* Gives batches and deletions order numbers that increase. */
#include "cluster/order.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/folder.h"
#include "base/number.h"

enum {
	DIGITS = 19,
	/* Smallest difference between two numbers. Stores keep microseconds, and count up within
	 * one. */
	STEP_NS = 10 * 1000,
	RESERVE_STEPS = 1000,
};

#define RESERVE_NS (2 * EG_NS_PER_S)
#define LATEST_NS (INT64_MAX / 2) /* a time in 2116, which leaves room to count up */

static int
fail_file(const struct eg_order *o, const char *verb, struct eg_error *e)
{
	return eg_fail(e, EG_LOCAL_IO, "cannot %s '%s/order': %s", verb, o->dir, strerror(errno));
}

static int
open_file(struct eg_order *o, struct eg_error *e)
{
	char path[4200];

	if (o->fd >= 0)
		return 0;
	snprintf(path, sizeof(path), "%s/order", o->dir);
	o->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
	if (o->fd < 0)
		return fail_file(o, "open", e);
	return eg_folder_sync(path, e);
}

/* Reads the limit; 0 for a new file. */
static int
read_limit(const struct eg_order *o, int64_t *limit, struct eg_error *e)
{
	char text[DIGITS + 1] = "";
	ssize_t n = pread(o->fd, text, DIGITS, 0);

	*limit = 0;
	if (n < 0)
		return fail_file(o, "read", e);
	if (n > 0 && (n != DIGITS || eg_int_parse(text, 0, LATEST_NS, limit) != EG_NUMBER_OK))
		return eg_fail(e, EG_LOCAL_IO,
		    "'%s/order' is damaged: with a clock that is right it can be "
		    "removed", o->dir);
	return 0;
}

/* Writes all of the text, in as many pieces as the disk takes. */
static bool
write_text(int fd, const char *text, ssize_t len)
{
	ssize_t n = 0;

	for (ssize_t at = 0; at < len && (n >= 0 || errno == EINTR); at += n > 0 ? n : 0)
		n = pwrite(fd, text + at, (size_t)(len - at), at);
	return n >= 0;
}

/* is_new: the file is empty, and is empty again after a failure. */
static int
write_limit(struct eg_order *o, int64_t limit, bool is_new, struct eg_error *e)
{
	char text[32];

	snprintf(text, sizeof(text), "%019lld\n", (long long)limit);
	if (!write_text(o->fd, text, DIGITS + 1) || eg_file_sync(o->fd) != 0) {
		fail_file(o, "write", e);
		if (is_new)
			(void)!ftruncate(o->fd, 0);
		return -1;
	}
	o->limit = limit;
	return 0;
}

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* Computes the next number, and a limit above it. */
static int
reserve_numbers(struct eg_order *o, int64_t now, int64_t *order, struct eg_error *e)
{
	int64_t limit;

	if (read_limit(o, &limit, e) != 0)
		return -1;
	if (limit != o->limit)
		o->last = later(o->last, limit);
	*order = later(now, o->last + STEP_NS);
	return write_limit(o, later(now + RESERVE_NS, *order + RESERVE_STEPS * STEP_NS),
	    limit == 0, e);
}

int
eg_order_next(struct eg_order *o, int64_t *order, struct eg_error *e)
{
	int64_t now = eg_wall_ns(), limit;
	int rc = 0;

	if (open_file(o, e) != 0 || read_limit(o, &limit, e) != 0)
		return -1;
	*order = later(now, o->last + STEP_NS);
	if (limit != o->limit || *order > limit) {
		while (flock(o->fd, LOCK_EX) != 0)
			if (errno != EINTR)
				return fail_file(o, "lock", e);
		rc = reserve_numbers(o, now, order, e);
		(void)flock(o->fd, LOCK_UN);
	}
	o->last = *order;
	return rc;
}

void
eg_order_close(struct eg_order *o)
{
	if (o->fd >= 0)
		close(o->fd);
	o->fd = -1;
}
