/* SPDX-License-Identifier: MIT */
/* What the poll loops of all programs share: the end on a signal, its grace period, the limit of
 * --timeout, refused lines, counters. A stage, a source and eg-decode each run such a loop. */
#ifndef EG_LOOP_H
#define EG_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/metrics.h"
#include "base/rejects.h"

struct eg_common;

struct eg_loop {
	const struct eg_common *common;
	const char *peer;    /* for messages: "gave up waiting for PEER" */
	const char *pending; /* for messages: "with 3 records PENDING" */
	struct eg_metrics metrics;
	struct eg_rejects rejects;
	struct eg_error error; /* the first error; it ends the loop */
	int64_t deadline;      /* end of the grace period on eg_mono_ms's clock; 0: not ending */
};

/* What a loop knows at this moment. Times are on eg_mono_ms's clock; 0: not waiting. */
struct eg_loop_state {
	bool settled;           /* every record that came in is out or refused */
	bool output_gone;       /* the reader of standard output has closed it */
	int64_t peer_since;     /* since when the peer is unavailable */
	int64_t receipts_since; /* since when no pending record has had a receipt */
};

/* Installs the signal handlers and opens the file of --rejects. common stays the caller's. -1
 * with l->error. */
int eg_loop_open(struct eg_loop *l, const struct eg_common *common);

/* Starts the grace period, unless it has started already. */
void eg_loop_end(struct eg_loop *l, int64_t now);

/* Writes due counters, and starts the grace period after SIGTERM, SIGINT, or the loss of
 * standard output. Returns whether the loop is ending: it should read no more input. */
bool eg_loop_tick(struct eg_loop *l, int64_t now, bool output_gone);

/* Fails when the loop has to end now: a second signal, the end of the grace period, or
 * --timeout. Returns 0, or -1 with l->error (EG_TEMPORARY). */
int eg_loop_check(struct eg_loop *l, int64_t now, const struct eg_loop_state *s);

/* Ends the loop with EG_TEMPORARY: "WHY with 3 records without a receipt". Returns -1. */
int eg_loop_give_up(struct eg_loop *l, const char *why);

/* When eg_loop_tick or eg_loop_check has to be called next; INT64_MAX: only after a signal. */
int64_t eg_loop_due(const struct eg_loop *l, const struct eg_loop_state *s);

/* Closes the file of --rejects and writes the last counters. */
void eg_loop_close(struct eg_loop *l);

#endif
