/* SPDX-License-Identifier: MIT */
/* A run of a child: start, feed, receipts, end. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/diag.h"
#include "stage/child_parts.h"

enum {
	/* A child that has closed a pipe gets SIGKILL after this time. */
	LINGER_MS = 10 * 1000,
	/* A child that gives no receipt for so long is warned of. */
	QUIET_MS = 10 * 1000,
	/* A child stops reading when its receipt pipe is full, so a larger pipe allows larger
	 * batches. Best effort: the kernel may refuse. */
	RECEIPTS_BYTES = 1024 * 1024,
	/* Exit statuses of a shell that cannot run a command. */
	NOT_EXECUTABLE = 126,
	NOT_FOUND = 127,
};

/* Kinds of failures, for the warnings. STATUS + n: the child ended with status n (of
 * waitpid(2)). */
enum { NO_START = 1, WRONG_ECHO, STUCK, STATUS };

/* Makes the next run get all lines that are neither safe nor refused. */
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

void
eg_child_end_run(struct eg_child *c, int64_t grace_ms)
{
	eg_process_close_in(&c->process);
	eg_process_close_out(&c->process);
	eg_process_kill(&c->process, grace_ms > 0 ? SIGTERM : SIGKILL);
	c->kill_at = grace_ms > 0 ? c->now + grace_ms : 0;
	c->state = EG_CHILD_ENDING;
	c->reaped = false;
	rewind_run(c);
}

/* Warns `'NAME' WHAT` and sets the pause before the next start. */
static void
failed(struct eg_child *c, int kind, const char *what)
{
	char text[320];

	(void)snprintf(text, sizeof(text), "'%s' %s", c->name, what);
	eg_backoff_log_failed(&c->trouble, kind, c->now, 0, text);
}

/* Call when the child has printed a receipt: ends the series of failures, or its silence. */
static void
report_recovered_child(struct eg_child *c)
{
	char text[256];

	snprintf(text, sizeof(text), "'%.200s' gives receipts again", c->name);
	if (c->quiet && !c->trouble.warned)
		eg_warn("%s", text);
	c->quiet = false;
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
	eg_child_end_run(c, 0);
}

/* The child closed a pipe, so its end is expected soon. */
static void
expect_end(struct eg_child *c)
{
	if (c->kill_at == 0)
		c->kill_at = c->now + LINGER_MS;
}

/* Reads receipts once. Returns whether there may be more. */
static bool
receive_receipts(struct eg_child *c)
{
	const char *bad;
	size_t done = 0, len;
	enum eg_echo what = eg_inflight_read(&c->window, c->process.out, &done, &bad, &len);

	if (done > 0) {
		c->moved = c->heard = c->now;
		report_recovered_child(c);
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

/* Closes the child's input if eg_child_close was called and everything sent before that is
 * written. */
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

void
eg_child_feed(struct eg_child *c)
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

int
eg_child_start(struct eg_child *c, struct eg_error *e)
{
	struct eg_error why = { 0 };

	c->now = eg_mono_ms();
	if (eg_process_start(&c->process, c->argv, &why) != 0) {
		if (why.status == EG_CONFIG)
			return eg_fail(e, why.status, "%s", why.text);
		eg_backoff_log_failed(&c->trouble, NO_START, c->now, 0, why.text);
		return 0;
	}
	(void)fcntl(c->process.out, F_SETPIPE_SZ, RECEIPTS_BYTES);
	c->state = EG_CHILD_RUNNING;
	c->kill_at = 0;
	c->moved = c->heard = c->now;
	c->quiet = false;
	c->starts++;
	return 0;
}

/* Takes the status of a child that ended: refuses lines without a receipt (65), warns and
 * starts again, or fails with *e when another start cannot help. */
static int
judge_exit(struct eg_child *c, int status, struct eg_error *e)
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

/* The process has ended by itself. Reads the receipts that it wrote before its end. */
static int
reap_child(struct eg_child *c, struct eg_error *e)
{
	int rc;

	for (int round = 0; round < 2; round++) {
		while (c->process.out >= 0 && receive_receipts(c))
			continue;
		if (c->state != EG_CHILD_RUNNING)
			return 0;
		/* Processes that the child started may keep the pipes open. */
		eg_process_kill(&c->process, SIGKILL);
	}
	c->state = EG_CHILD_GONE;
	rc = judge_exit(c, eg_process_reap(&c->process), e);
	rewind_run(c);
	return rc;
}

/* Checks, without blocking, whether the process group that was killed is gone. */
static void
await_group(struct eg_child *c)
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
		c->state = EG_CHILD_GONE;
}

/* The events of fd, if p was filled for it and it has not changed since. */
static short
events(const struct pollfd *p, int fd)
{
	return fd >= 0 && p->fd == fd ? p->revents : 0;
}

/* Since when the oldest chunk, of which there is one, has waited for a receipt. */
static int64_t
waits_since(const struct eg_child *c)
{
	int64_t since = c->window.first->since;

	return since > c->heard ? since : c->heard;
}

int64_t
eg_child_quiet_due(const struct eg_child *c)
{
	return c->warns && !c->quiet && c->window.first != NULL
	    ? waits_since(c) + QUIET_MS : INT64_MAX;
}

void
eg_child_check_quiet(struct eg_child *c)
{
	if (c->now < eg_child_quiet_due(c))
		return;
	c->quiet = true;
	eg_warn("'%s' has given no receipt for %d s", c->name, QUIET_MS / 1000);
}

int
eg_child_work(struct eg_child *c, struct pollfd fds[EG_CHILD_FDS], struct eg_error *e)
{
	bool ended;

	c->now = eg_mono_ms();
	if (c->state == EG_CHILD_ENDING)
		await_group(c);
	if (c->state == EG_CHILD_GONE && c->window.first != NULL && c->now >= c->trouble.retry.due &&
	    eg_child_start(c, e) != 0)
		return -1;
	if (c->state != EG_CHILD_RUNNING)
		return 0;
	ended = c->process.pidfd < 0 || events(&fds[2], c->process.pidfd) != 0;
	if ((events(&fds[0], c->process.in) & POLLERR) != 0)
		input_gone(c);
	else if (events(&fds[0], c->process.in) != 0)
		c->window.full = false;
	if (events(&fds[1], c->process.out) != 0)
		receive_receipts(c);
	if (c->state != EG_CHILD_RUNNING)
		return 0;
	if (ended && eg_process_ended(&c->process))
		return reap_child(c, e);
	eg_child_feed(c);
	if (c->kill_at != 0 && c->now >= c->kill_at) {
		failed(c, STUCK, "closed its input or output, but did not end");
		eg_child_end_run(c, 0);
	}
	eg_child_check_quiet(c);
	return 0;
}
