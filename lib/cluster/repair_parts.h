/* SPDX-License-Identifier: MIT */
/* The state of a repair of spans; only for the files of the repair. */
#ifndef EG_REPAIR_PARTS_H
#define EG_REPAIR_PARTS_H

#include "cluster/repair.h"

/* The records of the nodes in the spans, and the lines to send to each node: new records,
 * records with their time of writing, deletions; and records and deletions to remove without a
 * tombstone. */
struct eg_repair_work {
	struct eg_repair *r;
	struct eg_sorted_lines records[EG_NODES_MAX], deletions[EG_NODES_MAX];
	struct eg_sorted_lines put[EG_NODES_MAX], merge[EG_NODES_MAX], tombstones[EG_NODES_MAX];
	struct eg_sorted_lines evict[EG_NODES_MAX], purge[EG_NODES_MAX];
	size_t at[EG_NODES_MAX], deleted_at[EG_NODES_MAX];
};

/* The records and deletions of all nodes for one key. */
struct eg_repair_key {
	const struct eg_item *record[EG_NODES_MAX], *deletion[EG_NODES_MAX];
	uint64_t holders, records, deletions; /* masks of nodes: should hold it; have a record;
					       * have a deletion */
};

/* Decides what happens to the key, and adds the lines for each node. -1 if memory runs out. */
int eg_repair_decide(struct eg_repair_work *w, const struct eg_repair_key *k);

#endif
