/* SPDX-License-Identifier: MIT */
/* A node of a cluster: its command as a child process, the records in flight to it, and its
 * hints. */
#include "cluster/node.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/diag.h"
#include "cluster/cluster.h"
#include "record/record.h"

enum {
	PAUSE_FIRST_MS = 1000,
	PAUSE_MOST_MS = 60 * 1000,
	/* A refused line gives no receipt, so it is noticed only at the receipt of a later line
	 * or at the command's end. If there is no progress for this time, the child's input is
	 * closed, so that it ends. */
	ASK_MS = 3000,
	REFUSALS_NAMED = 20,
};

/* Kinds of failure for the warnings. */
enum { MISFIT = 1, HANGS };

void
eg_replica_free(struct eg_replica *s)
{
	eg_text_drop(s->text);
	free(s);
}

static struct eg_replica *
replica_of(struct eg_chunk *u)
{
	return (struct eg_replica *)(void *)((char *)u - offsetof(struct eg_replica, chunk));
}

static void
report_recovered(struct eg_node *n)
{
	char text[256];

	snprintf(text, sizeof(text), "'%.200s' gives receipts again", n->name);
	eg_backoff_log_over(&n->trouble, eg_mono_ms(), text);
	if (*n->error != '\0') {
		*n->error = '\0';
		n->noted = false;
	}
}

static void
on_settled(void *ctx, struct eg_chunk *u)
{
	struct eg_node *n = ctx;
	struct eg_replica *s = replica_of(u);

	TAILQ_REMOVE(&n->list, s, link);
	n->flying -= u->len;
	n->replicas--;
	report_recovered(n);
	if (s->write != NULL)
		n->cfg->calls->settled(n->cfg->ctx, n, s->write);
	if (s->saved) {
		TAILQ_INSERT_TAIL(&n->done, s, link);
		n->unmarked += u->len;
	} else
		eg_replica_free(s);
}

static void
on_refused(void *ctx, struct eg_chunk *u, const char *line, size_t len)
{
	struct eg_node *n = ctx;
	struct eg_replica *s = replica_of(u);
	char q[EG_QUOTE_MAX];

	if (n->refusals++ < REFUSALS_NAMED)
		eg_warn("'%s' refused %s for good", n->name, eg_quote(line, len, q));
	if (s->write != NULL)
		n->cfg->calls->refused(n->cfg->ctx, n, s->write, (size_t)(line - u->text));
}

static void
dropped(void *ctx, struct eg_chunk *u)
{
	struct eg_node *n = ctx;
	struct eg_replica *s = replica_of(u);

	n->flying -= u->len;
	n->replicas--;
	s->sent = false;
	n->loaded = 0;
	/* The records are dropped here; the hint is read from disk again later. */
	if (s->saved && s->write == NULL) {
		TAILQ_REMOVE(&n->list, s, link);
		eg_replica_free(s);
	}
}

/* The verb that takes deletions and gives a receipt for each, in order. */
static const char *const delete_verb[] = { "delete", "-" };

static const struct eg_child_calls calls = { on_refused, on_settled, dropped };

