/* SPDX-License-Identifier: MIT */
/* Replication of records to the nodes that hold them: a sink for lib/stage/stage. */
#ifndef EG_REPLICATE_H
#define EG_REPLICATE_H

#include <stdint.h>

struct eg_cluster;
struct eg_cluster_state;
struct eg_error;
struct eg_hints;
struct eg_replicate;
struct eg_sink;

struct eg_replicate_config {
	const struct eg_cluster *cluster;
	struct eg_cluster_state *state;
	struct eg_hints *hints;
	int64_t node_timeout_ms; /* a node that gives no receipt for this long counts as hanging */
	int64_t lag_ms;          /* after the quorum, wait this long for the other nodes */
};

/* Counters for the metrics, the object's own. */
struct eg_replicate_counts {
	uint64_t owed;     /* records that wait as hints */
	uint64_t hinted;   /* records that went into hints */
	uint64_t restarts; /* commands started again */
	uint64_t away;     /* nodes that are unreachable */
};

struct eg_replicate *eg_replicate_new(const struct eg_replicate_config *cfg, struct eg_error *e);

/* Kills the commands that still run. Records that are not on disk have no receipt. */
void eg_replicate_free(struct eg_replicate *r);

/* A record is done when a quorum of its nodes has given a receipt, and each of the others
 * has given one too or has a hint on disk. */
struct eg_sink eg_replicate_sink(struct eg_replicate *r);

const struct eg_replicate_counts *eg_replicate_counts(const struct eg_replicate *r);

/* After the stage: sends hints to nodes that answer, while there is progress and no signal
 * comes; then ends the commands. */
int eg_replicate_finish(struct eg_replicate *r, struct eg_error *e);

#endif
