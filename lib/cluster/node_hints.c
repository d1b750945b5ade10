/* SPDX-License-Identifier: MIT */
/* The hints of a node: written to disk, and sent in order. */
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "cluster/cluster.h"
#include "cluster/node.h"

enum {
	/* Limits of bytes and replicas that the child of a node that is behind holds at one
	 * time. The rest waits on disk. */
	FLYING_MAX = 1024 * 1024,
	REPLICAS_MAX = 512,
};

/* The first replica that still has to become a hint. */
static const struct eg_replica *
first_unsaved(const struct eg_node *n)
{
	const struct eg_replica *s = NULL;

	if (n->behind && n->unsaved)
		TAILQ_FOREACH(s, &n->list, link)
			if (!s->saved)
				break;
	return s;
}

bool
eg_node_full(const struct eg_node *n)
{
	const struct eg_replica *s = first_unsaved(n);

	return s != NULL && !eg_hints_room(n->cfg->hints, n->index, s->records);
}

bool
eg_node_dirty(const struct eg_node *n)
{
	return !TAILQ_EMPTY(&n->done) || !n->noted || (first_unsaved(n) != NULL && !eg_node_full(n));
}

int
eg_node_save(struct eg_node *n, struct eg_error *e)
{
	struct eg_hints *h = n->cfg->hints;
	struct eg_replica *s;
	bool full = false;

	TAILQ_FOREACH(s, &n->done, link)
		if (eg_hints_done(h, n->index, s->seq, s->records, e) != 0)
			return -1;
	if (!n->noted) {
		if (eg_hints_note(h, n->index, n->error, e) != 0)
			return -1;
	}
	if (!n->behind || !n->unsaved)
		return 0;
	TAILQ_FOREACH(s, &n->list, link) {
		struct eg_hint hint = { .kind = s->kind, .records = s->records,
			.text = s->text->bytes, .len = s->text->len };

		if (s->saved)
			continue;
		s->seq = 0;
		/* Keep the order: if one replica has no room, the later ones wait, too. */
		full = full || !eg_hints_room(h, n->index, s->records);
		if (full)
			continue;
		if (eg_hints_add(h, n->index, &hint, e) != 0)
			return -1;
		s->seq = hint.seq;
	}
	return 0;
}

/* The node is no longer behind when no hint is left that new records could overtake. */
static void
catch_up(struct eg_node *n)
{
	if (!n->behind || !TAILQ_EMPTY(&n->list) || !TAILQ_EMPTY(&n->done) ||
	    eg_hints_pending(n->cfg->hints, n->index) > 0)
		return;
	n->behind = false;
	n->loaded = 0;
	eg_info("'%s' has caught up", n->name);
}

void
eg_node_saved(struct eg_node *n)
{
	struct eg_replica *s;

	while ((s = TAILQ_FIRST(&n->done)) != NULL) {
		TAILQ_REMOVE(&n->done, s, link);
		eg_replica_free(s);
	}
	n->unmarked = 0;
	n->noted = true;
	if (!n->behind)
		return;
	n->unsaved = false;
	TAILQ_FOREACH(s, &n->list, link) {
		s->saved = s->saved || s->seq != 0;
		n->unsaved = n->unsaved || !s->saved;
	}
	catch_up(n);
}

void
eg_node_refreshed(struct eg_node *n)
{
	if (eg_hints_pending(n->cfg->hints, n->index) > 0) {
		eg_node_fall_behind(n);
		n->loaded = 0;
	} else
		catch_up(n);
}

/* Whether the hint of this number is with the child, or was. */
static bool
sent_before(const struct eg_node *n, int64_t seq)
{
	const struct eg_replica *s;

	TAILQ_FOREACH(s, &n->list, link)
		if (s->sent && s->saved && s->seq == seq)
			return true;
	TAILQ_FOREACH(s, &n->done, link)
		if (s->seq == seq)
			return true;
	return false;
}

static struct eg_replica *
first_waiting(const struct eg_node *n)
{
	struct eg_replica *s;

	TAILQ_FOREACH(s, &n->list, link)
		if (!s->sent)
			return s;
	return NULL;
}

/* Reads the hint of this number into a replica, and inserts that before the first waiting one. */
static int
read_back(struct eg_node *n, int64_t seq, struct eg_replica *waiting, struct eg_replica **out,
    struct eg_error *e)
{
	struct eg_hint hint;
	struct eg_replica *s;
	int rc = eg_hints_next(n->cfg->hints, n->index, seq - 1, true, &hint, e);

	*out = NULL;
	if (rc <= 0)
		return rc;
	s = calloc(1, sizeof(*s));
	if (s == NULL || (s->text = eg_text_copy(hint.text, hint.len)) == NULL) {
		free(s);
		return eg_fail(e, EG_BUG, "out of memory");
	}
	s->node = n;
	s->kind = hint.kind;
	s->records = hint.records;
	s->seq = hint.seq;
	s->saved = true;
	if (waiting != NULL)
		TAILQ_INSERT_BEFORE(waiting, s, link);
	else
		TAILQ_INSERT_TAIL(&n->list, s, link);
	*out = s;
	return 0;
}

/* Sends hints in order; those that are still in memory are not read from disk. */
static int
send_hints(struct eg_node *n, struct eg_error *e)
{
	while (n->flying + n->unmarked < FLYING_MAX && n->replicas < REPLICAS_MAX) {
		struct eg_replica *s = first_waiting(n);
		struct eg_hint hint;
		int rc = eg_hints_next(n->cfg->hints, n->index, n->loaded, false, &hint, e);

		if (rc <= 0)
			return rc;
		if (sent_before(n, hint.seq)) {
			n->loaded = hint.seq;
			continue;
		}
		/* Deletions and records must keep their order, so only one kind is in flight at
		 * a time. */
		if (!eg_child_idle(n->child[hint.kind == EG_HINT_RECORDS]))
			return 0;
		if (s == NULL || !s->saved || s->seq != hint.seq) {
			if (read_back(n, hint.seq, s, &s, e) != 0)
				return -1;
			if (s == NULL)
				return 0;
		}
		n->loaded = hint.seq;
		eg_node_pass(n, s);
	}
	return 0;
}

int
eg_node_send(struct eg_node *n, struct eg_error *e)
{
	struct eg_replica *s;

	if (n->failed)
		return 0;
	if (n->behind)
		return send_hints(n, e);
	TAILQ_FOREACH(s, &n->list, link)
		if (!s->sent)
			eg_node_pass(n, s);
	return 0;
}
