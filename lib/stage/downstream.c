/* SPDX-License-Identifier: MIT */
/* The destination of a source's records: a child process that gives receipts, or standard
 * output. */
#include "stage/downstream.h"

#include <unistd.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/process.h"

int
eg_downstream_open(struct eg_downstream *d, char *const *command,
    const struct eg_child_calls *calls, void *ctx, struct eg_error *e)
{
	*d = (struct eg_downstream){ .calls = *calls, .ctx = ctx };
	if (command == NULL)
		return eg_output_open(&d->output, STDOUT_FILENO, e);
	if (eg_process_check(command, e) != 0)
		return -1;
	d->child = eg_child_new(command, calls, ctx, e);
	if (d->child == NULL)
		return -1;
	eg_child_warn_quiet(d->child);
	return 0;
}

int
eg_downstream_start(struct eg_downstream *d, struct eg_error *e)
{
	return d->child != NULL ? eg_child_start(d->child, e) : 0;
}

void
eg_downstream_send(struct eg_downstream *d, struct eg_chunk *u)
{
	if (d->child != NULL) {
		eg_child_send(d->child, u);
		return;
	}
	u->since = eg_mono_ms();
	u->next = NULL;
	u->matched = 0;
	if (d->last != NULL)
		d->last->next = u;
	else
		d->first = u;
	d->last = u;
}

void
eg_downstream_poll(struct eg_downstream *d, struct pollfd fds[EG_DOWNSTREAM_FDS], int64_t *due)
{
	if (d->child != NULL) {
		eg_child_poll(d->child, fds, due);
		return;
	}
	for (int i = 0; i < EG_DOWNSTREAM_FDS; i++)
		fds[i] = (struct pollfd){ .fd = -1 };
	if (!d->output.gone)
		fds[0] = (struct pollfd){ .fd = d->output.fd,
			.events = d->first != NULL ? POLLOUT : 0 };
}

/* Writes as much as does not block. */
static int
write_chunks(struct eg_downstream *d, struct eg_error *e)
{
	while (d->first != NULL && !d->output.gone) {
		struct eg_chunk *u = d->first;
		ssize_t n;

		if (!eg_output_ready(&d->output))
			return 0;
		n = eg_output_write(&d->output, u->text + u->matched, u->len - u->matched, e);
		if (n <= 0)
			return (int)n;
		d->moved = eg_mono_ms();
		u->matched += (size_t)n;
		if (u->matched < u->len)
			continue;
		d->first = u->next;
		if (d->first == NULL)
			d->last = NULL;
		d->calls.settled(d->ctx, u);
	}
	return 0;
}

int
eg_downstream_work(struct eg_downstream *d, struct pollfd fds[EG_DOWNSTREAM_FDS],
    struct eg_error *e)
{
	if (d->child != NULL)
		return eg_child_work(d->child, fds, e);
	if (fds[0].fd >= 0)
		(void)eg_output_hung_up(&d->output, fds[0].revents);
	return write_chunks(d, e);
}

void
eg_downstream_close(struct eg_downstream *d)
{
	if (d->child != NULL)
		eg_child_close(d->child);
}

void
eg_downstream_again(struct eg_downstream *d, int64_t grace_ms)
{
	if (d->child != NULL)
		eg_child_again(d->child, grace_ms);
	for (struct eg_chunk *u = d->first; u != NULL; u = u->next)
		u->since = eg_mono_ms();
}

bool
eg_downstream_idle(const struct eg_downstream *d)
{
	return d->child != NULL ? eg_child_idle(d->child) : d->first == NULL;
}

bool
eg_downstream_running(const struct eg_downstream *d)
{
	return d->child != NULL && eg_child_running(d->child);
}

int64_t
eg_downstream_oldest(const struct eg_downstream *d)
{
	if (d->child != NULL)
		return eg_child_oldest(d->child);
	return d->first != NULL ? d->first->since : 0;
}

struct eg_slice
eg_downstream_oldest_text(const struct eg_downstream *d)
{
	return d->child != NULL ? eg_child_oldest_text(d->child) : eg_chunk_left(d->first);
}

int64_t
eg_downstream_moved(const struct eg_downstream *d)
{
	return d->child != NULL ? eg_child_moved(d->child) : d->moved;
}

uint64_t
eg_downstream_starts(const struct eg_downstream *d)
{
	return d->child != NULL ? eg_child_starts(d->child) : 0;
}

void
eg_downstream_free(struct eg_downstream *d)
{
	struct eg_chunk *u = d->first;

	if (d->child != NULL)
		eg_child_free(d->child);
	d->child = NULL;
	d->first = d->last = NULL;
	while (u != NULL) {
		struct eg_chunk *next = u->next;

		d->calls.dropped(d->ctx, u);
		u = next;
	}
}
