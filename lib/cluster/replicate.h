/* SPDX-License-Identifier: MIT */
/* Replicates records to the nodes that hold them: a sink for lib/stage/stage. */
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
	int64_t node_timeout_ms; /* time in ms without a receipt after which a node counts as
				  * hanging */
	int64_t lag_ms;          /* time in ms to wait for the other nodes after the quorum */
};

/* Counters for the metrics; owned by the replication. */
struct eg_replicate_counts {
	uint64_t pending;  /* records that wait as hints now */
	uint64_t hinted;   /* records that have become hints so far */
	uint64_t restarts; /* number of restarts of commands */
	uint64_t away;     /* nodes that are unreachable now */
};

struct eg_replicate *eg_replicate_new(const struct eg_replicate_config *cfg, struct eg_error *e);

/* Kills the commands that still run. Records that are not yet on disk have no receipt. */
void eg_replicate_free(struct eg_replicate *r);

/* The sink. A record is done when a quorum of its nodes has given a receipt, and each other node
 * has given one or has a hint on disk. */
struct eg_sink eg_replicate_sink(struct eg_replicate *r);

const struct eg_replicate_counts *eg_replicate_counts(const struct eg_replicate *r);

/* Call after the stage has ended. Sends hints to the nodes that answer, as long as there is
 * progress and no signal comes; then ends the commands. */
int eg_replicate_finish(struct eg_replicate *r, struct eg_error *e);

#endif
