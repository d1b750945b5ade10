/* SPDX-License-Identifier: MIT */
/* A batch on its way to several nodes: who has it, who refused what of it. */
#ifndef EG_FANOUT_H
#define EG_FANOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "cluster/cluster.h"
#include "cluster/node.h"
#include "stage/stage.h"

/* Sets of nodes are words of bits. */
struct eg_fanout {
	struct eg_batch *batch;
	const struct eg_cluster *cluster;
	uint64_t *holders; /* of each record; NULL: all nodes */
	uint64_t *refused; /* of each record; NULL: none so far */
	uint64_t nodes;    /* that get something of it */
	uint64_t settled;  /* those of them that have given all receipts */
	struct eg_replica *share[EG_NODES_MAX];
	int64_t order;     /* by which stores date the records */
	int64_t sent;      /* when, on eg_mono_ms's clock */
	int64_t reached;   /* when each record had its quorum, 0: not yet */
	bool touched;      /* something has come in since the last look */
	TAILQ_ENTRY(eg_fanout) link;
};

TAILQ_HEAD(eg_fanouts, eg_fanout);

/* Splits b over nodes; the shares' nodes and numbers are set, but they are given to
 * nobody yet. order (0: none): see eg_text. NULL: out of memory. */
struct eg_fanout *eg_fanout_new(const struct eg_cluster *c, struct eg_batch *b,
    struct eg_node *node, int64_t order);

/* Frees f, but none of its shares. */
void eg_fanout_free(struct eg_fanout *f);

/* The line at this offset of node's share was refused by it. */
int eg_fanout_refuse(struct eg_fanout *f, size_t node, size_t offset);

/* Whether all records have their quorum. Those for which there cannot be one any more,
 * for refusals, are refused. */
bool eg_fanout_look(struct eg_fanout *f);

#endif
