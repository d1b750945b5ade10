/* SPDX-License-Identifier: MIT */
#include "base/parent.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/wait.h"

#define VARIABLE "EG_PARENT"

/* Scripts use low numbers for files of their own, so the reading end gets a higher one. */
enum { LEAST_FD = 100, TEXT_MAX = 96 };

static int handed_on = -1; /* the reading end of our own pipe */

/* Writes what EG_PARENT has for the parent pid and the pipe fd: PID:FD:DEVICE:INODE. */
static bool
describe(char text[TEXT_MAX], pid_t pid, int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return false;
	(void)snprintf(text, TEXT_MAX, "%d:%d:%ju:%ju", (int)pid, fd, (uintmax_t)st.st_dev,
	    (uintmax_t)st.st_ino);
	return true;
}

/* The writing end stays open until this process ends. */
int
eg_parent_announce(void)
{
	char text[TEXT_MAX];
	int ends[2], up;

	if (handed_on >= 0)
		return 0;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	/* This fails if the soft limit of descriptors is lower. */
	up = fcntl(ends[0], F_DUPFD_CLOEXEC, LEAST_FD);
	if (up >= 0) {
		close(ends[0]);
		ends[0] = up;
	}
	if (describe(text, getpid(), ends[0]) && setenv(VARIABLE, text, 1) == 0) {
		handed_on = ends[0];
		return 0;
	}
	close(ends[0]);
	close(ends[1]);
	return -1;
}

void
eg_parent_hand_on(void)
{
	(void)fcntl(handed_on, F_SETFD, 0);
}

/* Reads EG_PARENT. Returns the descriptor; -1: there is no variable, or the descriptor is closed
 * or another file. */
static int
find_pipe(pid_t *pid)
{
	const char *text = getenv(VARIABLE);
	char found[TEXT_MAX], *end;
	int fd;

	if (text == NULL)
		return -1;
	*pid = (pid_t)strtol(text, &end, 10);
	fd = *end == ':' ? (int)strtol(end + 1, NULL, 10) : -1;
	return fd > STDERR_FILENO && describe(found, *pid, fd) && strcmp(found, text) == 0 ? fd : -1;
}

/* Whether the kernel kills this process when that parent ends. */
static bool
is_direct_child(pid_t pid)
{
	int sig = 0;

	return getppid() == pid && prctl(PR_GET_PDEATHSIG, &sig) == 0 && sig == SIGKILL;
}

/* The wait kills the process. It returns only if the descriptor was closed. */
static void *
await_end(void *end)
{
	(void)eg_wait_fds(end, 1, INT64_MAX);
	return NULL;
}

/* The new thread blocks all signals, so that they still interrupt the main thread's waits. */
static int
start_thread(struct pollfd *end)
{
	pthread_t thread;
	sigset_t all, before;
	int error;

	sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&thread, NULL, await_end, end);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	return error;
}

int
eg_parent_watch(struct eg_error *e)
{
	static struct pollfd end;
	pid_t pid;
	int error;

	end.fd = find_pipe(&pid);
	if (end.fd < 0)
		return 0;
	(void)fcntl(end.fd, F_SETFD, FD_CLOEXEC);
	if (eg_wait_revents(end.fd, 0) != 0)
		return eg_fail(e, EG_TEMPORARY, "process %d, above this one (" VARIABLE "), has ended",
		    (int)pid);
	if (is_direct_child(pid))
		return 0;
	eg_wait_end_with(end.fd);
	error = start_thread(&end);
	return error == 0 ? 0 : eg_fail(e, EG_TEMPORARY, "cannot make a thread: %s", strerror(error));
}
