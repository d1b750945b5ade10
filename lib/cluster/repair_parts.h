/* SPDX-License-Identifier: MIT */
/* The state of a repair of spans, for the files of the repair only. */
#ifndef EG_REPAIR_PARTS_H
#define EG_REPAIR_PARTS_H

#include "cluster/repair.h"

/* What the nodes have in the spans, and the lines to send to each: records as new ones, records
 * with dates, deletions; and records and deletions to remove without remembering a deletion. */
struct eg_repair_work {
	struct eg_repair *r;
	struct eg_sorted_lines records[EG_NODES_MAX], deletions[EG_NODES_MAX];
	struct eg_sorted_lines put[EG_NODES_MAX], merge[EG_NODES_MAX], tombstones[EG_NODES_MAX];
	struct eg_sorted_lines evict[EG_NODES_MAX], purge[EG_NODES_MAX];
	size_t at[EG_NODES_MAX], deleted_at[EG_NODES_MAX];
};

/* What all nodes have of one key. */
struct eg_repair_key {
	const struct eg_item *record[EG_NODES_MAX], *deletion[EG_NODES_MAX];
	uint64_t holders, records, deletions; /* masks of nodes */
};

/* Decides about the key, and adds lines for each node. -1: out of memory. */
int eg_repair_decide(struct eg_repair_work *w, const struct eg_repair_key *k);

#endif
