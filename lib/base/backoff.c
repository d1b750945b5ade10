/* SPDX-License-Identifier: MIT */
/* Exponential backoff with jitter: when to try again after a failure. */
#include "base/backoff.h"

#include <unistd.h>

#include "base/clock.h"

/* SplitMix64 (Steele, Lea, Flood 2014); good enough to spread the retries of many processes over
 * time. */
static uint64_t
next_random(struct eg_backoff *r)
{
	uint64_t z;

	if (r->random == 0)
		r->random = (uint64_t)eg_wall_ns() ^ (uint64_t)getpid() << 32;
	z = (r->random += 0x9e3779b97f4a7c15u);
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

bool
eg_backoff_failed(struct eg_backoff *r, int64_t now, int64_t at_least_ms)
{
	int64_t pause = r->base_ms;
	bool first = r->failures == 0;

	for (unsigned i = 0; i < r->failures && pause < r->max_ms; i++)
		pause *= 2;
	if (pause > r->max_ms)
		pause = r->max_ms;
	pause -= (int64_t)(next_random(r) % (uint64_t)(pause / 2 + 1));
	if (pause < at_least_ms)
		pause = at_least_ms;
	if (first)
		r->since = now;
	r->failures++;
	r->due = now + pause;
	return first;
}

int64_t
eg_backoff_ok(struct eg_backoff *r, int64_t now)
{
	int64_t away = r->failures > 0 ? now - r->since : -1;

	r->failures = 0;
	r->since = 0;
	r->due = 0;
	return away;
}
