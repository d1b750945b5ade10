/* SPDX-License-Identifier: MIT */
/* Finds how many requests should be in flight at a time, from the rate at which they are answered.
 *
 * While the number in flight is at its limit, limit = throughput * latency (Little's law). So a
 * larger limit pays only where throughput grows with it; where it does not, latency grows instead,
 * and a smaller limit is as good. The rate is measured at one limit, then at another, then at the
 * first again, so that a server that becomes slower or faster in between misleads less; the better
 * limit stays. That is the hill climbing of .NET's thread pool (Hellerstein, Morrison, Eilebrecht,
 * "Optimizing concurrency levels in the .NET ThreadPool", FeBID 2008) and of TCC (Tang et al.,
 * "Black-box performance control for high-volume non-interactive systems", USENIX 2009). A limit
 * doubles at first, as in TCP's slow start. It is halved when a request fails, and counts as tried
 * only while it is reached, as in Vector's adaptive request concurrency. Vector compares latencies
 * alone; where these scatter, that climbs beyond the best limit.
 *
 * The functions have no clock and do not block: time comes in with each answer, and without
 * answers there is nothing to do. */
#ifndef EG_CONCURRENCY_H
#define EG_CONCURRENCY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum eg_concurrency_step {
	EG_CONCURRENCY_FIXED, /* the limit never changes */
	EG_CONCURRENCY_GROW,  /* at first: doubles the limit while the rate grows */
	EG_CONCURRENCY_HOLD,  /* stays for some windows, then tries another limit */
	EG_CONCURRENCY_TRY,   /* measures at the other limit */
	EG_CONCURRENCY_BACK,  /* measures at the old limit again, then decides */
};

struct eg_concurrency {
	size_t limit; /* most requests that may be in flight now, 1 to most */
	size_t most;
	/* private: */
	enum eg_concurrency_step step;
	/* GROW: the limit before; TRY: the limit to go back to; BACK: the one that was tried. */
	size_t other;
	double rate, tried; /* records a second at the limit that holds, and at the other one */
	size_t part;        /* the next limit to try is farther by one part in so many */
	bool down;          /* the next limit to try is a smaller one */
	bool failed;        /* a request has failed since the last answer */
	unsigned wait, pause; /* HOLD: windows that are left of pause */
	/* the current window: */
	size_t skip;        /* answers to ignore before it begins */
	size_t answers;
	uint64_t records;
	int64_t begin_ns;
};

/* Starts with a limit that never changes. */
void eg_concurrency_fix(struct eg_concurrency *c, size_t limit);

/* Starts with a limit of 4, and then searches for the best one up to most (4 or more). */
void eg_concurrency_find(struct eg_concurrency *c, size_t most);

/* A request of so many records was answered: they are written. now_ns: on eg_mono_ns's clock.
 * in_flight: requests in flight just before this answer and all others that arrived with it. May
 * change the limit. */
void eg_concurrency_answered(struct eg_concurrency *c, int64_t now_ns, size_t records,
    size_t in_flight);

/* A request failed and has to be sent again: the server is overloaded or unreachable. Halves the
 * limit, once until the next answer, as the others in flight fail for the same reason. */
void eg_concurrency_failed(struct eg_concurrency *c);

/* No request is in flight: there is nothing to send. The current window begins again. */
void eg_concurrency_idle(struct eg_concurrency *c);

#endif
