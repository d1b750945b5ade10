/* SPDX-License-Identifier: MIT */
/* A downstream run as a child: fed on its standard input, its receipts matched. */
#include "stage/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/backoff.h"
#include "base/backoff_log.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/process.h"
#include "stage/inflight.h"

enum {
	PAUSE_FIRST_MS = 200,
	PAUSE_MOST_MS = 30 * 1000,
	/* A child that has closed a pipe has this long to end. */
	LINGER_MS = 10 * 1000,
	/* A child takes no more than it has told the receipts of: room for those of a large
	 * batch lets the next one be as large. It may not be allowed. */
	RECEIPTS_BYTES = 1024 * 1024,
	/* How often to look where no descriptor tells of an end. */
	LOOK_MS = 20,
	/* Statuses of a shell that cannot run a command. */
	NOT_EXECUTABLE = 126,
	NOT_FOUND = 127,
};

/* ENDING: the pipes are closed; the group is being ended and nobody listens. */
enum state { GONE, RUNNING, ENDING };

/* Kinds of failures; one by a status of waitpid(2) has that added to STATUS. */
enum { NO_START = 1, WRONG_ECHO, STUCK, STATUS };

struct eg_child {
	char *const *argv;
	const char *name; /* for messages */
	struct eg_inflight window;
	struct eg_process process;
	enum state state;
	bool reaped;  /* ENDING: the process is gone, its group may not be */
	bool closing; /* its input is to be closed when stop (NULL: all) is written */
	bool closed;  /* that was done in this run */
	bool deaf;    /* it closed its input itself */
	const struct eg_chunk *stop, *closed_behind;
	int64_t kill_at; /* 0: never */
	int64_t now, moved;
	uint64_t starts;
	struct eg_backoff_log trouble;
};

struct eg_child *
eg_child_new(char *const argv[], const struct eg_child_calls *calls, void *ctx,
    struct eg_error *e)
{
	struct eg_child *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		eg_fail(e, EG_BUG, "out of memory");
		return NULL;
	}
	/* Inherited as ignored it would take the children's statuses from us. */
	(void)signal(SIGCHLD, SIG_DFL);
	c->argv = argv;
	c->name = argv[0];
	c->window.calls = calls;
	c->window.ctx = ctx;
	c->process = (struct eg_process){ .pidfd = -1, .in = -1, .out = -1 };
	c->trouble.retry =
	    (struct eg_backoff){ .base_ms = PAUSE_FIRST_MS, .max_ms = PAUSE_MOST_MS };
	return c;
}

void
eg_child_free(struct eg_child *c)
{
	if (c == NULL)
		return;
	if (c->state != GONE)
		eg_process_kill(&c->process, SIGKILL);
	if (c->state != GONE && !c->reaped)
		eg_process_reap(&c->process);
	eg_inflight_drop(&c->window);
	free(c);
}

void
eg_child_name(struct eg_child *c, const char *name)
{
	c->name = name;
}

void
eg_child_hurry(struct eg_child *c)
{
	c->trouble.retry.due = 0;
}

void
eg_child_send(struct eg_child *c, struct eg_chunk *u)
{
	u->since = eg_mono_ms();
	eg_inflight_push(&c->window, u);
}

/* What the run that is over leaves without a fate is written again to the next. */
static void
rewind_run(struct eg_child *c)
{
	if (c->closed && c->window.given > 0 && !c->closing) {
		c->closing = true;
		c->stop = c->closed_behind;
	}
	c->closed = c->deaf = false;
	eg_inflight_rewind(&c->window);
}

static void
end_run(struct eg_child *c, int64_t grace_ms)
{
	eg_process_close_in(&c->process);
	eg_process_close_out(&c->process);
	eg_process_kill(&c->process, grace_ms > 0 ? SIGTERM : SIGKILL);
	c->kill_at = grace_ms > 0 ? c->now + grace_ms : 0;
	c->state = ENDING;
	c->reaped = false;
	rewind_run(c);
}

/* Complains of what (behind the child's name), and makes for a pause. */
static void
failed(struct eg_child *c, int kind, const char *what)
{
	char text[320];

	(void)snprintf(text, sizeof(text), "'%s' %s", c->name, what);
	eg_backoff_log_failed(&c->trouble, kind, c->now, 0, text);
}

