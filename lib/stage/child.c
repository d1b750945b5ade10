/* SPDX-License-Identifier: MIT */
/* A downstream that runs as a child process: writes records to its standard input, and matches its
 * receipts. */
#include "stage/child.h"

#include <signal.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/diag.h"
#include "stage/child_parts.h"

enum {
	PAUSE_FIRST_MS = 200,
	PAUSE_MOST_MS = 30 * 1000,
	/* Interval for checking whether the child has ended, on a kernel without pidfd_open(2). */
	LOOK_MS = 20,
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
	if (c->state != EG_CHILD_GONE && c->reaped)
		eg_process_kill(&c->process, SIGKILL);
	else if (c->state != EG_CHILD_GONE)
		(void)eg_process_end(&c->process, EG_PROCESS_END_MS);
	eg_inflight_drop(&c->window);
	free(c);
}

void
eg_child_name(struct eg_child *c, const char *name)
{
	c->name = name;
}

void
eg_child_warn_quiet(struct eg_child *c)
{
	c->warns = true;
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

void
eg_child_poll(struct eg_child *c, struct pollfd fds[EG_CHILD_FDS], int64_t *due)
{
	const struct eg_process *p = &c->process;
	int64_t mine = INT64_MAX;

	fds[0] = (struct pollfd){ .fd = p->in, .events = c->window.next != NULL ? POLLOUT : 0 };
	fds[1] = (struct pollfd){ .fd = p->out, .events = POLLIN };
	fds[2] = (struct pollfd){ .fd = p->pidfd, .events = POLLIN };
	if (c->state == EG_CHILD_GONE && c->window.first != NULL)
		mine = c->trouble.retry.due;
	if (c->state != EG_CHILD_GONE && c->kill_at != 0)
		mine = c->kill_at;
	if (c->state != EG_CHILD_GONE && p->pidfd < 0 && eg_mono_ms() + LOOK_MS < mine)
		mine = eg_mono_ms() + LOOK_MS;
	if (c->state == EG_CHILD_RUNNING && eg_child_quiet_due(c) < mine)
		mine = eg_child_quiet_due(c);
	if (mine < *due)
		*due = mine;
}

void
eg_child_close(struct eg_child *c)
{
	if (c->state != EG_CHILD_RUNNING && c->window.first == NULL)
		return;
	c->now = eg_mono_ms();
	if (c->closed && c->window.next == NULL)
		return;
	c->closing = true;
	c->stop = c->window.last;
	if (c->state == EG_CHILD_RUNNING)
		eg_child_feed(c);
}

void
eg_child_again(struct eg_child *c, int64_t grace_ms)
{
	c->now = eg_mono_ms();
	if (c->state == EG_CHILD_RUNNING)
		eg_child_end_run(c, grace_ms);
	else if (c->state == EG_CHILD_ENDING && c->kill_at > c->now + grace_ms)
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
	return c->state != EG_CHILD_GONE;
}

bool
eg_child_ending(const struct eg_child *c)
{
	return c->state == EG_CHILD_ENDING;
}

int64_t
eg_child_oldest(const struct eg_child *c)
{
	return c->window.first != NULL ? c->window.first->since : 0;
}

struct eg_slice
eg_chunk_left(const struct eg_chunk *u)
{
	if (u == NULL)
		return (struct eg_slice){ 0 };
	return (struct eg_slice){ u->text + u->matched, u->len - u->matched };
}

struct eg_slice
eg_child_oldest_text(const struct eg_child *c)
{
	return eg_chunk_left(c->window.first);
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
