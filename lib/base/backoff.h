/* SPDX-License-Identifier: MIT */
/* When to try again: pauses that grow and are jittered, and a peer's own wish. */
#ifndef EG_BACKOFF_H
#define EG_BACKOFF_H

#include <stdbool.h>
#include <stdint.h>

/* One peer. Zeroed but for base and max it is ready for use. */
struct eg_backoff {
	int64_t base_ms; /* the first pause, before jitter */
	int64_t max_ms;  /* the longest */
	unsigned failures;
	int64_t since; /* when the first failure of this row was, 0: none */
	int64_t due;   /* not before this */
	uint64_t random;
};

/* After a failure: sets due to now + a pause drawn uniformly from half to the
 * whole of min(max, base * 2^failures), and at least at_least_ms (a Retry-After;
 * 0: none). Returns true on the first failure since eg_backoff_ok: time to say so. */
bool eg_backoff_failed(struct eg_backoff *r, int64_t now, int64_t at_least_ms);

/* After a success. Returns how long the peer was away in ms, -1 when it was not. */
int64_t eg_backoff_ok(struct eg_backoff *r, int64_t now);

#endif
