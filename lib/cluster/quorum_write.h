/* SPDX-License-Identifier: MIT */
/* A batch in flight to several nodes: which nodes have settled it, and which records each node
 * has refused. */
#ifndef EG_QUORUM_WRITE_H
#define EG_QUORUM_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "cluster/cluster.h"
#include "cluster/node.h"
#include "stage/stage.h"

/* A set of nodes is a bit mask; bit i is the node with index i. */
struct eg_quorum_write {
	struct eg_batch *batch;
	const struct eg_cluster *cluster;
	uint64_t *holders; /* per record: the nodes that must hold it; NULL: all nodes */
	uint64_t *refused; /* per record: the nodes that have refused it; NULL: no refusals so
			    * far */
	uint64_t nodes;    /* nodes that get some of the records */
	uint64_t settled;  /* nodes that have given every receipt */
	struct eg_replica *replica[EG_NODES_MAX];
	int64_t order;     /* time that stores give these records, see order.h */
	int64_t sent;      /* time of sending, on eg_mono_ms's clock */
	int64_t reached;   /* time when every record had its quorum; 0: not yet */
	bool touched;      /* a receipt or refusal came after the last check */
	TAILQ_ENTRY(eg_quorum_write) link;
};

TAILQ_HEAD(eg_quorum_writes, eg_quorum_write);

/* Makes one replica of b per node, and does not queue them yet. order: see eg_text; 0: none.
 * NULL if memory runs out. */
struct eg_quorum_write *eg_quorum_write_new(const struct eg_cluster *c, struct eg_batch *b,
    struct eg_node *node, int64_t order);

/* Frees w, but not its replicas. */
void eg_quorum_write_free(struct eg_quorum_write *w);

/* Records that the node refused the line at this offset of its replica. -1 if memory runs out. */
int eg_quorum_write_refuse(struct eg_quorum_write *w, size_t node, size_t offset);

/* Whether every record has its quorum. Refuses a record when too many nodes have refused it for
 * a quorum to be possible. */
bool eg_quorum_write_check(struct eg_quorum_write *w);

#endif
