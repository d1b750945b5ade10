/* SPDX-License-Identifier: MIT */
/* Opens the standard descriptors that are closed, before anything else, even a message. */
#include "base/descriptors.h"

#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

/* Input and output get the wrong direction, so that their use fails with EBADF. open(2)
 * takes the lowest free number, which is this one: those below are open. */
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
	return hold_descriptor(STDIN_FILENO) && hold_descriptor(STDOUT_FILENO) && hold_descriptor(STDERR_FILENO) ? 0 : -1;
}

/* A write(2) to a stopped terminal can block after poll(2) reported POLLOUT, if the terminal
 * takes only a part. O_NONBLOCK on the inherited descriptor would also affect the processes that
 * share it, so the terminal is opened once more. If we may not open it, the inherited descriptor
 * is used. */
int
eg_descriptors_terminal(int fd)
{
	char path[64];
	int own;

	if (ttyname_r(fd, path, sizeof(path)) != 0)
		return fd;
	own = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return own >= 0 ? own : fd;
}
