/* SPDX-License-Identifier: MIT */
/* Pauses a replication while a repair of its cluster runs. */
#include "cluster/cluster_state.h"
#include "cluster/replicate_parts.h"

enum {
	/* Time to wait for hints in flight; later they are sent again after the repair. */
	HINTS_WAIT_MS = 5000,
};

/* Whether no command has records to write. */
static bool
is_quiet(struct eg_replicate *r, int64_t now)
{
	bool idle = TAILQ_EMPTY(&r->writes) && !eg_replicate_dirty(r);

	for (size_t i = 0; i < r->cfg.cluster->n && idle; i++) {
		struct eg_node *n = &r->node[i];

		if (eg_node_idle(n))
			continue;
		idle = false;
		if (now - r->pausing_since >= HINTS_WAIT_MS)
			eg_node_drop(n);
	}
	return idle;
}

static void
resume(struct eg_replicate *r)
{
	if (r->paused)
		eg_cluster_state_waive(r->cfg.state, EG_CLAIM_PAUSE);
	r->paused = r->pausing = false;
}

/* Whether a repair runs, or commands of a repair that was killed. Such commands are waited for
 * no longer than the time limit of a node. */
static int
is_repaired(struct eg_replicate *r, int64_t now, struct eg_error *e)
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
eg_replicate_pause(struct eg_replicate *r, int64_t now, struct eg_error *e)
{
	int rc = is_repaired(r, now, e);

	/* A repair that has just begun may have seen the claim of the pause. So check again
	 * after the claim is released, before anything is sent. */
	if (rc == 0 && r->pausing) {
		resume(r);
		rc = is_repaired(r, now, e);
	}
	if (rc <= 0)
		return rc;
	if (!r->pausing) {
		r->pausing = true;
		r->pausing_since = now;
	}
	if (r->paused || !is_quiet(r, now))
		return 0;
	r->paused = eg_cluster_state_claim(r->cfg.state, EG_CLAIM_PAUSE, e) > 0;
	return e->status == EG_OK ? 0 : -1;
}
