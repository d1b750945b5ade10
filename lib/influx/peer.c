/* SPDX-License-Identifier: MIT */
/* The state of a database over many requests: whether it is unreachable and since when, and the
 * warnings about it. */
#include "influx/peer.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/diag.h"
#include "influx/write_reply.h"

/* the only kind of failure */
enum { AWAY = 1 };

void
eg_peer_failed(struct eg_peer *p, int64_t posted_ms, const struct eg_write_reply *a,
    const char *reason)
{
	struct eg_backoff *retry = &p->log.retry;
	int64_t now = eg_mono_ms();
	char text[EG_WRITE_REPLY_REASON + 256];

	if (a->status != 0)
		p->answered_ms = now;
	/* All requests that were in flight at the time of the failure count as one failure. */
	if (retry->failures > 0 && posted_ms <= p->failed_ms) {
		if (retry->due < now + a->retry_after_ms)
			retry->due = now + a->retry_after_ms;
		return;
	}
	p->failed_ms = now;
	snprintf(text, sizeof(text), "'%s' %s", p->url, reason);
	eg_backoff_log_failed(&p->log, AWAY, now, a->retry_after_ms, text);
	/* --timeout also counts the time before the failure without an answer. */
	if (retry->failures == 1)
		retry->since = posted_ms;
}

void
eg_peer_answered(struct eg_peer *p, const struct eg_write_reply *a)
{
	char text[256];

	p->answered_ms = eg_mono_ms();
	snprintf(text, sizeof(text), "'%.200s' is back", p->url);
	eg_backoff_log_over(&p->log, p->answered_ms, text);
	if (a->victoria && !p->victoria) {
		p->victoria = true;
		eg_warn("'%s' is VictoriaMetrics: it answers before anything is on disk, also for "
		    "what it drops, and a receipt is worth no more; see eg-influx(1)", p->url);
	}
}
