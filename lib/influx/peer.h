/* SPDX-License-Identifier: MIT */
/* The state of a database over many requests: whether it is unreachable, since when, and the
 * warnings about that. */
#ifndef EG_PEER_H
#define EG_PEER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/backoff_log.h"

struct eg_write_reply;

struct eg_peer {
	const char *url; /* for messages */
	struct eg_backoff_log log;
	int64_t failed_ms;   /* time of the last failure that was counted */
	int64_t answered_ms; /* time of the last answer, 0: none yet */
	bool victoria; /* the warning about VictoriaMetrics was printed */
};

/* The answer a, to a request posted at posted_ms, asks for another try. Sets log.retry.due.
 * Warns if the answer before was of another kind. reason: as eg_write_reply_judge gives it. */
void eg_peer_failed(struct eg_peer *p, int64_t posted_ms, const struct eg_write_reply *a,
    const char *reason);

/* The answer a settles a request. Warns that the server is back if it was unreachable, and once
 * if it is VictoriaMetrics. */
void eg_peer_answered(struct eg_peer *p, const struct eg_write_reply *a);

#endif
