/* SPDX-License-Identifier: MIT */
/* What the parts of the replication share among themselves. */
#ifndef EG_REPLICATE_PARTS_H
#define EG_REPLICATE_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/backoff.h"
#include "base/diag.h"
#include "cluster/cluster.h"
#include "cluster/fanout.h"
#include "cluster/replicate.h"

enum { EG_STAGE_FDS = 8 };

struct eg_replicate {
	struct eg_replicate_config cfg;
	struct eg_node_config node_cfg;
	struct eg_node node[EG_NODES_MAX];
	struct eg_fanouts flights;
	int64_t order;     /* of the last batch */
	int64_t progress;  /* when a receipt last came, or the first batch was sent */
	int64_t look;      /* when to look at marks and hints next */
	bool lost;         /* it was said that there is no quorum */
	int64_t lost_at;
	bool told_full, told_disk;
	bool pausing;      /* for a repair: nothing is sent */
	bool paused;       /* and nothing is under way, which the repair knows */
	int64_t pausing_since, repaired; /* and when a repair was last seen */
	struct eg_backoff disk;
	struct eg_replicate_counts counts;
	struct pollfd fds[EG_STAGE_FDS + EG_NODES_MAX * EG_NODE_FDS];
	struct eg_error error; /* of a callback */
};

/* Whether something has to be written to the hints. */
bool eg_replicate_dirty(const struct eg_replicate *r);

/* Writes to the hints what has to be there, unless a full disk or limit was found a
 * moment ago. */
int eg_replicate_save(struct eg_replicate *r, int64_t now, struct eg_error *e);

/* Finds flights that have their quorum, and nodes that they do not wait for. */
void eg_replicate_look(struct eg_replicate *r, int64_t now);

/* Ends the flights whose records are safe; says when a quorum is missing or back. */
void eg_replicate_settle(struct eg_replicate *r, int64_t now);

/* Pauses for as long as a repair is claimed, once all that is under way is settled. */
int eg_replicate_give_way(struct eg_replicate *r, int64_t now, struct eg_error *e);

/* The stage is gone, and its batches with it. */
void eg_replicate_abandon(struct eg_replicate *r);

#endif
