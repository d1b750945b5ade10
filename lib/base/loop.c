/* SPDX-License-Identifier: MIT */
#include "base/loop.h"

#include <stdio.h>

#include "base/options.h"
#include "base/stop.h"

int
eg_loop_open(struct eg_loop *l, const struct eg_common *common)
{
	l->common = common;
	l->rejects = EG_REJECTS_INIT;
	if (eg_stop_install(&l->error) != 0)
		return -1;
	if (eg_rejects_open(&l->rejects, common->rejects, &l->error) != 0)
		return -1;
	l->rejects.reasons = &l->reasons;
	l->metrics.reasons = &l->reasons;
	return 0;
}

void
eg_loop_end(struct eg_loop *l, int64_t now)
{
	if (l->deadline == 0)
		l->deadline = now + l->common->grace_ms;
}

bool
eg_loop_tick(struct eg_loop *l, int64_t now, bool output_gone)
{
	eg_metrics_tick(&l->metrics, now);
	if (eg_stop_asked() > 0 || output_gone)
		eg_loop_end(l, now);
	return l->deadline != 0;
}

int
eg_loop_give_up(struct eg_loop *l, const char *why)
{
	const struct eg_metrics *m = &l->metrics;

	return eg_fail(&l->error, EG_TEMPORARY, "%s with %llu records %s", why,
	    (unsigned long long)(m->in - m->out - m->refused),
	    l->pending != NULL ? l->pending : "without a receipt");
}

/* The three waits that --timeout limits, each with its text for the message. */
enum { WAITS = 3 };

struct wait {
	int64_t since;
	const char *what;
};

static void
list_waits(const struct eg_loop *l, const struct eg_loop_state *s, struct wait w[WAITS])
{
	w[0] = (struct wait){ s->peer_since, l->peer != NULL ? l->peer : "the peer" };
	w[1] = (struct wait){ eg_rejects_away(&l->rejects), "room for refused lines" };
	w[2] = (struct wait){ s->receipts_since, "receipts" };
}

static int
check_timeout(struct eg_loop *l, int64_t now, const struct eg_loop_state *s)
{
	struct wait w[WAITS];
	char why[64];

	if (l->common->timeout_ms <= 0)
		return 0;
	list_waits(l, s, w);
	for (int i = 0; i < WAITS; i++)
		if (w[i].since != 0 && now - w[i].since >= l->common->timeout_ms) {
			(void)snprintf(why, sizeof(why), "gave up waiting for %s", w[i].what);
			return eg_loop_give_up(l, why);
		}
	return 0;
}

int
eg_loop_check(struct eg_loop *l, int64_t now, const struct eg_loop_state *s)
{
	l->metrics.peer_since = s->peer_since;
	if (eg_stop_asked() > 1 && !s->settled)
		return eg_loop_give_up(l, "ended by a second signal");
	if (l->deadline != 0 && now >= l->deadline && !s->settled)
		return eg_loop_give_up(l, s->output_gone ? "standard output is closed: ended"
		    : eg_stop_asked() > 0 ? "ended by a signal" : "the grace period is over: ended");
	return check_timeout(l, now, s);
}

int64_t
eg_loop_due(const struct eg_loop *l, const struct eg_loop_state *s)
{
	int64_t due = l->metrics.next, limit = l->common->timeout_ms;
	struct wait w[WAITS];

	list_waits(l, s, w);
	for (int i = 0; i < WAITS && limit > 0; i++)
		if (w[i].since != 0 && w[i].since + limit < due)
			due = w[i].since + limit;
	if (l->deadline != 0 && l->deadline < due)
		due = l->deadline;
	if (eg_rejects_away(&l->rejects) != 0 && l->rejects.trouble.retry.due < due)
		due = l->rejects.trouble.retry.due;
	return due;
}

void
eg_loop_close(struct eg_loop *l)
{
	eg_rejects_close(&l->rejects, &l->error);
	eg_metrics_close(&l->metrics, l->common->verbose);
}
