/* SPDX-License-Identifier: MIT */
/* Replicates records to the nodes that hold them: a sink for lib/stage/stage. */
#include "cluster/replicate.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/stop.h"
#include "base/wait.h"
#include "cluster/cluster_state.h"
#include "cluster/identity.h"
#include "cluster/replicate_parts.h"

enum {
	BATCH_RECORDS = 4096,
	BATCH_BYTES = 128 * 1024,
	FANOUTS = 32,
	/* interval for checking changes by other processes */
	REFRESH_MS = 500,
	/* pauses between attempts to write hints */
	PAUSE_FIRST_MS = 100,
	PAUSE_MOST_MS = 2000,
	/* at the end: time to wait for a node without progress, and for commands to end */
	LINGER_MS = 5000,
	END_MS = 2000,
	STEP_MS = 100,
	/* time to wait for another process's lock on the hints: while running, and at the end */
	HINTS_LOCK_MS = 20,
	HINTS_LATER_MS = 20 * 1000,
};

static void
node_settled(void *ctx, struct eg_node *n, void *write)
{
	struct eg_replicate *r = ctx;
	struct eg_quorum_write *w = write;

	w->settled |= UINT64_C(1) << n->index;
	w->replica[n->index] = NULL;
	w->touched = true;
	r->progress = eg_mono_ms();
}

static void
node_refused(void *ctx, struct eg_node *n, void *write, size_t offset)
{
	struct eg_replicate *r = ctx;

	if (eg_quorum_write_refuse(write, n->index, offset) != 0)
		eg_fail(&r->error, EG_BUG, "out of memory");
	((struct eg_quorum_write *)write)->touched = true;
}

static const struct eg_node_calls calls = { node_settled, node_refused };

/* Checks every REFRESH_MS: nodes marked as failed, hints of another process, a repair. */
static int
refresh_state(struct eg_replicate *r, int64_t now, struct eg_error *e)
{
	const struct eg_cluster *c = r->cfg.cluster;
	int changed;

	if (now < r->refresh_at)
		return 0;
	r->refresh_at = now + REFRESH_MS;
	if (eg_cluster_state_check(r->cfg.state, e) != 0)
		return -1;
	changed = eg_hints_refresh(r->cfg.hints, e);
	for (size_t i = 0; i < c->n; i++) {
		struct eg_node *n = &r->node[i];

		eg_node_fail(n, eg_cluster_state_failed(r->cfg.state, n->member->name));
		if (changed > 0)
			eg_node_refreshed(n);
		if (!n->failed && eg_node_moved(n) != 0 && !eg_node_away(n, now))
			eg_identities_again(r->identities, (unsigned)i);
	}
	if (changed < 0 || eg_identities_read(r->identities, e) != 0)
		return -1;
	return eg_replicate_pause(r, now, e);
}

static void
count_nodes(struct eg_replicate *r, int64_t now)
{
	r->counts.pending = r->counts.restarts = r->counts.away = 0;
	for (size_t i = 0; i < r->cfg.cluster->n; i++) {
		r->counts.pending += eg_hints_pending(r->cfg.hints, i);
		r->counts.restarts += r->node[i].restarts;
		r->counts.away += eg_node_away(&r->node[i], now);
	}
}

