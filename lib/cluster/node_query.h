/* SPDX-License-Identifier: MIT */
/* A verb run on a node: its command with the verb behind it, and what it prints. */
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
	size_t words; /* of it that are the member's */
	int64_t timeout_ms;
	bool running;
	const char *in; /* what is left of the input */
	size_t in_len;
	size_t at, have; /* of buf: given out, read */
	char buf[EG_NODE_QUERY_BYTES];
};

/* Starts the verb (with args behind it, NULL-terminated; quoted for the far shell where
 * the command is ssh) with this input, which stays the caller's until the end.
 * timeout_ms: without a sign of life. NULL as args[0] runs the command itself, a stage. -1 with *e: EG_TEMPORARY, as of any failing node. */
int eg_node_query_start(struct eg_node_query *a, const struct eg_member *m, const char *const args[],
    const char *in, size_t in_len, int64_t timeout_ms, struct eg_error *e);

/* The next line (its newline not counted, valid until the next call). Blocks. 1: *line;
 * 0: it has printed all and ended with 0; -1 with *e: it could not be run, hangs, or
 * ended with another status (in *status unless NULL; -1: a signal). */
int eg_node_query_line(struct eg_node_query *a, const char **line, size_t *len, int *status,
    struct eg_error *e);

/* Takes the time off a line that ends in `:WHEN`, nanoseconds since the epoch: *len is then
 * that of what stands in front. False: it does not end so. */
bool eg_node_query_when(const char *line, size_t *len, int64_t *when);

/* Runs the command itself with nothing to do, to its end: a store makes its file. */
int eg_node_query_nothing(const struct eg_member *m, int64_t timeout_ms, struct eg_error *e);

/* Ends it, whatever it does. May be called at any time, also twice. */
void eg_node_query_end(struct eg_node_query *a);

#endif
