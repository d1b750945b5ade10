/* SPDX-License-Identifier: MIT */
/* Quorum writes of a replication: finds those with a quorum, saves hints, completes batches. */
#include <stdio.h>

#include "cluster/replicate_parts.h"

enum {
	/* time after which a missing quorum is reported */
	QUORUM_WAIT_MS = 2000,
	/* time after which hints that cannot be written are reported; another process may lock
	 * the database for a moment */
	HINTS_QUIET_MS = 1000,
};

/* Saves the hints of all nodes in one transaction. Returns 0 when done, 1 to try again later, -1
 * with *e. */
static int
save(struct eg_replicate *r, int64_t now, struct eg_error *e)
{
	size_t n = r->cfg.cluster->n;
	struct eg_error why = { 0 };

	for (size_t i = 0; i < n && why.status == EG_OK; i++)
		eg_node_save(&r->node[i], &why);
	if (why.status == EG_OK && eg_hints_commit(r->cfg.hints, &why) == 0) {
		for (size_t i = 0; i < n; i++)
			eg_node_saved(&r->node[i]);
		return 0;
	}
	if (why.status != EG_TEMPORARY)
		return eg_fail(e, why.status, "%s", why.text);
	eg_backoff_failed(&r->disk, now, 0);
	if (!r->reported_disk && now - r->disk.since >= HINTS_QUIET_MS) {
		eg_warn("%s; what depends on it waits", why.text);
		r->reported_disk = true;
	}
	return 1;
}

bool
eg_replicate_dirty(const struct eg_replicate *r)
{
	for (size_t i = 0; i < r->cfg.cluster->n; i++)
		if (eg_node_dirty(&r->node[i]))
			return true;
	return false;
}

/* Notes since when records wait because of the limit of hints: since a node that has no room for
 * them took its last hint. Reports it once, until all nodes have caught up. */
static void
check_limit(struct eg_replicate *r, int64_t now)
{
	bool behind = false, full = false;
	int64_t moved = 0;

	for (size_t i = 0; i < r->cfg.cluster->n; i++) {
		const struct eg_node *n = &r->node[i];

		behind = behind || n->behind;
		if (!eg_node_full(n))
			continue;
		full = true;
		moved = eg_node_moved(n) > moved ? eg_node_moved(n) : moved;
		if (r->reported_full)
			continue;
		eg_warn("'%s' has as many hints as --hint-limit allows; more records for it wait "
		        "until it catches up", n->name);
		r->reported_full = true;
	}
	r->reported_full = r->reported_full && behind;
	if (!full)
		r->full_at = 0;
	else if (r->full_at == 0)
		r->full_at = now;
	else if (moved > r->full_at)
		r->full_at = moved;
}

int
eg_replicate_save(struct eg_replicate *r, int64_t now, struct eg_error *e)
{
	int rc;

	check_limit(r, now);
	if (!eg_replicate_dirty(r) || now < r->disk.due)
		return 0;
	rc = save(r, now, e);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	eg_backoff_ok(&r->disk, now);
	if (r->reported_disk)
		eg_warn("hints can be written again");
	r->reported_disk = false;
	return 0;
}

/* A batch that has its quorum does not wait for unreachable nodes, and waits for other nodes at
 * most for the lag. After that, their records become hints. */
void
eg_replicate_check(struct eg_replicate *r, int64_t now)
{
	struct eg_quorum_write *w = NULL;

	TAILQ_FOREACH(w, &r->writes, link) {
		if (w->reached == 0 && w->touched && eg_quorum_write_check(w))
			w->reached = now;
		if (w->reached == 0)
			continue;
		for (uint64_t left = w->nodes & ~w->settled; left != 0; left &= left - 1) {
			struct eg_node *n = &r->node[__builtin_ctzll(left)];

			if (eg_node_away(n, now) || now - w->reached >= r->cfg.lag_ms)
				eg_node_fall_behind(n);
		}
	}
}

/* Completes w if each node that has not settled it has hints for it. */
static bool
finish_write(struct eg_replicate *r, struct eg_quorum_write *w)
{
	for (uint64_t left = w->nodes & ~w->settled; left != 0; left &= left - 1)
		if (!w->replica[__builtin_ctzll(left)]->saved)
			return false;
	for (uint64_t left = w->nodes & ~w->settled; left != 0; left &= left - 1) {
		struct eg_replica *s = w->replica[__builtin_ctzll(left)];

		r->counts.hinted += s->records;
		eg_node_detach(s);
	}
	TAILQ_REMOVE(&r->writes, w, link);
	eg_batch_done(w->batch);
	eg_quorum_write_free(w);
	return true;
}

/* Reports once that a quorum is missing, with the nodes that do not answer. */
static void
report_loss(struct eg_replicate *r, int64_t now)
{
	const struct eg_quorum_write *w = TAILQ_FIRST(&r->writes);
	char text[400];
	size_t k = 0;

	if (w == NULL || r->lost || w->reached != 0 || now - w->sent < QUORUM_WAIT_MS ||
	    now - r->progress < QUORUM_WAIT_MS)
		return;
	*text = '\0';
	for (uint64_t left = w->nodes & ~w->settled; left != 0 && k + 150 < sizeof(text);
	    left &= left - 1) {
		const struct eg_node *n = &r->node[__builtin_ctzll(left)];

		k += (size_t)snprintf(text + k, sizeof(text) - k, "%s '%s' (%.100s)", k > 0 ? "," : "",
		    n->member->name, n->failed ? "failed by hand" :
		    *n->error != '\0' ? n->error : "no receipt so far");
	}
	eg_warn("there is no quorum of %zu, records wait for node%s", r->cfg.cluster->quorum, text);
	r->lost = true;
	r->lost_at = w->sent;
}

void
eg_replicate_settle(struct eg_replicate *r, int64_t now)
{
	struct eg_quorum_write *w = TAILQ_FIRST(&r->writes), *following;
	bool any = false;

	for (; w != NULL; w = following) {
		following = TAILQ_NEXT(w, link);
		if (w->reached != 0 && finish_write(r, w))
			any = true;
	}
	if (any && r->lost) {
		eg_warn("the quorum is there again after %.1f s", (double)(now - r->lost_at) / 1000);
		r->lost = false;
	}
	report_loss(r, now);
}

void
eg_replicate_abandon(struct eg_replicate *r)
{
	struct eg_quorum_write *w;

	while ((w = TAILQ_FIRST(&r->writes)) != NULL) {
		for (uint64_t left = w->nodes & ~w->settled; left != 0; left &= left - 1)
			eg_node_detach(w->replica[__builtin_ctzll(left)]);
		TAILQ_REMOVE(&r->writes, w, link);
		eg_quorum_write_free(w);
	}
}
