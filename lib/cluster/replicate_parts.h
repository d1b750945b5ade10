/* SPDX-License-Identifier: MIT */
/* The state of a replication, for the files of the replication only. */
#ifndef EG_REPLICATE_PARTS_H
#define EG_REPLICATE_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/backoff.h"
#include "base/diag.h"
#include "cluster/cluster.h"
#include "cluster/fanout.h"
#include "cluster/order.h"
#include "cluster/replicate.h"

enum { EG_STAGE_FDS = 8 };

struct eg_replicate {
	struct eg_replicate_config cfg;
	struct eg_node_config node_cfg;
	struct eg_node node[EG_NODES_MAX];
	struct eg_fanouts fanouts;
	struct eg_order order; /* of batches */
	int64_t progress;  /* when the last receipt came, or the first batch was sent */
	int64_t refresh_at;/* when to check marks, hints and claims next */
	bool lost;         /* the missing quorum was reported */
	int64_t lost_at;
	bool reported_full, reported_disk;
	bool pausing;      /* a repair runs: nothing is sent */
	bool paused;       /* nothing is in flight, and the repair can see that */
	int64_t pausing_since, repaired; /* repaired: when a repair was last seen */
	struct eg_backoff disk;
	struct eg_replicate_counts counts;
	struct pollfd fds[EG_STAGE_FDS + EG_NODES_MAX * EG_NODE_FDS];
	struct eg_error error; /* of a callback */
};

/* Whether a commit of the hints is needed. */
bool eg_replicate_dirty(const struct eg_replicate *r);

/* Writes the hints, unless the pause after a failed try is not over. */
int eg_replicate_save(struct eg_replicate *r, int64_t now, struct eg_error *e);

/* Finds the fanouts that have their quorum, and the nodes not to wait for. */
void eg_replicate_check(struct eg_replicate *r, int64_t now);

/* Ends the fanouts whose records are safe; reports a quorum that is missing or back. */
void eg_replicate_settle(struct eg_replicate *r, int64_t now);

/* Pauses while a repair holds its claim, once all that is in flight is settled. */
int eg_replicate_pause(struct eg_replicate *r, int64_t now, struct eg_error *e);

/* To be called after the stage has ended: its batches are gone. */
void eg_replicate_abandon(struct eg_replicate *r);

#endif
