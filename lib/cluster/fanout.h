/* SPDX-License-Identifier: MIT */
/* A batch in flight to several nodes: which nodes have settled it, and which have refused which
 * record. */
#ifndef EG_FANOUT_H
#define EG_FANOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "cluster/cluster.h"
#include "cluster/node.h"
#include "stage/stage.h"

/* Sets of nodes are bit masks by index. */
struct eg_fanout {
	struct eg_batch *batch;
	const struct eg_cluster *cluster;
	uint64_t *holders; /* the nodes that hold each record; NULL: all nodes */
	uint64_t *refused; /* the nodes that have refused each record; NULL: none so far */
	uint64_t nodes;    /* nodes that get a part of the batch */
	uint64_t settled;  /* nodes that have given all receipts */
	struct eg_replica *replica[EG_NODES_MAX];
	int64_t order;     /* the time by which stores date the records */
	int64_t sent;      /* when it was sent, on eg_mono_ms's clock */
	int64_t reached;   /* when each record had its quorum, 0: not yet */
	bool touched;      /* a receipt or refusal came since the last check */
	TAILQ_ENTRY(eg_fanout) link;
};

TAILQ_HEAD(eg_fanouts, eg_fanout);

/* Splits b into replicas, one per node, and does not queue them yet. order (0: none): see
 * eg_text. NULL: out of memory. */
struct eg_fanout *eg_fanout_new(const struct eg_cluster *c, struct eg_batch *b,
    struct eg_node *node, int64_t order);

/* Frees f, but not its replicas. */
void eg_fanout_free(struct eg_fanout *f);

/* The node refused the line at this offset of its replica. -1: out of memory. */
int eg_fanout_refuse(struct eg_fanout *f, size_t node, size_t offset);

/* Whether all records have their quorum. Refuses a record that cannot get one because too
 * many nodes have refused it. */
bool eg_fanout_check(struct eg_fanout *f);

#endif
