/* SPDX-License-Identifier: MIT */
/* A database as seen over many requests. */
#include "influx/peer.h"

#include "base/clock.h"
#include "base/diag.h"
#include "influx/write_reply.h"

void
eg_peer_failed(struct eg_peer *p, int64_t posted_ms, const struct eg_write_reply *a,
    const char *reason)
{
	int64_t now = eg_mono_ms();

	if (a->status != 0)
		p->answered_ms = now;
	/* What was under way when the peer went away fails with it: one failure. */
	if (p->retry.failures > 0 && posted_ms <= p->failed_ms) {
		if (p->retry.due < now + a->retry_after_ms)
			p->retry.due = now + a->retry_after_ms;
		return;
	}
	p->failed_ms = now;
	if (eg_backoff_failed(&p->retry, now, a->retry_after_ms)) {
		/* --timeout counts the time without an answer, too. */
		p->retry.since = posted_ms;
		eg_warn("'%s' %s; trying until it takes the records", p->url, reason);
	} else
		eg_info("'%s' %s", p->url, reason);
}

void
eg_peer_answered(struct eg_peer *p, const struct eg_write_reply *a)
{
	int64_t now = eg_mono_ms(), away = eg_backoff_ok(&p->retry, now);

	p->answered_ms = now;
	if (away >= 0)
		eg_warn("'%s' is back after %.1f s", p->url, (double)away / 1000);
	if (a->victoria && !p->told_victoria) {
		p->told_victoria = true;
		eg_warn("'%s' is VictoriaMetrics: it answers before anything is on disk, also for "
		    "what it drops, and a receipt is worth no more; see eg-influx(1)", p->url);
	}
}
