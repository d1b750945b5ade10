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

/* A device and its state. */
struct eg_fetch_peer {
	const struct eg_fetch_device *device;
	int64_t later_ms; /* its fixed delay, up to jitter_ms */
	int64_t due;      /* time of the next request (eg_mono_ms); INT64_MAX: none is due */
	unsigned redirects; /* how many were followed for the current answer */
	bool known;       /* its last answer was decoded, and version belongs to it */
	struct eg_fetch_version version;
	struct eg_backoff_log trouble;
};

struct eg_fetch_run {
	const struct eg_fetch_options *o;
	struct eg_decode *decode;
	struct eg_fetch_requests *requests;
	struct eg_fetch_peer *peers;
	size_t n, busy; /* busy: number of pending requests */
	struct eg_loop loop;
	struct eg_output_queue queue;
	bool failed[EG_CONFIG + 1]; /* with once, by status: a device failed with it */
	uint64_t asked, failures, unchanged, empty, passed_over, away;
};

/* Begins a request to the peer for url: its own, or the target of its redirect. */
int eg_fetch_ask(struct eg_fetch_run *r, struct eg_fetch_peer *p, const char *url);

/* Begins a request to each peer that is due. */
int eg_fetch_ask_due(struct eg_fetch_run *r, int64_t now);

/* The time of the peer's next request (eg_mono_ms), rounded up so that it is not too early. */
int64_t eg_fetch_next_turn(const struct eg_fetch_run *r, const struct eg_fetch_peer *p);

/* Processes the answers that have arrived: records go to text, refused messages to the loop's
 * rejects. */
int eg_fetch_take(struct eg_fetch_run *r);

#endif
