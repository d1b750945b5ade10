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

/* Consecutive records of the input. rec[0..n) and the lines they point to stay in place until
 * eg_batch_done. Each line is followed by its newline in memory. */
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

/* The interface of a sink, which makes records safe. None of its functions may block for longer
 * than a connection attempt of a few seconds. */
struct eg_sink {
	void *self;
	size_t batch_records; /* of a full batch */
	size_t batch_bytes;   /* most bytes of the lines of a batch; a single line always fits */
	size_t flights;       /* most batches that may be pending */

	/* Whether send may be called now. */
	bool (*ready)(void *self);

	/* Starts to make b safe, or the front part that eg_batch_shorten leaves. Call
	 * eg_batch_done(b) when it is safe; that may be within send. -1 with *e ends the stage. */
	int (*send)(void *self, struct eg_batch *b, struct eg_error *e);

	/* Waits as eg_wait_fds does, for fds and for the sink's own descriptors, until due or
	 * the sink's own deadline, whichever is sooner. NULL: it has no descriptors. */
	int (*wait)(void *self, struct pollfd *fds, size_t n, int64_t due, struct eg_error *e);

	/* Reads replies, runs timers, reconnects; calls eg_batch_refuse and eg_batch_done. NULL:
	 * send does everything. */
	int (*work)(void *self, struct eg_error *e);

	/* Since when the peer is unreachable, on eg_mono_ms's clock; 0: it is reachable. */
	int64_t (*away)(void *self);

	/* The stage's own: */
	struct eg_stage *stage;
};

/* Call first in send, if at all: reduces b to its first n records (n > 0). The rest comes with
 * the next batch. */
void eg_batch_shorten(struct eg_batch *b, size_t n);

/* Refuses b->rec[i] for good: it gets no receipt. Call it before eg_batch_done. */
void eg_batch_refuse(struct eg_batch *b, size_t i, const char *reason);

/* Refuses a line that the sink made of records and that is none of the input: a message, the
 * file of --rejects, and the exit status. While eg_stage_run runs. */
void eg_stage_refuse(const struct eg_sink *sink, const char *line, size_t len, const char *reason);

/* All of b that was not refused is safe. b is gone after the call. */
void eg_batch_done(struct eg_batch *b);

/* Runs the stage from standard input to standard output until the end of input,
 * SIGTERM, a closed output or a failure; prints messages and counters (extra is the
 * program's own, or NULL), and returns the exit status. eg_stop_install is
 * called here. */
int eg_stage_run(struct eg_sink *sink, const struct eg_common *common,
    const struct eg_metric *extra);

#endif
