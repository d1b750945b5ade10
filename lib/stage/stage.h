/* SPDX-License-Identifier: MIT */
/* The loop of a stage: reads records, keeps them in order, makes them safe, and gives receipts. */
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

/* Consecutive records of the input. rec[0..n) and the lines behind them stay valid until
 * eg_batch_done. In memory, each line is followed by its newline. */
struct eg_batch {
	const struct eg_record *rec;
	size_t n;
	size_t bytes; /* total length of the lines with their newlines */
	/* private to the sink: */
	void *data;
	/* private to the stage: */
	struct eg_stage *stage;
	uint64_t first;
	bool partial, refused;
	struct eg_batch *next;
};

/* The interface of a sink, which makes records safe. None of its functions may block for longer
 * than a connection attempt of a few seconds. */
struct eg_sink {
	void *self;
	size_t batch_records; /* records in a full batch */
	size_t batch_bytes;   /* most bytes of the lines of a batch; a single line always fits */
	size_t flights;       /* most batches that may be pending */
	size_t input_bytes;   /* most input that may be pending, in bytes: a power of two, 64 KiB or
			       * more; 0: 2 MiB */

	/* Whether send may be called now. */
	bool (*ready)(void *self);

	/* Begins to make b safe, or the first part of it after eg_batch_shorten. Calls
	 * eg_batch_done(b) when it is safe, perhaps before send returns. -1 with *e ends the
	 * stage. */
	int (*send)(void *self, struct eg_batch *b, struct eg_error *e);

	/* Called when no more is sent for now, before anything that waits: ends what send has begun
	 * for several batches at once. NULL: nothing. */
	void (*flush)(void *self);

	/* Waits as eg_wait_fds does, for fds and the sink's own descriptors, until due or the
	 * sink's own deadline. NULL: the sink has no descriptors. */
	int (*wait)(void *self, struct pollfd *fds, size_t n, int64_t due, struct eg_error *e);

	/* Reads replies, handles timers, reconnects; calls eg_batch_refuse and eg_batch_done.
	 * NULL: send does everything. */
	int (*work)(void *self, struct eg_error *e);

	/* The time since when the peer is unreachable, on eg_mono_ms's clock; 0: reachable. */
	int64_t (*away)(void *self);

	/* private to the stage: */
	struct eg_stage *stage;
};

/* Reduces b to its first n records (n > 0); the others come in the next batch. Call it at the
 * start of send only. */
void eg_batch_shorten(struct eg_batch *b, size_t n);

/* Refuses b->rec[i] for good, so it gets no receipt. Call it before eg_batch_done. */
void eg_batch_refuse(struct eg_batch *b, size_t i, const char *reason);

/* Refuses a line that the sink has made from records and that is not in the input: a message, a
 * line in the file of --rejects, and the exit status. Call it only while eg_stage_run runs. */
void eg_stage_refuse(const struct eg_sink *sink, const char *line, size_t len, const char *reason);

/* Marks all records of b as safe, except those that were refused. b is invalid after the call. */
void eg_batch_done(struct eg_batch *b);

/* Runs the stage from standard input to standard output until the end of input, SIGTERM, a
 * closed output or a failure. Prints messages and counters (extra: the program's own counters,
 * or NULL). Returns the exit status. Calls eg_stop_install. */
int eg_stage_run(struct eg_sink *sink, const struct eg_common *common,
    const struct eg_metric *extra);

#endif
