/* SPDX-License-Identifier: MIT */
/* The flights of a replication: quorums found, debts saved, batches ended. */
#include <stdio.h>

#include "cluster/replicate_parts.h"

enum {
	/* No quorum for so long is worth a word. */
	PATIENCE_MS = 2000,
	/* Hints that cannot be written for so long are, too: another process may have held
	 * them for a moment. */
	HINTS_PATIENCE_MS = 1000,
};

/* One transaction for all nodes. 0: done; 1: it has to be tried again; -1: *e. */
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
	if (!r->told_disk && now - r->disk.since >= HINTS_PATIENCE_MS) {
		eg_warn("%s; what depends on it waits", why.text);
		r->told_disk = true;
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

/* Says once, until all have caught up, that records wait for the limit. */
static void
tell_of_limit(struct eg_replicate *r)
{
	bool behind = false;

	for (size_t i = 0; i < r->cfg.cluster->n; i++) {
		const struct eg_node *n = &r->node[i];

		behind = behind || n->behind;
		if (r->told_full || !eg_node_full(n))
			continue;
		eg_warn("'%s' is owed as many records as --hint-limit allows; what else it should "
		        "get waits until it catches up", n->name);
		r->told_full = true;
	}
	r->told_full = r->told_full && behind;
}

int
eg_replicate_save(struct eg_replicate *r, int64_t now, struct eg_error *e)
{
	int rc;

	tell_of_limit(r);
	if (!eg_replicate_dirty(r) || now < r->disk.due)
		return 0;
	rc = save(r, now, e);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	eg_backoff_ok(&r->disk, now);
	if (r->told_disk)
		eg_warn("hints can be written again");
	r->told_disk = false;
	return 0;
}

/* What has its quorum does not wait for nodes that are known to be away, nor for others
 * longer than the lag: they get it by hints. */
void
eg_replicate_look(struct eg_replicate *r, int64_t now)
{
	struct eg_fanout *f = NULL;

	TAILQ_FOREACH(f, &r->flights, link) {
		if (f->reached == 0 && f->touched && eg_fanout_look(f))
			f->reached = now;
		if (f->reached == 0)
			continue;
		for (uint64_t left = f->nodes & ~f->settled; left != 0; left &= left - 1) {
			struct eg_node *n = &r->node[__builtin_ctzll(left)];

			if (eg_node_away(n, now) || now - f->reached >= r->cfg.lag_ms)
				eg_node_fall_behind(n);
		}
	}
}

/* Ends f if what is still on its way is safe. */
static bool
finish_flight(struct eg_replicate *r, struct eg_fanout *f)
{
	for (uint64_t left = f->nodes & ~f->settled; left != 0; left &= left - 1)
		if (!f->share[__builtin_ctzll(left)]->saved)
			return false;
	for (uint64_t left = f->nodes & ~f->settled; left != 0; left &= left - 1) {
		struct eg_replica *s = f->share[__builtin_ctzll(left)];

		r->counts.hinted += s->records;
		eg_node_detach(s);
	}
	TAILQ_REMOVE(&r->flights, f, link);
	eg_batch_done(f->batch);
	eg_fanout_free(f);
	return true;
}

/* Says once that a quorum is missing, and who is. */
static void
tell_of_loss(struct eg_replicate *r, int64_t now)
{
	const struct eg_fanout *f = TAILQ_FIRST(&r->flights);
	char text[400];
	size_t k = 0;

	if (f == NULL || r->lost || f->reached != 0 || now - f->sent < PATIENCE_MS ||
	    now - r->progress < PATIENCE_MS)
		return;
	*text = '\0';
	for (uint64_t left = f->nodes & ~f->settled; left != 0 && k + 150 < sizeof(text);
	    left &= left - 1) {
		const struct eg_node *n = &r->node[__builtin_ctzll(left)];

		k += (size_t)snprintf(text + k, sizeof(text) - k, "%s '%s' (%.100s)", k > 0 ? "," : "",
		    n->member->name, n->failed ? "failed by hand" :
		    *n->error != '\0' ? n->error : "no receipt so far");
	}
	eg_warn("there is no quorum of %zu, records wait for node%s", r->cfg.cluster->quorum, text);
	r->lost = true;
	r->lost_at = f->sent;
}

void
eg_replicate_settle(struct eg_replicate *r, int64_t now)
{
	struct eg_fanout *f = TAILQ_FIRST(&r->flights), *following;
	bool any = false;

	for (; f != NULL; f = following) {
		following = TAILQ_NEXT(f, link);
		if (f->reached != 0 && finish_flight(r, f))
			any = true;
	}
	if (any && r->lost) {
		eg_warn("the quorum is there again after %.1f s", (double)(now - r->lost_at) / 1000);
		r->lost = false;
	}
	tell_of_loss(r, now);
}

void
eg_replicate_abandon(struct eg_replicate *r)
{
	struct eg_fanout *f;

	while ((f = TAILQ_FIRST(&r->flights)) != NULL) {
		for (uint64_t left = f->nodes & ~f->settled; left != 0; left &= left - 1)
			eg_node_detach(f->share[__builtin_ctzll(left)]);
		TAILQ_REMOVE(&r->flights, f, link);
		eg_fanout_free(f);
	}
}