int
eg_node_open(struct eg_node *n, const struct eg_member *m, size_t index,
    const struct eg_node_config *cfg, struct eg_error *e)
{
	*n = (struct eg_node){ .member = m, .index = index, .cfg = cfg };
	TAILQ_INIT(&n->list);
	TAILQ_INIT(&n->done);
	for (size_t i = 0; i < EG_NODE_FDS; i++)
		n->fds[i].fd = -1;
	n->trouble.retry =
	    (struct eg_backoff){ .base_ms = PAUSE_FIRST_MS, .max_ms = PAUSE_MOST_MS };
	n->delete_argv = calloc(m->argc + 3, sizeof(*n->delete_argv));
	if (n->delete_argv == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	memcpy(n->delete_argv, m->argv, m->argc * sizeof(*n->delete_argv));
	for (size_t i = 0; i < 2; i++)
		n->delete_argv[m->argc + i] = (char *)(uintptr_t)delete_verb[i];
	n->child[EG_HINT_RECORDS] = eg_child_new(m->argv, &calls, n, e);
	n->child[EG_HINT_DELETIONS] = eg_child_new(n->delete_argv, &calls, n, e);
	if (n->child[0] == NULL || n->child[1] == NULL)
		return -1;
	snprintf(n->name, sizeof(n->name), "node %s", m->name);
	eg_child_name(n->child[0], n->name);
	eg_child_name(n->child[1], n->name);
	n->behind = eg_hints_pending(cfg->hints, index) > 0;
	n->noted = true;
	return eg_hints_noted(cfg->hints, index, n->error, sizeof(n->error), e);
}

static void
free_replicas(struct eg_replicas *list)
{
	struct eg_replica *s;

	while ((s = TAILQ_FIRST(list)) != NULL) {
		TAILQ_REMOVE(list, s, link);
		eg_replica_free(s);
	}
}

void
eg_node_close(struct eg_node *n)
{
	if (n->refusals > REFUSALS_NAMED)
		eg_warn("'%s' refused %llu records in all", n->name,
		    (unsigned long long)n->refusals);
	eg_child_free(n->child[0]);
	eg_child_free(n->child[1]);
	free_replicas(&n->list);
	free_replicas(&n->done);
	free(n->delete_argv);
}

void
eg_node_queue(struct eg_node *n, struct eg_replica *s)
{
	TAILQ_INSERT_TAIL(&n->list, s, link);
	n->unsaved = n->unsaved || n->behind;
}

void
eg_node_detach(struct eg_replica *s)
{
	s->write = NULL;
	if (s->sent)
		return;
	TAILQ_REMOVE(&s->node->list, s, link);
	eg_replica_free(s);
}

void
eg_node_fall_behind(struct eg_node *n)
{
	if (n->behind)
		return;
	n->behind = true;
	n->unsaved = !TAILQ_EMPTY(&n->list);
	n->loaded = 0;
}

/* Queues s at the child of its kind. */
void
eg_node_pass(struct eg_node *n, struct eg_replica *s)
{
	s->sent = true;
	s->chunk.text = s->text->bytes + s->text->head;
	s->chunk.len = s->text->len - s->text->head;
	/* Omit the order line: a command that is not a store might print it. */
	s->chunk.head = s->text->bytes;
	s->chunk.head_len = n->member->kind == EG_MEMBER_STORE ? s->text->head : 0;
	n->flying += s->chunk.len;
	n->replicas++;
	eg_child_send(n->child[s->kind], &s->chunk);
}

void
eg_node_drop(struct eg_node *n)
{
	eg_child_drop(n->child[0], 0);
	eg_child_drop(n->child[1], 0);
}

void
eg_node_fail(struct eg_node *n, bool failed)
{
	if (n->failed == failed)
		return;
	n->failed = failed;
	eg_warn("'%s' %s by hand", n->name, failed ? "is failed" : "is recovered");
	if (failed)
		eg_node_drop(n);
	else {
		n->trouble.retry.due = 0;
		eg_child_hurry(n->child[0]);
		eg_child_hurry(n->child[1]);
	}
}

bool
eg_node_away(const struct eg_node *n, int64_t now)
{
	return n->failed || n->trouble.retry.due > now || n->restarting;
}

bool
eg_node_idle(const struct eg_node *n)
{
	for (int kind = 0; kind < 2; kind++)
		if (!eg_child_idle(n->child[kind]) || eg_child_ending(n->child[kind]))
			return false;
	return true;
}

int64_t
eg_node_moved(const struct eg_node *n)
{
	int64_t a = eg_child_moved(n->child[0]), b = eg_child_moved(n->child[1]);

	return a > b ? a : b;
}

/* Warns, and sends nothing to the node until the pause has ended. */
static void
rest(struct eg_node *n, int kind, int64_t now, const char *what)
{
	char text[400];

	snprintf(n->error, sizeof(n->error), "%s", what);
	n->noted = false;
	snprintf(text, sizeof(text), "'%s': %s", n->name, what);
	eg_backoff_log_failed(&n->trouble, kind, now, 0, text);
}

/* Handles a child that has records but makes no progress: first closes its input, then kills it. */
static void
watch(struct eg_node *n, struct eg_child *c, int64_t now)
{
	int64_t since = eg_child_oldest(c), moved = eg_child_moved(c);
	char what[80];

	if (moved > since)
		since = moved;
	if (now - since >= n->cfg->timeout_ms) {
		snprintf(what, sizeof(what), "gave no receipt for %.1f s and is ended",
		    (double)(now - since) / 1000);
		rest(n, HANGS, now, what);
		eg_node_drop(n);
	} else if (now - since >= ASK_MS)
		eg_child_close(c);
}

static int
work_child(struct eg_node *n, int kind, int64_t now, struct eg_error *e)
{
	struct eg_child *c = n->child[kind];
	struct eg_error why = { 0 };
	bool ran = eg_child_running(c);

	if (eg_child_work(c, &n->fds[kind * EG_CHILD_FDS], &why) != 0) {
		if (why.status != EG_CONFIG)
			return eg_fail(e, why.status, "%s", why.text);
		rest(n, MISFIT, now, why.text);
		return 0;
	}
	if (eg_child_idle(c))
		return 0;
	if (ran && !eg_child_running(c)) {
		n->restarts++;
		n->restarting = true;
		snprintf(n->error, sizeof(n->error), "its command ended with records in flight");
		n->noted = false;
	} else if (eg_child_running(c))
		watch(n, c, now);
	return 0;
}

/* Whether this child must wait until the node's pause has ended. A child without records may end
 * meanwhile. */
static bool
rests(const struct eg_node *n, int kind, int64_t now)
{
	return !n->failed && n->trouble.retry.due > now && !eg_child_idle(n->child[kind]);
}

int
eg_node_work(struct eg_node *n, int64_t now, struct eg_error *e)
{
	int rc = 0;

	n->restarting = n->restarting && !eg_child_running(n->child[0]) &&
	    !eg_child_running(n->child[1]);
	for (int kind = 0; kind < 2 && rc == 0; kind++)
		if (!rests(n, kind, now))
			rc = work_child(n, kind, now, e);
	for (size_t i = 0; i < EG_NODE_FDS; i++)
		n->fds[i].revents = 0;
	return rc;
}

/* Lowers *due to the time of watch's next action. */
static void
watch_due(const struct eg_node *n, const struct eg_child *c, int64_t now, int64_t *due)
{
	int64_t since = eg_child_oldest(c), moved = eg_child_moved(c), at;

	if (eg_child_idle(c) || !eg_child_running(c))
		return;
	if (moved > since)
		since = moved;
	at = now - since < ASK_MS && ASK_MS < n->cfg->timeout_ms ? since + ASK_MS
	                                                         : since + n->cfg->timeout_ms;
	if (at < *due)
		*due = at;
}

size_t
eg_node_poll(struct eg_node *n, struct pollfd *fds, int64_t *due)
{
	int64_t now = eg_mono_ms(), rest_due = n->trouble.retry.due;

	for (size_t i = 0; i < EG_NODE_FDS; i++)
		fds[i] = (struct pollfd){ .fd = -1 };
	for (int kind = 0; kind < 2; kind++) {
		if (rests(n, kind, now)) {
			*due = rest_due < *due ? rest_due : *due;
			continue;
		}
		eg_child_poll(n->child[kind], &fds[kind * EG_CHILD_FDS], due);
		watch_due(n, n->child[kind], now, due);
	}
	return EG_NODE_FDS;
}

void
eg_node_polled(struct eg_node *n, const struct pollfd *fds)
{
	memcpy(n->fds, fds, sizeof(n->fds));
}

void
eg_node_end(struct eg_node *n)
{
	eg_child_close(n->child[0]);
	eg_child_close(n->child[1]);
}

bool
eg_node_ended(const struct eg_node *n)
{
	return !eg_child_running(n->child[0]) && !eg_child_running(n->child[1]);
}
