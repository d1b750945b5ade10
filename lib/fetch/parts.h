/* SPDX-License-Identifier: MIT */
/* Shared by the files of eg_fetch_run only. Each file calls those above it only: turn.c, take.c,
 * fetch.c. */
#ifndef EG_FETCH_PARTS_H
#define EG_FETCH_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/backoff_log.h"
#include "base/diag.h"
#include "base/loop.h"
#include "base/output_queue.h"
#include "fetch/fetch.h"

/* A device, and how it does. */
struct eg_fetch_peer {
	const struct eg_fetch_device *device;
	int64_t later_ms; /* its own part of the jitter */
	int64_t due;      /* of the next request, on eg_mono_ms's clock; INT64_MAX: none is due */
	unsigned redirects; /* that were followed for this answer */
	bool known;       /* its last answer was read, and version is that answer's */
	struct eg_fetch_version version;
	struct eg_backoff_log trouble;
};

struct eg_fetch_run {
	const struct eg_fetch_options *o;
	struct eg_decode *decode;
	struct eg_fetch_requests *requests;
	struct eg_fetch_peer *peers;
	size_t n, busy; /* busy: requests on their way */
	struct eg_loop loop;
	struct eg_output_queue queue;
	bool failed[EG_CONFIG + 1]; /* by status: a device failed so, with --once */
	uint64_t asked, failures, unchanged, empty, passed_over, away;
};

/* Begins a request to the peer: of url, its own or one that it redirects to. */
int eg_fetch_ask(struct eg_fetch_run *r, struct eg_fetch_peer *p, const char *url);

/* Asks all whose turn has come. */
int eg_fetch_ask_due(struct eg_fetch_run *r, int64_t now);

/* The peer's next turn on eg_mono_ms's clock, rounded up so that it is not before the beat. */
int64_t eg_fetch_next_turn(const struct eg_fetch_run *r, const struct eg_fetch_peer *p);

/* Takes the answers that have come: records go to text, what is refused to the loop's rejects. */
int eg_fetch_take(struct eg_fetch_run *r);

#endif
