/* SPDX-License-Identifier: MIT */
/* Opens the standard descriptors that are closed. Runs before anything else, even a message. */
#include "base/descriptors.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

/* Input is opened for writing and output for reading, so that using them fails with EBADF.
 * open(2) returns the lowest free number; it is fd, since all lower ones are open. */
static bool
hold_descriptor(int fd)
{
	int got;

	if (fcntl(fd, F_GETFD) >= 0)
		return true;
	got = open("/dev/null", fd == STDOUT_FILENO ? O_RDONLY : O_WRONLY);
	if (got < 0)
		got = open("/", O_PATH | O_DIRECTORY);
	return got == fd;
}

int
eg_descriptors_hold(void)
{
	return hold_descriptor(STDIN_FILENO) && hold_descriptor(STDOUT_FILENO) &&
	    hold_descriptor(STDERR_FILENO) ? 0 : -1;
}

/* A write(2) can block after poll(2) reported POLLOUT: to a stopped terminal that accepts only a
 * part, and to a pipe that another process has filled in the meantime. O_NONBLOCK on the inherited
 * descriptor would affect all processes that share it, so the terminal or pipe is opened a second
 * time (proc(5), /proc/pid/fd). If that is not allowed, the inherited descriptor is used. */
int
eg_descriptors_own(int fd)
{
	char path[64];
	int own;

	if (ttyname_r(fd, path, sizeof(path)) != 0)
		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	own = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return own >= 0 ? own : fd;
}
