/* SPDX-License-Identifier: MIT */
/* Exponential backoff with jitter: when to try again after a failure. */
#ifndef EG_BACKOFF_H
#define EG_BACKOFF_H

#include <stdbool.h>
#include <stdint.h>

/* The state for one peer. Set base_ms and max_ms, and zero the rest. */
struct eg_backoff {
	int64_t base_ms; /* the first pause, before jitter */
	int64_t max_ms;  /* the longest pause */
	unsigned failures;
	int64_t since; /* time of the first failure since the last success; 0: no failure */
	int64_t due;   /* time of the next attempt */
	uint64_t random;
};

/* Records a failure. Sets due to now plus a pause, drawn uniformly from half to the whole of
 * min(max, base * 2^failures). The pause is at least at_least_ms (the value of a Retry-After
 * header; 0: no minimum). Returns whether this is the first failure since the last
 * eg_backoff_ok, so that the caller warns once. */
bool eg_backoff_failed(struct eg_backoff *r, int64_t now, int64_t at_least_ms);

/* Records a success. Returns how long the peer was away in ms, or -1 if it had not failed. */
int64_t eg_backoff_ok(struct eg_backoff *r, int64_t now);

#endif
