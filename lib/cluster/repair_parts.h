/* SPDX-License-Identifier: MIT */
/* What the parts of a repair of spans share among themselves. */
#ifndef EG_REPAIR_PARTS_H
#define EG_REPAIR_PARTS_H

#include "cluster/repair.h"

/* What the nodes have of the spans, and what they shall get or lose. */
struct eg_repair_work {
	struct eg_repair *r;
	struct eg_sorted_lines records[EG_NODES_MAX], deletions[EG_NODES_MAX];
	struct eg_sorted_lines put[EG_NODES_MAX], merge[EG_NODES_MAX], bury[EG_NODES_MAX];
	struct eg_sorted_lines evict[EG_NODES_MAX], purge[EG_NODES_MAX];
	size_t at[EG_NODES_MAX], deleted_at[EG_NODES_MAX];
};

/* One key at all nodes. */
struct eg_repair_key {
	const struct eg_item *record[EG_NODES_MAX], *deletion[EG_NODES_MAX];
	uint64_t holders, records, deletions; /* nodes */
};

/* Decides what becomes of the key, and adds that to the lines of each node. -1: out of
 * memory. */
int eg_repair_decide(struct eg_repair_work *w, const struct eg_repair_key *k);

#endif
