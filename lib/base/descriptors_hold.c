/* SPDX-License-Identifier: MIT */
/* Before anything else, also messages: the descriptors that a program was not given. */
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

/* A write(2) to a terminal that was stopped blocks although poll(2) has said POLLOUT, when
 * it takes a part. O_NONBLOCK on the inherited descriptor would hold for our neighbours, so
 * the terminal is opened once more. Not ours to open: the inherited one is used. */
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
