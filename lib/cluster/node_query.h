/* SPDX-License-Identifier: MIT */
/* Runs a verb on a node: its command with the verb appended, and reads what it prints. */
#ifndef EG_NODE_QUERY_H
#define EG_NODE_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/process.h"

struct eg_error;
struct eg_member;

enum { EG_NODE_QUERY_BYTES = 64 * 1024 };

struct eg_node_query {
	const struct eg_member *member;
	struct eg_process process;
	char **argv;
	size_t words; /* of argv that belong to the member */
	int64_t timeout_ms;
	bool running;
	const char *in; /* the rest of the input */
	size_t in_len;
	size_t at, have; /* bytes of buf: returned, read */
	char buf[EG_NODE_QUERY_BYTES];
};

/* Starts the verb in args (NULL-terminated; quoted where the command passes a far shell)
 * with this input, which stays the caller's until the end. args[0] NULL: the command itself,
 * a stage. timeout_ms: without output. -1 with *e (EG_TEMPORARY, as for any node that fails). */
int eg_node_query_start(struct eg_node_query *a, const struct eg_member *m, const char *const args[],
    const char *in, size_t in_len, int64_t timeout_ms, struct eg_error *e);

/* The next line, without its newline, valid until the next call. Blocks. 1: *line; 0: the
 * command has ended with 0; -1 with *e: it could not be run, hangs, or ended with another
 * status (in *status unless NULL; -1: a signal). */
int eg_node_query_line(struct eg_node_query *a, const char **line, size_t *len, int *status,
    struct eg_error *e);

/* Runs the command with an empty input to its end: a store makes its file. */
int eg_node_query_nothing(const struct eg_member *m, int64_t timeout_ms, struct eg_error *e);

/* Kills the command if it still runs. May be called at any time, also twice. */
void eg_node_query_end(struct eg_node_query *a);

#endif
