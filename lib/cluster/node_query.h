/* SPDX-License-Identifier: MIT */
/* Runs a verb on a node: appends it to the node's command, and reads the output. */
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
	size_t words; /* number of words in argv that the member owns */
	int64_t timeout_ms;
	bool running;
	const char *in; /* the input that is not written yet */
	size_t in_len;
	size_t at, have; /* bytes of buf that were returned, and that were read */
	char buf[EG_NODE_QUERY_BYTES];
};

/* Starts the verb in args (NULL-terminated) with this input; the caller keeps the input valid
 * until the end. Words are quoted if the command passes a remote shell. args[0] NULL: runs the
 * command without a verb, as a stage. timeout_ms: the longest time without output. -1 with *e
 * (EG_TEMPORARY, as for any failure of a node). */
int eg_node_query_start(struct eg_node_query *a, const struct eg_member *m,
    const char *const args[],
    const char *in, size_t in_len, int64_t timeout_ms, struct eg_error *e);

/* Reads the next line, without its newline; it is valid until the next call. Blocks. Returns 1
 * with *line; 0 when the command has ended with status 0; -1 with *e when the command could not
 * be run, hangs, or ended with another status. *status (may be NULL) is the exit status; -1: it
 * ended by a signal. */
int eg_node_query_line(struct eg_node_query *a, const char **line, size_t *len, int *status,
    struct eg_error *e);

/* Runs the command with an empty input until it ends; a store then creates its file. */
int eg_node_query_nothing(const struct eg_member *m, int64_t timeout_ms, struct eg_error *e);

/* Kills the command if it still runs. May be called at any time, also more than once. */
void eg_node_query_end(struct eg_node_query *a);

#endif
