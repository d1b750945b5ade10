/* SPDX-License-Identifier: MIT */
/* What the poll loops of all programs share: signals, the grace period, the limit of --timeout,
 * refused lines, and counters. Each stage, each source and eg-decode runs such a loop. */
#ifndef EG_LOOP_H
#define EG_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/metrics.h"
#include "base/reject_kinds.h"
#include "base/rejects.h"

struct eg_common;

struct eg_loop {
	const struct eg_common *common;
	const char *peer;    /* the peer's name for messages: "gave up waiting for PEER" */
	const char *pending; /* word for pending records in messages: "with 3 records PENDING" */
	struct eg_metrics metrics;
	struct eg_flow flow; /* set metrics.flow to it if the program gives receipts */
	struct eg_rejects rejects;
	struct eg_reject_kinds reasons; /* of the refusals, for the counters */
	struct eg_error error; /* the first error; it ends the loop */
	int64_t deadline;      /* end of the grace period on eg_mono_ms's clock; 0: not ending */
};

/* The state of a loop at one moment. Times are on eg_mono_ms's clock; 0: not waiting. */
struct eg_loop_state {
	bool settled;           /* each record that was read is out or refused */
	bool output_gone;       /* the reader of standard output has closed it */
	int64_t peer_since;     /* time since when the peer is unavailable */
	int64_t receipts_since; /* time since when records wait and no receipt has come */
};

/* Installs the signal handlers and opens the file of --rejects. common must stay valid; the
 * caller owns it. -1 with l->error. */
int eg_loop_open(struct eg_loop *l, const struct eg_common *common);

/* Starts the grace period, unless it has started already. */
void eg_loop_end(struct eg_loop *l, int64_t now);

/* Writes the counters if they are due. Starts the grace period after SIGTERM, after SIGINT, or
 * if the reader of standard output is gone. Returns whether the loop is ending; it should then
 * read no more input. */
bool eg_loop_tick(struct eg_loop *l, int64_t now, bool output_gone);

/* Checks whether the loop must end now: after a second signal, at the end of the grace period,
 * or after --timeout. Returns 0, or -1 with l->error (EG_TEMPORARY) if it must. */
int eg_loop_check(struct eg_loop *l, int64_t now, const struct eg_loop_state *s);

/* Ends the loop: sets l->error to EG_TEMPORARY with "WHY with 3 records without a receipt".
 * Returns -1. */
int eg_loop_give_up(struct eg_loop *l, const char *why);

/* The time of the next call of eg_loop_tick or eg_loop_check; INT64_MAX: after a signal only. */
int64_t eg_loop_due(const struct eg_loop *l, const struct eg_loop_state *s);

/* Closes the file of --rejects and writes the last counters. */
void eg_loop_close(struct eg_loop *l);

#endif
