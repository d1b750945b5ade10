/* SPDX-License-Identifier: MIT */
/* A child process, with pipes to its standard input and from its standard output. */
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/parent.h"
#include "base/wait.h"

/* interval to check for the end of a process if the kernel lacks pidfd_open(2) */
enum { NO_PIDFD_MS = 10 };

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* Makes a pipe whose descriptors are above 2. Lower ones are possible if standard descriptors
 * were closed at the start; the child's dup2(2) would then overwrite them. */
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

/* Runs in the new process until exec. The process is killed when its parent ends. Otherwise it
 * could later overwrite what a new parent has written. Our stages that it starts see the
 * parent's end by base/parent. */
static _Noreturn void
become(char *const argv[], int in, int out, pid_t parent, int report)
{
	static const int usual[] = { SIGTERM, SIGINT, SIGUSR1, SIGPIPE, SIGXFSZ };
	sigset_t none;
	int error;

	(void)setpgid(0, 0);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* If the parent ended before prctl(2) was called, no signal comes. */
	if (getppid() != parent)
		_exit(EXIT_FAILURE);
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		(void)signal(usual[i], SIG_DFL);
	eg_parent_hand_on();
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0)
		execvp(argv[0], argv);
	error = errno;
	if (write(report, &error, sizeof(error)) < 0)
		_exit(EXIT_FAILURE);
	_exit(EXIT_FAILURE);
}

/* Waits until the new process has called exec. Returns 0, or the errno of its failure. */
static int
await_exec(pid_t pid, int report)
{
	int error = 0;
	ssize_t n;

	while ((n = read(report, &error, sizeof(error))) < 0 && errno == EINTR)
		continue;
	/* A successful exec closes the pipe without data, and so does the end of the process. */
	if (n != (ssize_t)sizeof(error))
		return 0;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	return error;
}

/* Forks and executes argv; posix_spawn(3) cannot set PR_SET_PDEATHSIG. Signals are blocked until
 * exec, since in the new process our handlers would write to the parent's pipe. */
static int
spawn(struct eg_process *p, char *const argv[], int in, int out)
{
	pid_t parent = getpid();
	sigset_t all, before;
	int report[2], rc = 0;

	if (make_pipe(report) != 0)
		return errno;
	sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, &before);
	p->pid = fork();
	if (p->pid == 0)
		become(argv, in, out, parent, report[1]);
	if (p->pid < 0)
		rc = errno;
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	if (rc == 0)
		p->pidfd = (int)syscall(SYS_pidfd_open, p->pid, 0);
	close_fd(&report[1]);
	if (rc == 0)
		rc = await_exec(p->pid, report[0]);
	close_fd(&report[0]);
	return rc;
}

static bool
is_transient(int error)
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
	/* Only our ends are non-blocking: the child expects blocking ones. */
	if (eg_parent_announce() != 0 || make_pipe(to) != 0 || make_pipe(from) != 0 ||
	    fcntl(to[1], F_SETFL, O_NONBLOCK) != 0 || fcntl(from[0], F_SETFL, O_NONBLOCK) != 0)
		rc = errno;
	if (rc == 0)
		rc = spawn(p, argv, to[0], from[1]);
	if (rc == 0) {
		p->in = to[1];
		p->out = from[0];
	} else {
		p->pid = 0;
		close_fd(&p->pidfd);
		close_fd(&to[1]);
		close_fd(&from[0]);
		eg_fail(e, is_transient(rc) ? EG_TEMPORARY : EG_CONFIG, "cannot run '%s': %s",
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
	/* kill(2) with a pid of 0 would signal our own process group. */
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

bool
eg_process_await(const struct eg_process *p, int64_t due)
{
	while (!eg_process_ended(p)) {
		struct pollfd end = { .fd = p->pidfd, .events = POLLIN };
		int64_t now = eg_mono_ms(), next = p->pidfd >= 0 ? due : now + NO_PIDFD_MS;

		if (now >= due)
			return false;
		(void)eg_wait_fds(&end, 1, next < due ? next : due);
	}
	return true;
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
eg_process_end(struct eg_process *p, int64_t wait_ms)
{
	bool ended;

	eg_process_kill(p, SIGKILL);
	close_fd(&p->in);
	close_fd(&p->out);
	ended = eg_process_await(p, eg_mono_ms() + wait_ms);
	if (ended)
		(void)eg_process_reap(p);
	return ended;
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
