/* SPDX-License-Identifier: MIT */
/* Exponential backoff with jitter: when to try again after a failure. */
#ifndef EG_BACKOFF_H
#define EG_BACKOFF_H

#include <stdbool.h>
#include <stdint.h>

/* The state for one peer. Set base_ms and max_ms, and zero the rest. */
struct eg_backoff {
	int64_t base_ms; /* the first pause, before jitter */
	int64_t max_ms;  /* the longest */
	unsigned failures;
	int64_t since; /* time of the first failure since the last success, 0: none */
	int64_t due;   /* time of the next try */
	uint64_t random;
};

/* After a failure: sets due to now + a pause drawn uniformly from half to the whole of min(max,
 * base * 2^failures), and at least at_least_ms (a Retry-After; 0: none). Returns whether this is
 * the first failure since eg_backoff_ok: the time to warn. */
bool eg_backoff_failed(struct eg_backoff *r, int64_t now, int64_t at_least_ms);

/* After a success. Returns how long the peer was away in ms, -1 when it was not. */
int64_t eg_backoff_ok(struct eg_backoff *r, int64_t now);

#endif
