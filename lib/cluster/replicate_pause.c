/* SPDX-License-Identifier: MIT */
/* A replication that pauses while a repair of its cluster runs. */
#include "cluster/cluster_state.h"
#include "cluster/replicate_parts.h"

enum {
	/* What a node is sent from hints is waited for so long; it may be sent again. */
	PATIENCE_MS = 5000,
};

/* Whether no command can write anything of ours any more. */
static bool
still(struct eg_replicate *r, int64_t now)
{
	bool idle = TAILQ_EMPTY(&r->flights) && !eg_replicate_dirty(r);

	for (size_t i = 0; i < r->cfg.cluster->n && idle; i++) {
		struct eg_node *n = &r->node[i];

		if (eg_node_idle(n))
			continue;
		idle = false;
		if (now - r->pausing_since >= PATIENCE_MS)
			eg_node_drop(n);
	}
	return idle;
}

static void
go_on(struct eg_replicate *r)
{
	if (r->paused)
		eg_cluster_state_waive(r->cfg.state, EG_CLAIM_PAUSE);
	r->paused = r->pausing = false;
}

/* Whether a repair wants the cluster for itself. What the commands of a killed one still
 * do is waited for, too, but not for ever. */
static int
wanted(struct eg_replicate *r, int64_t now, struct eg_error *e)
{
	int rc = eg_cluster_state_claimed(r->cfg.state, EG_CLAIM_REPAIR, e);

	if (rc != 0) {
		r->repaired = now;
		return rc;
	}
	if (!r->pausing || now - r->repaired >= r->cfg.node_timeout_ms)
		return 0;
	return eg_cluster_state_claimed(r->cfg.state, EG_CLAIM_REPAIR_COMMANDS, e);
}

int
eg_replicate_give_way(struct eg_replicate *r, int64_t now, struct eg_error *e)
{
	int rc = wanted(r, now, e);

	/* A repair that came in just now may have seen the old word: so look once more
	 * when it is taken back, before anything is sent. */
	if (rc == 0 && r->pausing) {
		go_on(r);
		rc = wanted(r, now, e);
	}
	if (rc <= 0)
		return rc;
	if (!r->pausing) {
		r->pausing = true;
		r->pausing_since = now;
	}
	if (r->paused || !still(r, now))
		return 0;
	r->paused = eg_cluster_state_claim(r->cfg.state, EG_CLAIM_PAUSE, e) > 0;
	return e->status == EG_OK ? 0 : -1;
}
