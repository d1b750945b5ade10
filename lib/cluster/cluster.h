/* SPDX-License-Identifier: MIT */
/* The cluster file: the nodes, and how records are distributed among them. */
#ifndef EG_CLUSTER_H
#define EG_CLUSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cluster/member.h"

struct eg_error;

#define EG_NODES_MAX 64 /* limit of nodes, since a set of nodes is a 64-bit mask */

enum eg_strategy { EG_FULL, EG_RING };

struct eg_cluster {
	const char *path;
	enum eg_strategy strategy;
	size_t copies, quorum;
	struct eg_member node[EG_NODES_MAX];
	size_t n;
	/* private to the module: */
	char *text;
	char **words[EG_NODES_MAX];
};

/* Reads the file. The string path must stay valid. -1 with *e (EG_CONFIG, with the line's
 * number) if the file is invalid; then there is nothing to close. */
int eg_cluster_open(struct eg_cluster *c, const char *path, struct eg_error *e);
void eg_cluster_close(struct eg_cluster *c);

/* The index of the node with this name; c->n if there is none. */
size_t eg_cluster_find(const struct eg_cluster *c, const char *name);

#endif
