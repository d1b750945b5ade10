/* SPDX-License-Identifier: MIT */
/* The cluster file: which nodes there are, and how records are spread over them. */
#ifndef EG_CLUSTER_H
#define EG_CLUSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cluster/member.h"

struct eg_error;

#define EG_NODES_MAX 64 /* so that a set of nodes is a word of bits */

enum eg_strategy { EG_FULL, EG_RING };

struct eg_cluster {
	const char *path;
	enum eg_strategy strategy;
	size_t copies, quorum;
	struct eg_member node[EG_NODES_MAX];
	size_t n;
	/* The module's own: */
	char *text;
	char **words[EG_NODES_MAX];
};

/* Reads the file. -1 with *e (EG_CONFIG, the line's number in its text) when it has a
 * fault; then nothing is left to close. path is kept by reference. */
int eg_cluster_open(struct eg_cluster *c, const char *path, struct eg_error *e);
void eg_cluster_close(struct eg_cluster *c);

/* The node of that name; c->n: there is none. */
size_t eg_cluster_find(const struct eg_cluster *c, const char *name);

#endif
