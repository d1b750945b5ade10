/* SPDX-License-Identifier: MIT */
/* The state of a replication; only for the files of the replication. */
#ifndef EG_REPLICATE_PARTS_H
#define EG_REPLICATE_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/backoff.h"
#include "base/diag.h"
#include "cluster/cluster.h"
#include "cluster/order.h"
#include "cluster/quorum_write.h"
#include "cluster/replicate.h"

enum { EG_STAGE_FDS = 8 };

struct eg_replicate {
	struct eg_replicate_config cfg;
	struct eg_node_config node_cfg;
	struct eg_node node[EG_NODES_MAX];
	struct eg_quorum_writes writes;
	struct eg_identities *identities;
	struct eg_order order; /* order numbers of batches */
	int64_t progress;  /* time of the last receipt, or of sending the first batch */
	int64_t refresh_at;/* time of the next check of marks, hints and claims */
	bool lost;         /* the user was warned of a missing quorum */
	int64_t lost_at;
	int64_t full_at;   /* since when records have waited for room for hints; 0: none waits */
	bool reported_full, reported_disk;
	bool pausing;      /* a repair runs, so nothing is sent */
	bool paused;       /* nothing is in flight, and the claim shows this to the repair */
	int64_t pausing_since, repaired; /* start of the pause; when a repair was last seen */
	struct eg_backoff disk;
	struct eg_replicate_counts counts;
	struct pollfd fds[EG_STAGE_FDS + EG_NODES_MAX * EG_NODE_FDS];
	struct eg_error error; /* error of a callback */
};

/* Whether the hints database needs a commit. */
bool eg_replicate_dirty(const struct eg_replicate *r);

/* Commits the hints, unless the pause after a failed attempt still lasts. */
int eg_replicate_save(struct eg_replicate *r, int64_t now, struct eg_error *e);

/* Finds the writes that have their quorum, and turns the records of slow nodes into hints. */
void eg_replicate_check(struct eg_replicate *r, int64_t now);

/* Completes the writes whose records are safe. Reports a quorum that is missing or back. */
void eg_replicate_settle(struct eg_replicate *r, int64_t now);

/* Pauses while a repair holds its claim: sends nothing new, and settles what is in flight. */
int eg_replicate_pause(struct eg_replicate *r, int64_t now, struct eg_error *e);

/* Forgets the batches of the stage. Call it after the stage has ended, since they are then
 * freed. */
void eg_replicate_abandon(struct eg_replicate *r);

#endif
