/* SPDX-License-Identifier: MIT */
/* The interface of a source, and its loop. A source sends records downstream, and learns for
 * each chunk whether it is safe or refused. Its counterpart is the sink in stage.h. */
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
	/* start the downstream at once, not with the first chunk, which then need not wait */
	bool start_early;
	const struct eg_metric *extra; /* counters of the source, see metrics.h */

	/* Called once at the start, when standard output is open and signals are handled. -1
	 * with *e ends the loop before it begins. */
	int (*open)(void *self, struct eg_source_loop *l, struct eg_error *e);

	/* Fills fds[0..EG_SOURCE_FDS); unused ones have fd -1, as all have at the call. Lowers
	 * *due to the latest time for the next call of work. */
	void (*poll)(void *self, struct pollfd *fds, int64_t *due);

	/* Reads what has arrived, and calls eg_source_send for it. fds is the result of poll(2);
	 * revents may be 0. -1 with *e ends the loop. */
	int (*work)(void *self, const struct pollfd *fds, struct eg_error *e);

	/* * Called after the downstream has worked: passes on what was settled. Returns as work
	 * does. */
	int (*flush)(void *self, const struct pollfd *fds, struct eg_error *e);

	/* Called with the result of each chunk, see struct eg_child_calls. dropped: the loop
	 * ends without a receipt for it. */
	struct eg_child_calls fate;

	/* Stops accepting records. Called once, when the loop begins to end. */
	void (*stop)(void *self);

	/* Whether the source has nothing of its own pending, such as dead letters or unsent
	 * answers. */
	bool (*idle)(void *self);

	/* * Whether the source will have no more records. */
	bool (*ended)(void *self, int64_t now);

	/* * The time since when its peer is unreachable; 0: reachable. For --timeout. */
	int64_t (*away)(void *self);

	/* The time to wait for receipts, in ms, before the child's input is closed. This is
	 * needed if the last record was refused: that shows only in a later receipt or in the
	 * child's exit status. */
	int64_t (*quiet_ms)(void *self);

	/* * Called when the oldest chunk has waited for ms without a receipt. Then the child is
	 * killed, and a new one gets all pending chunks. */
	void (*give_back)(void *self, int64_t ms);

	/* * The last call: the loop has ended, and each chunk was settled or dropped. */
	void (*close)(void *self, struct eg_error *e);
};

/* The loop's state. A source may use run.metrics (it counts in, out and refused), run.rejects
 * and run.error (set from a callback, it ends the loop), and read the rest. */
struct eg_source_loop {
	const struct eg_source *source;
	struct eg_loop run;
	char *const *command; /* NULL: standard output */
	struct eg_downstream down;
	int64_t sent;    /* time when a chunk was last sent or settled */
	bool ending;     /* no more records are accepted; those accepted are being settled */
	uint64_t starts; /* number of starts of the child */
};

/* Sends c with so many records downstream. The source owns it, and keeps it until its result is
 * known. c must have text, and run.metrics.in must count its records already. Call this from work
 * and flush only. */
void eg_source_send(struct eg_source_loop *l, struct eg_chunk *c, uint64_t records);

/* Runs source into command (ends with NULL; NULL: standard output) until the source's end, a
 * signal, or a failure. Prints messages and counters. Returns the exit status. Calls
 * eg_stop_install. Fills *l; the source may point to it. */
int eg_source_run(struct eg_source_loop *l, const struct eg_source *source,
    char *const *command, const struct eg_common *common);

#endif
