/* SPDX-License-Identifier: MIT */
/* A source sends records downstream, and is told of each whether it is safe or refused. This is
 * its interface, and the loop that runs it. Its counterpart is the sink in stage.h. */
#ifndef EG_SOURCE_H
#define EG_SOURCE_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/loop.h"
#include "stage/downstream.h"

struct eg_common;
struct eg_source_loop;

#define EG_SOURCE_FDS 4 /* most descriptors that a source may have */

/* The interface of a source. Fill it in by name. Functions whose comment begins with a star may
 * be NULL. Times are on eg_mono_ms's clock. None of the functions may block for longer than a
 * connection attempt of a few seconds. */
struct eg_source {
	void *self;
	const char *peer;     /* for messages: what the source waits for, such as "the broker" */
	int refused_status;   /* exit status when records were refused: EG_REFUSED or EG_OK */
	/* call give_back when a chunk has had no receipt for this long; 0: never */
	int64_t give_back_ms;
	const struct eg_metric *extra; /* counters of the source, see metrics.h */

	/* Gets ready. Standard output is open and signals are handled. -1 with *e ends the
	 * loop before it starts. */
	int (*open)(void *self, struct eg_source_loop *l, struct eg_error *e);

	/* Fills fds[0..EG_SOURCE_FDS), unused ones with fd -1 (all are when it is called),
	 * and lowers *due to the time of its next call at the latest. */
	void (*poll)(void *self, struct pollfd *fds, int64_t *due);

	/* Takes what has come and calls eg_source_send for it. fds are as poll(2) left them;
	 * revents may be 0. -1 with *e ends the loop. */
	int (*work)(void *self, const struct pollfd *fds, struct eg_error *e);

	/* * After the downstream has worked: passes on what was settled. As work. */
	int (*flush)(void *self, const struct pollfd *fds, struct eg_error *e);

	/* The fates of chunks, as in struct eg_child_calls. dropped: the loop ends without
	 * a receipt for it. */
	struct eg_child_calls fate;

	/* Stop accepting records. Called once, when the loop begins to end. */
	void (*stop)(void *self);

	/* Whether the source has nothing pending of its own, such as dead letters or unsent
	 * answers. */
	bool (*idle)(void *self);

	/* * Whether the source has no more records, ever. */
	bool (*ended)(void *self, int64_t now);

	/* * Since when its peer is unreachable; 0: it is reachable. For --timeout. */
	int64_t (*away)(void *self);

	/* How long to wait for receipts before the child's input is closed. The last record may
	 * have been refused, which shows only by a later receipt or by the child's exit status. */
	int64_t (*quiet_ms)(void *self);

	/* * The oldest chunk has waited for ms without a receipt. Afterwards the child is
	 * killed, and all pending chunks go to a new one. */
	void (*give_back)(void *self, int64_t ms);

	/* * The last call: the loop is over, and every chunk was settled or dropped. */
	void (*close)(void *self, struct eg_error *e);
};

/* The loop's state. A source may use run.metrics (it counts in, out and refused), run.rejects
 * and run.error (set from a callback, it ends the loop), and read the rest. */
struct eg_source_loop {
	const struct eg_source *source;
	struct eg_loop run;
	char *const *command; /* NULL: standard output */
	struct eg_downstream down;
	int64_t sent;    /* when a chunk was last sent or settled */
	bool ending;     /* no more is taken; what was taken is settled */
	uint64_t starts; /* of the child */
};

/* Sends c downstream; it stays the source's, and must stay until its fate is known. c
 * must have text. From work and flush only. */
void eg_source_send(struct eg_source_loop *l, struct eg_chunk *c);

/* Runs source into command (NULL-terminated; NULL: standard output) until its end, a
 * signal, or a failure; prints messages and counters, returns the exit status.
 * eg_stop_install is called here. *l is filled here; the source may point to it. */
int eg_source_run(struct eg_source_loop *l, const struct eg_source *source,
    char *const *command, const struct eg_common *common);

#endif
