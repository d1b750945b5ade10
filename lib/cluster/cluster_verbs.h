/* SPDX-License-Identifier: MIT */
/* The verbs of eg-replicate. */
#ifndef EG_CLUSTER_VERBS_H
#define EG_CLUSTER_VERBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct eg_cluster;
struct eg_error;
struct eg_cluster_state;

struct eg_cluster_options {
	FILE *out; /* stream for the answers */
	uint64_t hint_limit;
	int64_t lag_ms, node_timeout_ms;
	int64_t timeout_ms; /* limit for waiting for other processes, in ms; 0: none */
	bool all, inclusive, json, majority, quorum;
};

/* Checks the verb, its number of arguments n and its options. -1 with *e (EG_USAGE) if they do
 * not fit. */
int eg_cluster_check_verb(const char *verb, int n, const struct eg_cluster_options *v,
    struct eg_error *e);

/* Runs a verb and returns the exit status. */
int eg_cluster_run_verb(const struct eg_cluster *c, const char *verb, char **arg, size_t n,
    const struct eg_cluster_options *v);

/* Verbs with a file of their own; each returns the exit status: */
int eg_cluster_status(const struct eg_cluster *c, struct eg_cluster_state *s,
    const struct eg_cluster_options *v);
int eg_cluster_read(const struct eg_cluster *c, const struct eg_cluster_state *s, const char *verb,
    char **arg, size_t n, const struct eg_cluster_options *v);
int eg_cluster_delete(const struct eg_cluster *c, struct eg_cluster_state *s, char **key,
    size_t n, const struct eg_cluster_options *v);
int eg_cluster_repair(const struct eg_cluster *c, struct eg_cluster_state *s,
    const struct eg_cluster_options *v);

#endif
