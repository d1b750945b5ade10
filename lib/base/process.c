/* SPDX-License-Identifier: MIT */
/* A process with pipes to its standard input and from its standard output. */
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/diag.h"

extern char **environ;

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* A pipe whose ends are none of the standard descriptors, which the child's dup2(2)
 * would write over when ours were closed from the start. */
static int
make_pipe(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC) != 0) {
		ends[0] = ends[1] = -1;
		return -1;
	}
	for (int i = 0; i < 2; i++) {
		int up;

		if (ends[i] > STDERR_FILENO)
			continue;
		up = fcntl(ends[i], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		close(ends[i]);
		ends[i] = up;
		if (up < 0)
			return -1;
	}
	return 0;
}

/* posix_spawn(3) of glibc shares the memory until exec, so its cost does not grow
 * with ours, and it hands the errno of a failed exec back. */
static int
spawn(pid_t *pid, char *const argv[], int in, int out)
{
	const short flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
	const int usual[] = { SIGTERM, SIGINT, SIGUSR1, SIGPIPE, SIGCHLD };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, ours;
	int rc;

	sigemptyset(&none);
	sigemptyset(&ours);
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		sigaddset(&ours, usual[i]);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, flags);
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &ours);
	posix_spawn_file_actions_init(&files);
	rc = posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
	if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	if (rc == 0)
		rc = posix_spawnp(pid, argv[0], &files, &attr, argv, environ);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attr);
	return rc;
}

static bool
may_pass(int error)
{
	return error == EAGAIN || error == ENOMEM || error == EMFILE || error == ENFILE ||
	    error == ETXTBSY;
}

int
eg_process_start(struct eg_process *p, char *const argv[], struct eg_error *e)
{
	int to[2] = { -1, -1 }, from[2] = { -1, -1 };
	int rc = 0;

	*p = (struct eg_process){ .pidfd = -1, .in = -1, .out = -1 };
	/* Only our ends: a child expects blocking ones, and its flags are its own. */
	if (make_pipe(to) != 0 || make_pipe(from) != 0 ||
	    fcntl(to[1], F_SETFL, O_NONBLOCK) != 0 || fcntl(from[0], F_SETFL, O_NONBLOCK) != 0)
		rc = errno;
	if (rc == 0)
		rc = spawn(&p->pid, argv, to[0], from[1]);
	if (rc == 0) {
		p->in = to[1];
		p->out = from[0];
		p->pidfd = (int)syscall(SYS_pidfd_open, p->pid, 0);
	} else {
		p->pid = 0;
		close_fd(&to[1]);
		close_fd(&from[0]);
		eg_fail(e, may_pass(rc) ? EG_TEMPORARY : EG_CONFIG, "cannot run '%s': %s",
		    argv[0], strerror(rc));
	}
	close_fd(&to[0]);
	close_fd(&from[1]);
	return rc == 0 ? 0 : -1;
}

void
eg_process_close_in(struct eg_process *p)
{
	close_fd(&p->in);
}

void
eg_process_close_out(struct eg_process *p)
{
	close_fd(&p->out);
}

void
eg_process_kill(const struct eg_process *p, int sig)
{
	/* Of no process it would be our own group. */
	if (p->pid > 0)
		kill(-p->pid, sig);
}

bool
eg_process_ended(const struct eg_process *p)
{
	siginfo_t si = { 0 };

	if (waitid(P_PID, (id_t)p->pid, &si, WEXITED | WNOHANG | WNOWAIT) != 0)
		return errno == ECHILD;
	return si.si_pid == p->pid;
}

int
eg_process_reap(struct eg_process *p)
{
	int status = -1;

	while (waitpid(p->pid, &status, 0) < 0 && errno == EINTR)
		continue;
	close_fd(&p->pidfd);
	close_fd(&p->in);
	close_fd(&p->out);
	return status;
}

bool
eg_process_group_left(const struct eg_process *p)
{
	return kill(-p->pid, 0) == 0 || errno == EPERM;
}

const char *
eg_process_status_text(int status, char *out, size_t size)
{
	if (status >= 0 && WIFEXITED(status))
		(void)snprintf(out, size, "ended with status %d", WEXITSTATUS(status));
	else if (status >= 0 && WIFSIGNALED(status))
		(void)snprintf(out, size, "was ended by signal %d (%s)", WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
	else
		(void)snprintf(out, size, "ended, nobody knows how");
	return out;
}
