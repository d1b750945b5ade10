/* SPDX-License-Identifier: MIT */
/* A stage's loop: read records, keep them in order, make them safe, give receipts. */
#ifndef EG_STAGE_H
#define EG_STAGE_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/record.h"

struct eg_common;
struct eg_error;
struct eg_metric;
struct eg_stage;

/* A run of records on its way, in the order of the input. rec[0..n) stays where it
 * is, as do the lines it points to (each is followed by its newline in memory),
 * until the batch is done. */
struct eg_batch {
	const struct eg_record *rec;
	size_t n;
	size_t bytes; /* of the lines, newlines counted */
	/* The sink's own: */
	void *data;
	/* The stage's own: */
	struct eg_stage *stage;
	uint64_t first;
	bool partial;
	struct eg_batch *next;
};

/* What makes records safe: an adapter fills one in. None of its functions may
 * block beyond a connection attempt of a few seconds. */
struct eg_sink {
	void *self;
	size_t batch_records; /* of a full batch */
	size_t batch_bytes;   /* lines of a batch are no longer than this (one always fits) */
	size_t flights;       /* batches on their way at most */

	/* Whether send would take a batch now. */
	bool (*ready)(void *self);

	/* Starts to make b safe, or after eg_batch_shorten a front part of it. Later, or
	 * already within the call, eg_batch_done(b) ends it. -1 with *e when the stage
	 * has to end. */
	int (*send)(void *self, struct eg_batch *b, struct eg_error *e);

	/* Waits as eg_wait_fds does, for fds and for the sink's own descriptors, until due or
	 * the sink's own deadline, whichever is sooner. NULL: it has no descriptors. */
	int (*wait)(void *self, struct pollfd *fds, size_t n, int64_t due, struct eg_error *e);

	/* Takes what has come in, drives timers and reconnects; calls eg_batch_refuse
	 * and eg_batch_done. NULL: everything happens in send. */
	int (*work)(void *self, struct eg_error *e);

	/* Since when the peer is away, on eg_mono_ms's clock; 0: it is there. */
	int64_t (*away)(void *self);
};

/* Within send, before anything else: takes only the first n records (n > 0), which
 * then count as a full batch; the rest comes with the next. */
void eg_batch_shorten(struct eg_batch *b, size_t n);

/* Refuses b->rec[i] for good, for this reason; it gets no receipt. Before done. */
void eg_batch_refuse(struct eg_batch *b, size_t i, const char *reason);

/* All of b that was not refused is safe. b is gone after the call. */
void eg_batch_done(struct eg_batch *b);

/* Runs the stage from standard input to standard output until the end of input,
 * SIGTERM, a closed output or a failure; prints messages and counters (extra is the
 * program's own, or NULL), and returns the exit status. eg_stop_install is
 * called here. */
int eg_stage_run(struct eg_sink *sink, const struct eg_common *common,
    const struct eg_metric *extra);

#endif