/* The child gives receipts. */
static void
well(struct eg_child *c)
{
	char text[256];

	snprintf(text, sizeof(text), "'%.200s' gives receipts again", c->name);
	eg_backoff_log_over(&c->trouble, c->now, text);
}

static void
wrong_echo(struct eg_child *c, const char *line, size_t len)
{
	char what[EG_QUOTE_MAX + 48], q[EG_QUOTE_MAX];

	if (len > 0 && line[len - 1] == '\n')
		len--;
	(void)snprintf(what, sizeof(what), "printed %s, which it was not given",
	    eg_quote(line, len, q));
	failed(c, WRONG_ECHO, what);
	end_run(c, 0);
}

/* The other end of a pipe is closed: the process should be about to end. */
static void
expect_end(struct eg_child *c)
{
	if (c->kill_at == 0)
		c->kill_at = c->now + LINGER_MS;
}

/* One read of receipts; whether there may be more. */
static bool
receive(struct eg_child *c)
{
	const char *bad;
	size_t done = 0, len;
	enum eg_echo what = eg_inflight_read(&c->window, c->process.out, &done, &bad, &len);

	if (done > 0) {
		c->moved = c->now;
		well(c);
	}
	if (what == EG_ECHO_WRONG)
		wrong_echo(c, bad, len);
	if (what == EG_ECHO_END) {
		eg_process_close_out(&c->process);
		expect_end(c);
	}
	return what == EG_ECHO_MORE;
}

static void
input_gone(struct eg_child *c)
{
	eg_process_close_in(&c->process);
	c->deaf = true;
	expect_end(c);
}

/* Closes the input when that was asked for and is due. */
static void
close_input(struct eg_child *c)
{
	if (!c->closing || (c->stop != NULL && c->window.next != c->stop->next))
		return;
	eg_process_close_in(&c->process);
	c->closing = false;
	c->closed = true;
	c->closed_behind = c->stop;
}

/* Writes what the pipe takes. */
static void
feed(struct eg_child *c)
{
	ssize_t n = 0;

	if (c->process.in >= 0)
		n = eg_inflight_write(&c->window, c->process.in, c->closing ? c->stop : NULL);
	if (n < 0)
		input_gone(c);
	if (n > 0)
		c->moved = c->now;
	close_input(c);
}

static int
start(struct eg_child *c, struct eg_error *e)
{
	struct eg_error why = { 0 };

	if (eg_process_start(&c->process, c->argv, &why) != 0) {
		if (why.status == EG_CONFIG)
			return eg_fail(e, why.status, "%s", why.text);
		eg_backoff_log_failed(&c->trouble, NO_START, c->now, 0, why.text);
		return 0;
	}
	(void)fcntl(c->process.out, F_SETPIPE_SZ, RECEIPTS_BYTES);
	c->state = RUNNING;
	c->kill_at = 0;
	c->moved = c->now;
	c->starts++;
	return 0;
}

/* What the status says of the lines without a receipt, and of another try. */
static int
judge(struct eg_child *c, int status, struct eg_error *e)
{
	bool exited = status >= 0 && WIFEXITED(status);
	int code = exited ? WEXITSTATUS(status) : -1;
	char what[128];

	if (c->closed && c->window.given == 0)
		return 0;
	if (c->closed && !c->deaf && code == EG_REFUSED) {
		eg_inflight_refuse(&c->window);
		return 0;
	}
	eg_process_status_text(status, what, sizeof(what));
	if (code == EG_USAGE || code == EG_CONFIG || code == NOT_EXECUTABLE || code == NOT_FOUND)
		return eg_fail(e, EG_CONFIG, "'%s' %s: %s", c->argv[0], what,
		    code == EG_USAGE ? "it was called wrongly" :
		    code == EG_CONFIG ? "its configuration has to be mended" :
		    "a command could not be run");
	if (code != EG_OK || c->window.first != NULL)
		failed(c, STATUS + status, what);
	return 0;
}

/* The process has ended by itself: what it said before counts. */
static int
finish(struct eg_child *c, struct eg_error *e)
{
	int rc;

	for (int round = 0; round < 2; round++) {
		while (c->process.out >= 0 && receive(c))
			continue;
		if (c->state != RUNNING)
			return 0;
		/* What it leaves behind could still hold the pipes. */
		eg_process_kill(&c->process, SIGKILL);
	}
	c->state = GONE;
	rc = judge(c, eg_process_reap(&c->process), e);
	rewind_run(c);
	return rc;
}

