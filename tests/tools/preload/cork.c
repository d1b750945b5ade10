/* SPDX-License-Identifier: MIT */
/* Sees whether a program waits while its socket is corked (tcp(7), TCP_CORK), by LD_PRELOAD. To the
 * file EG_CORK_LOG goes a line `corks` for each time that it corks one, and, from then on, a line
 * `waits` or `waits corked` for each call that may wait: poll(2), write(2), fsync(2). */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "preload.h"

static void
note(const char *text)
{
	const char *log = getenv("EG_CORK_LOG");
	int fd = log != NULL ? open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;

	if (fd < 0 || NEXT(write)(fd, text, strlen(text)) < 0)
		abort();
	close(fd);
}

static bool corks;
static int corked = -1; /* the socket, while it is corked */

static void
note_wait(void)
{
	int kept = errno;

	if (corks)
		note(corked >= 0 ? "waits corked\n" : "waits\n");
	errno = kept;
}

int
setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	if (level == IPPROTO_TCP && name == TCP_CORK) {
		corked = *(const int *)value != 0 ? fd : -1;
		if (corked >= 0)
			note("corks\n");
		corks = true;
	}
	return NEXT(setsockopt)(fd, level, name, value, len);
}

int
poll(struct pollfd *fds, nfds_t n, int limit)
{
	if (limit != 0)
		note_wait();
	return NEXT(poll)(fds, n, limit);
}

int
ppoll(struct pollfd *fds, nfds_t n, const struct timespec *limit, const sigset_t *mask)
{
	if (limit == NULL || limit->tv_sec != 0 || limit->tv_nsec != 0)
		note_wait();
	return NEXT(ppoll)(fds, n, limit, mask);
}

ssize_t
write(int fd, const void *data, size_t n)
{
	if (fd != corked)
		note_wait();
	return NEXT(write)(fd, data, n);
}

int
fsync(int fd)
{
	note_wait();
	return NEXT(fsync)(fd);
}

int
fdatasync(int fd)
{
	note_wait();
	return NEXT(fdatasync)(fd);
}
