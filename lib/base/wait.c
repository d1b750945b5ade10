/* SPDX-License-Identifier: MIT */
/* On a machine of 32 bits the fortified ppoll of glibc 2.36 takes a time of 32 bits, also where
 * time_t has 64: each wait would end at once. This has to stand before the first header. */
#undef _FORTIFY_SOURCE
#include "base/wait.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

static int end_with = -1; /* set by eg_wait_end_with */

void
eg_wait_end_with(int fd)
{
	end_with = fd;
}

static void
check_end(void)
{
	static const struct timespec now = { 0 };
	struct pollfd p = { .fd = end_with };

	if (end_with >= 0 && ppoll(&p, 1, &now, NULL) > 0 && (p.revents & POLLHUP) != 0)
		(void)kill(getpid(), SIGKILL);
}

bool
eg_wait_fds_ns(struct pollfd *fds, size_t n, int64_t due_ns)
{
	int64_t left = due_ns <= 0 || due_ns == INT64_MAX ? 0 : due_ns - eg_mono_ns();
	struct timespec ts = { 0 };
	int ready;

	if (left > 0) {
		ts.tv_sec = (time_t)(left / EG_NS_PER_S);
		ts.tv_nsec = (long)(left % EG_NS_PER_S);
	}
	ready = ppoll(fds, n, due_ns == INT64_MAX ? NULL : &ts, NULL);
	check_end();
	if (ready > 0)
		return true;
	for (size_t i = 0; i < n; i++)
		fds[i].revents = 0;
	return false;
}

bool
eg_wait_fds(struct pollfd *fds, size_t n, int64_t due)
{
	if (due > INT64_MAX / EG_NS_PER_MS)
		return eg_wait_fds_ns(fds, n, INT64_MAX);
	return eg_wait_fds_ns(fds, n, due < 0 ? 0 : due * EG_NS_PER_MS);
}

short
eg_wait_revents(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	return eg_wait_fds_ns(&p, 1, 0) ? p.revents : 0;
}

void
eg_wait_ms(int64_t ms)
{
	(void)eg_wait_fds_ns(NULL, 0, eg_mono_ns() + ms * EG_NS_PER_MS);
}
