/* SPDX-License-Identifier: MIT */
/* The destination of a source's records: a child process that gives receipts, or standard
 * output. */
#ifndef EG_DOWNSTREAM_H
#define EG_DOWNSTREAM_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/output.h"
#include "base/slice.h"
#include "stage/child.h"

#define EG_DOWNSTREAM_FDS EG_CHILD_FDS

struct eg_error;

/* All zero: may be passed to eg_downstream_free. */
struct eg_downstream {
	struct eg_child *child; /* NULL: standard output; records count as safe when they are written */
	struct eg_output output;
	struct eg_chunk *first, *last;
	int64_t moved;
	struct eg_child_calls calls;
	void *ctx;
};

/* Prepares the downstream. command NULL: standard output. calls: as for a child. */
int eg_downstream_open(struct eg_downstream *d, char *const *command,
    const struct eg_child_calls *calls, void *ctx, struct eg_error *e);

/* Starts a child before there is anything to send (see eg_child_start). */
int eg_downstream_start(struct eg_downstream *d, struct eg_error *e);

/* As the functions of eg_child with the same names. */
void eg_downstream_send(struct eg_downstream *d, struct eg_chunk *u);
void eg_downstream_poll(struct eg_downstream *d, struct pollfd fds[EG_DOWNSTREAM_FDS],
    int64_t *due);
int eg_downstream_work(struct eg_downstream *d, struct pollfd fds[EG_DOWNSTREAM_FDS],
    struct eg_error *e);
void eg_downstream_close(struct eg_downstream *d);
void eg_downstream_again(struct eg_downstream *d, int64_t grace_ms);
bool eg_downstream_idle(const struct eg_downstream *d);
bool eg_downstream_running(const struct eg_downstream *d);
int64_t eg_downstream_oldest(const struct eg_downstream *d);
struct eg_slice eg_downstream_oldest_text(const struct eg_downstream *d);
int64_t eg_downstream_moved(const struct eg_downstream *d);
uint64_t eg_downstream_starts(const struct eg_downstream *d);

/* Drops every chunk and ends the child. */
void eg_downstream_free(struct eg_downstream *d);

#endif
