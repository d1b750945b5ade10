/* SPDX-License-Identifier: MIT */
#include "base/output.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/descriptors.h"
#include "base/diag.h"
#include "base/stop.h"
#include "base/wait.h"

enum {
	END_LINE_MS = 1000,
	/* Linux, admin-guide/devices.txt: memory devices, and the master of a pseudo terminal, which is
	 * another one each time it is opened. */
	MEMORY_MAJOR = 1,
	MASTER_MAJOR = 5,
	MASTER_MINOR = 2,
};

/* Whether it is a device such as /dev/null, which takes or refuses everything at once. */
static bool
is_memory_device(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && major(st->st_rdev) == MEMORY_MAJOR;
}

int
eg_output_open(struct eg_output *o, int fd, struct eg_error *e)
{
	struct stat st;

	*o = (struct eg_output){ .fd = fd, .given = fd };
	if (eg_descriptors_writable(fd, "standard output", e) != 0)
		return -1;
	if (fstat(fd, &st) != 0)
		return eg_fail(e, EG_LOCAL_IO, "standard output: %s", strerror(errno));
	o->piece = !S_ISREG(st.st_mode) && !is_memory_device(&st);
	o->socket = S_ISSOCK(st.st_mode);
	if (S_ISFIFO(st.st_mode) ||
	    (isatty(fd) && st.st_rdev != makedev(MASTER_MAJOR, MASTER_MINOR)))
		o->fd = eg_descriptors_own(fd);
	o->polled = o->piece && !o->socket && o->fd == fd;
	return 0;
}

int
eg_output_close(struct eg_output *o, struct eg_error *e)
{
	if (o->fd != o->given)
		(void)close(o->fd);
	if (close(o->given) == 0)
		return 0;
	return eg_fail(e, EG_LOCAL_IO, "cannot write to standard output: %s", strerror(errno));
}

bool
eg_output_hung_up(struct eg_output *o, short revents)
{
	if (o->piece && (revents & (POLLERR | POLLHUP)) != 0)
		o->gone = true;
	return o->gone;
}

bool
eg_output_ready(const struct eg_output *o)
{
	return !o->polled || eg_wait_revents(o->fd, POLLOUT) != 0;
}

ssize_t
eg_output_write(struct eg_output *o, const char *buf, size_t len, struct eg_error *e)
{
	const char *nl;
	ssize_t n;

	if (o->piece && len > PIPE_BUF) {
		nl = memrchr(buf, '\n', PIPE_BUF);
		len = nl != NULL ? (size_t)(nl - buf) + 1 : PIPE_BUF;
	}
	n = o->socket ? send(o->fd, buf, len, MSG_DONTWAIT | MSG_NOSIGNAL) : write(o->fd, buf, len);
	if (n >= 0)
		return n;
	/* The caller checks for signals before it tries again. */
	if (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK)
		return 0;
	if (errno == EPIPE || (o->socket && errno == ECONNRESET)) {
		o->gone = true;
		return 0;
	}
	return eg_fail(e, EG_LOCAL_IO, "cannot write to standard output: %s", strerror(errno));
}

/* Waits until a write can be tried, or a signal has come. */
static int
await_room(const struct eg_output *o, struct eg_error *e)
{
	struct pollfd p[2] = { { .fd = o->fd, .events = POLLOUT }, eg_stop_pollfd() };

	(void)eg_wait_fds(p, 2, eg_stop_asked() > 0 ? 0 : INT64_MAX);
	eg_stop_polled(&p[1]);
	if (eg_stop_asked() > 0 && p[0].revents == 0)
		return eg_fail(e, EG_TEMPORARY, "ended by a signal; not all records were written");
	return 0;
}

int
eg_output_write_left(struct eg_output *o, const char *buf, size_t *left, struct eg_error *e)
{
	while (*left > 0) {
		ssize_t n = eg_output_ready(o) ? eg_output_write(o, buf, *left, e) : 0;

		if (n < 0)
			return -1;
		if (o->gone)
			return eg_fail(e, EG_LOCAL_IO, "standard output is closed");
		if (n == 0 && await_room(o, e) != 0)
			return -1;
		buf += n;
		*left -= (size_t)n;
	}
	return 0;
}

int
eg_output_write_all(struct eg_output *o, const char *buf, size_t len, struct eg_error *e)
{
	return eg_output_write_left(o, buf, &len, e);
}

void
eg_output_end_line(struct eg_output *o, const char *buf, size_t len)
{
	const char *nl = memchr(buf, '\n', len), *end = nl != NULL ? nl + 1 : buf + len;
	int64_t due = eg_mono_ms() + END_LINE_MS;
	struct eg_error e = { 0 };

	while (buf < end && !o->gone && eg_mono_ms() < due) {
		struct pollfd p = { .fd = o->fd, .events = POLLOUT };
		ssize_t n;

		if (!eg_wait_fds(&p, 1, due))
			continue;
		n = eg_output_write(o, buf, (size_t)(end - buf), &e);
		if (n < 0)
			return;
		buf += n;
	}
}