/* Sees a group to its end. */
static void
see_off(struct eg_child *c)
{
	if (!c->reaped && eg_process_ended(&c->process)) {
		eg_process_reap(&c->process);
		c->reaped = true;
	}
	if (c->kill_at != 0 && c->now >= c->kill_at) {
		eg_process_kill(&c->process, SIGKILL);
		c->kill_at = 0;
	}
	if (c->reaped && (c->kill_at == 0 || !eg_process_group_left(&c->process)))
		c->state = GONE;
}

void
eg_child_poll(struct eg_child *c, struct pollfd fds[EG_CHILD_FDS], int64_t *due)
{
	const struct eg_process *p = &c->process;
	int64_t mine = INT64_MAX;

	fds[0] = (struct pollfd){ .fd = p->in, .events = c->window.next != NULL ? POLLOUT : 0 };
	fds[1] = (struct pollfd){ .fd = p->out, .events = POLLIN };
	fds[2] = (struct pollfd){ .fd = p->pidfd, .events = POLLIN };
	if (c->state == GONE && c->window.first != NULL)
		mine = c->trouble.retry.due;
	if (c->state != GONE && c->kill_at != 0)
		mine = c->kill_at;
	if (c->state != GONE && p->pidfd < 0 && eg_mono_ms() + LOOK_MS < mine)
		mine = eg_mono_ms() + LOOK_MS;
	if (mine < *due)
		*due = mine;
}

/* What poll(2) said of fd, if it is still the one that it was asked about. */
static short
said(const struct pollfd *p, int fd)
{
	return fd >= 0 && p->fd == fd ? p->revents : 0;
}

int
eg_child_work(struct eg_child *c, struct pollfd fds[EG_CHILD_FDS], struct eg_error *e)
{
	bool ended;

	c->now = eg_mono_ms();
	if (c->state == ENDING)
		see_off(c);
	if (c->state == GONE && c->window.first != NULL && c->now >= c->trouble.retry.due &&
	    start(c, e) != 0)
		return -1;
	if (c->state != RUNNING)
		return 0;
	ended = c->process.pidfd < 0 || said(&fds[2], c->process.pidfd) != 0;
	if ((said(&fds[0], c->process.in) & POLLERR) != 0)
		input_gone(c);
	else if (said(&fds[0], c->process.in) != 0)
		c->window.full = false;
	if (said(&fds[1], c->process.out) != 0)
		receive(c);
	if (c->state != RUNNING)
		return 0;
	if (ended && eg_process_ended(&c->process))
		return finish(c, e);
	feed(c);
	if (c->kill_at != 0 && c->now >= c->kill_at) {
		failed(c, STUCK, "closed its input or output, but did not end");
		end_run(c, 0);
	}
	return 0;
}

void
eg_child_close(struct eg_child *c)
{
	if (c->state != RUNNING && c->window.first == NULL)
		return;
	c->now = eg_mono_ms();
	if (c->closed && c->window.next == NULL)
		return;
	c->closing = true;
	c->stop = c->window.last;
	if (c->state == RUNNING)
		feed(c);
}

void
eg_child_again(struct eg_child *c, int64_t grace_ms)
{
	c->now = eg_mono_ms();
	if (c->state == RUNNING)
		end_run(c, grace_ms);
	else if (c->state == ENDING && c->kill_at > c->now + grace_ms)
		c->kill_at = c->now + grace_ms;
	c->closing = false;
	for (struct eg_chunk *u = c->window.first; u != NULL; u = u->next)
		u->since = c->now;
}

void
eg_child_drop(struct eg_child *c, int64_t grace_ms)
{
	eg_child_again(c, grace_ms);
	eg_inflight_drop(&c->window);
}

bool
eg_child_idle(const struct eg_child *c)
{
	return c->window.first == NULL;
}

bool
eg_child_running(const struct eg_child *c)
{
	return c->state != GONE;
}

bool
eg_child_ending(const struct eg_child *c)
{
	return c->state == ENDING;
}

int64_t
eg_child_oldest(const struct eg_child *c)
{
	return c->window.first != NULL ? c->window.first->since : 0;
}

int64_t
eg_child_moved(const struct eg_child *c)
{
	return c->moved;
}

uint64_t
eg_child_starts(const struct eg_child *c)
{
	return c->starts;
}