static int
work(void *self, struct eg_error *e)
{
	struct eg_replicate *r = self;
	size_t n = r->cfg.cluster->n;
	int64_t now = eg_mono_ms();

	if (refresh_state(r, now, e) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (eg_node_work(&r->node[i], now, e) != 0)
			return -1;
	eg_replicate_check(r, now);
	if (eg_replicate_save(r, now, e) != 0)
		return -1;
	eg_replicate_settle(r, now);
	for (size_t i = 0; i < n && !r->pausing; i++)
		if (eg_node_send(&r->node[i], e) != 0)
			return -1;
	count_nodes(r, now);
	if (r->error.status != EG_OK)
		return eg_fail(e, r->error.status, "%s", r->error.text);
	return 0;
}

static bool
ready(void *self)
{
	return !((const struct eg_replicate *)self)->pausing;
}

static int
send_batch(void *self, struct eg_batch *b, struct eg_error *e)
{
	struct eg_replicate *r = self;
	struct eg_quorum_write *w;
	int64_t order;

	if (eg_order_next(&r->order, &order, e) != 0)
		return -1;
	w = eg_quorum_write_new(r->cfg.cluster, b, r->node, order);
	if (w == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	if (TAILQ_EMPTY(&r->writes))
		r->progress = w->sent;
	TAILQ_INSERT_TAIL(&r->writes, w, link);
	for (uint64_t left = w->nodes; left != 0; left &= left - 1) {
		struct eg_node *n = &r->node[__builtin_ctzll(left)];

		eg_node_queue(n, w->replica[n->index]);
		if (!n->behind && eg_node_send(n, e) != 0)
			return -1;
	}
	return 0;
}

/* The time of the next timer of writes and hints. */
static int64_t
due_of(const struct eg_replicate *r, int64_t now)
{
	int64_t due = r->refresh_at;
	const struct eg_quorum_write *w;

	if (eg_replicate_dirty(r))
		due = r->disk.due < due ? r->disk.due : due;
	TAILQ_FOREACH(w, &r->writes, link)
		if (w->reached != 0 && w->reached + r->cfg.lag_ms > now &&
		    w->reached + r->cfg.lag_ms < due)
			due = w->reached + r->cfg.lag_ms;
	return due;
}

static int
wait_for(void *self, struct pollfd *fds, size_t n, int64_t due, struct eg_error *e)
{
	struct eg_replicate *r = self;
	int64_t own = due_of(r, eg_mono_ms());
	size_t all = n;

	(void)e;
	if (own < due)
		due = own;
	memcpy(r->fds, fds, n * sizeof(*fds));
	for (size_t i = 0; i < r->cfg.cluster->n; i++)
		all += eg_node_poll(&r->node[i], &r->fds[all], &due);
	(void)eg_wait_fds(r->fds, all, due);
	memcpy(fds, r->fds, n * sizeof(*fds));
	for (size_t i = 0; i < r->cfg.cluster->n; i++)
		eg_node_polled(&r->node[i], &r->fds[n + i * EG_NODE_FDS]);
	return 0;
}

/* Since when there has been no quorum, no hint could be written, or no room was left for one,
 * whichever is longest; 0: none of these. */
static int64_t
away(void *self)
{
	const struct eg_replicate *r = self;
	int64_t since[] = { r->lost ? r->lost_at : 0, r->disk.failures > 0 ? r->disk.since : 0,
		r->full_at }, first = 0;

	for (size_t i = 0; i < sizeof(since) / sizeof(since[0]); i++)
		if (since[i] != 0 && (first == 0 || since[i] < first))
			first = since[i];
	return first;
}

struct eg_replicate *
eg_replicate_new(const struct eg_replicate_config *cfg, struct eg_error *e)
{
	struct eg_replicate *r = calloc(1, sizeof(*r));

	if (r == NULL) {
		eg_fail(e, EG_BUG, "out of memory");
		return NULL;
	}
	r->cfg = *cfg;
	r->node_cfg = (struct eg_node_config){ &calls, r, cfg->hints, cfg->node_timeout_ms };
	eg_hints_lock_wait(cfg->hints, HINTS_LOCK_MS);
	r->disk = (struct eg_backoff){ .base_ms = PAUSE_FIRST_MS, .max_ms = PAUSE_MOST_MS };
	r->order = EG_ORDER_INIT(cfg->state->dir);
	TAILQ_INIT(&r->writes);
	r->identities = eg_identities_new(cfg->cluster, cfg->state);
	if (r->identities == NULL)
		eg_fail(e, EG_BUG, "out of memory");
	if (r->identities == NULL || eg_identities_ask(r->identities, cfg->node_timeout_ms, e) != 0) {
		eg_replicate_free(r);
		return NULL;
	}
	for (size_t i = 0; i < cfg->cluster->n; i++)
		if (eg_node_open(&r->node[i], &cfg->cluster->node[i], i, &r->node_cfg, e) != 0) {
			eg_replicate_free(r);
			return NULL;
		}
	return r;
}

void
eg_replicate_free(struct eg_replicate *r)
{
	if (r == NULL)
		return;
	eg_replicate_abandon(r);
	for (size_t i = 0; i < r->cfg.cluster->n; i++)
		eg_node_close(&r->node[i]);
	eg_identities_free(r->identities);
	eg_order_close(&r->order);
	eg_hints_lock_wait(r->cfg.hints, HINTS_LATER_MS);
	free(r);
}

struct eg_sink
eg_replicate_sink(struct eg_replicate *r)
{
	return (struct eg_sink){ .self = r, .batch_records = BATCH_RECORDS,
		.batch_bytes = BATCH_BYTES, .flights = FANOUTS, .ready = ready, .send = send_batch,
		.wait = wait_for, .work = work, .away = away };
}

const struct eg_replicate_counts *
eg_replicate_counts(const struct eg_replicate *r)
{
	return &r->counts;
}

/* Whether a node is sending hints and makes progress. */
static bool
catching_up(const struct eg_replicate *r, int64_t begin, int64_t now)
{
	for (size_t i = 0; i < r->cfg.cluster->n; i++) {
		const struct eg_node *n = &r->node[i];
		int64_t moved = eg_node_moved(n) > begin ? eg_node_moved(n) : begin;

		if (n->behind && !eg_node_away(n, now) && now - moved < LINGER_MS)
			return true;
	}
	return false;
}

static bool
nodes_ended(const struct eg_replicate *r)
{
	for (size_t i = 0; i < r->cfg.cluster->n; i++)
		if (!eg_node_ended(&r->node[i]))
			return false;
	return true;
}

/* Does the work that is due, then waits for the next event, for at most STEP_MS. */
static int
work_step(struct eg_replicate *r, struct eg_error *e)
{
	struct pollfd stop = eg_stop_pollfd();

	if (work(r, e) != 0 || wait_for(r, &stop, 1, eg_mono_ms() + STEP_MS, e) != 0)
		return -1;
	eg_stop_polled(&stop);
	return 0;
}

int
eg_replicate_finish(struct eg_replicate *r, struct eg_error *e)
{
	int64_t begin = eg_mono_ms();

	eg_replicate_abandon(r);
	while (eg_stop_asked() == 0 && catching_up(r, begin, eg_mono_ms()))
		if (work_step(r, e) != 0)
			return -1;
	for (size_t i = 0; i < r->cfg.cluster->n; i++)
		eg_node_end(&r->node[i]);
	begin = eg_mono_ms();
	while (!nodes_ended(r) && eg_mono_ms() - begin < END_MS)
		if (work_step(r, e) != 0)
			return -1;
	return 0;
}
