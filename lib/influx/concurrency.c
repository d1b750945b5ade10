/* SPDX-License-Identifier: MIT */
/* Finds how many requests should be in flight at a time, from the rate at which they are
 * answered. */
#include "influx/concurrency.h"

#include "base/clock.h"

/* Found by trying values on the simulated servers of tests/unit/test_concurrency.c. */
enum {
	FIRST_LIMIT = 4,
	GROW_NS = 100 * EG_NS_PER_MS,   /* shortest window while the limit doubles */
	/* Shortest window later. In 100 ms the rates of VictoriaMetrics and InfluxDB scatter by more
	 * than what limits differ by: the limit then wandered. */
	WINDOW_NS = 400 * EG_NS_PER_MS,
	WINDOW_ANSWERS = 8,             /* fewest answers in it */
	PAUSE_FAILED = 4, /* windows without a trial: after a failed request */
	PAUSE_MAX = 16,   /* after many trials without a better limit, so that trials of limits that are
			   * worse by a third cost about two percent */
	PART_MIN = 2,     /* a trial is farther by half the limit at first, by an eighth in the end */
	PART_MAX = 8,
};

static const double LARGER = 1.05;  /* a larger limit has to give so much more */
static const double SMALLER = 0.98; /* a smaller one may give so much less */

/* Begins a window after `skip` answers. */
static void
begin_window(struct eg_concurrency *c, size_t skip)
{
	c->skip = skip;
	c->answers = 0;
	c->records = 0;
}

/* Changes the limit. The next answers are to requests sent under the old one. */
static void
set_limit(struct eg_concurrency *c, size_t limit)
{
	size_t skip = (limit > c->limit ? limit : c->limit) + 2;

	c->limit = limit;
	begin_window(c, skip);
}

static void
hold(struct eg_concurrency *c, unsigned pause)
{
	c->step = EG_CONCURRENCY_HOLD;
	c->pause = c->wait = pause;
}

void
eg_concurrency_fix(struct eg_concurrency *c, size_t limit)
{
	*c = (struct eg_concurrency){ .limit = limit, .most = limit, .step = EG_CONCURRENCY_FIXED };
}

void
eg_concurrency_find(struct eg_concurrency *c, size_t most)
{
	/* As if half of it had been the limit before: that one holds if this one is not reached. */
	*c = (struct eg_concurrency){ .limit = FIRST_LIMIT, .other = FIRST_LIMIT / 2, .most = most,
		.step = EG_CONCURRENCY_GROW, .skip = 1, .part = PART_MIN, .pause = 1 };
}

/* The limit to try next: half as much again or two thirds, and less far away after each pair of
 * trials without a better limit. */
static size_t
next_limit(const struct eg_concurrency *c)
{
	size_t n = c->limit, more = n + (n + c->part - 1) / c->part;

	if (c->down)
		return n > 1 ? n - (n + c->part) / (c->part + 1) : 1;
	return more < c->most ? more : c->most;
}

static void
grow(struct eg_concurrency *c, double rate)
{
	if (c->other != 0 && rate < LARGER * c->rate) {
		set_limit(c, c->other);
		hold(c, 1);
		return;
	}
	c->rate = rate;
	if (c->limit == c->most) {
		hold(c, 1);
		return;
	}
	c->other = c->limit;
	set_limit(c, 2 * c->limit < c->most ? 2 * c->limit : c->most);
}

/* Tries another limit when the pause is over. */
static void
wait_or_try(struct eg_concurrency *c, double rate)
{
	size_t next;

	c->rate = rate;
	if (--c->wait > 0)
		return;
	next = next_limit(c);
	if (next == c->limit) {
		c->down = !c->down;
		next = next_limit(c);
	}
	c->step = EG_CONCURRENCY_TRY;
	c->other = c->limit;
	set_limit(c, next);
}

/* Compares the rate of the limit that was tried with the one before and after it. */
static void
decide(struct eg_concurrency *c, double rate)
{
	double need = (c->other > c->limit ? LARGER : SMALLER) * (c->rate + rate) / 2;

	if (c->tried >= need) {
		set_limit(c, c->other);
		c->part = c->part > PART_MIN ? c->part / 2 : PART_MIN;
		hold(c, 1);
		return;
	}
	if (c->down) {
		c->part = c->part < PART_MAX ? 2 * c->part : PART_MAX;
		c->pause = c->pause < PAUSE_MAX ? 2 * c->pause : PAUSE_MAX;
	}
	c->down = !c->down;
	hold(c, c->pause);
}

static void
end_window(struct eg_concurrency *c, double rate)
{
	size_t tried = c->limit;

	begin_window(c, 0);
	switch (c->step) {
	case EG_CONCURRENCY_GROW:
		grow(c, rate);
		break;
	case EG_CONCURRENCY_HOLD:
		wait_or_try(c, rate);
		break;
	case EG_CONCURRENCY_TRY:
		c->tried = rate;
		c->step = EG_CONCURRENCY_BACK;
		set_limit(c, c->other);
		c->other = tried;
		break;
	case EG_CONCURRENCY_BACK:
		decide(c, rate);
		break;
	case EG_CONCURRENCY_FIXED:
		break;
	}
}

/* Too little is sent to reach the limit: there is nothing to learn. A limit that is being tried
 * may never be reached, so the one before it holds, and the next trial goes the other way. */
static void
not_reached(struct eg_concurrency *c)
{
	begin_window(c, 1);
	if (c->step == EG_CONCURRENCY_HOLD || c->other == 0)
		return;
	if (c->step != EG_CONCURRENCY_BACK)
		set_limit(c, c->other);
	c->down = !c->down;
	hold(c, c->pause);
}

void
eg_concurrency_answered(struct eg_concurrency *c, int64_t now_ns, size_t records, size_t in_flight)
{
	int64_t least = c->step == EG_CONCURRENCY_GROW ? GROW_NS : WINDOW_NS;
	double rate; /* only rates are compared: the unit does not matter */

	c->failed = false;
	if (c->step == EG_CONCURRENCY_FIXED)
		return;
	if (c->skip > 0) {
		if (--c->skip == 0)
			c->begin_ns = now_ns;
		return;
	}
	if (in_flight < c->limit) {
		not_reached(c);
		return;
	}
	c->answers++;
	c->records += records;
	/* Answers to requests sent together come together: a window ends behind the last of them. */
	if (c->answers % c->limit != 0 || c->answers < 2 * c->limit || c->answers < WINDOW_ANSWERS ||
	    now_ns - c->begin_ns < least)
		return;
	rate = (double)c->records / (double)(now_ns - c->begin_ns);
	c->begin_ns = now_ns;
	end_window(c, rate);
}

void
eg_concurrency_failed(struct eg_concurrency *c)
{
	if (c->step == EG_CONCURRENCY_FIXED || c->failed)
		return;
	c->failed = true;
	set_limit(c, c->limit > 1 ? c->limit / 2 : 1);
	hold(c, PAUSE_FAILED);
}

void
eg_concurrency_idle(struct eg_concurrency *c)
{
	if (c->step != EG_CONCURRENCY_FIXED && c->skip == 0)
		begin_window(c, 1);
}
