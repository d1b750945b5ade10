/* SPDX-License-Identifier: MIT */
/* The state of a database over many requests: whether it is unreachable and since when, and the
 * warnings about it. */
#ifndef EG_PEER_H
#define EG_PEER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/backoff_log.h"

struct eg_write_reply;

struct eg_peer {
	const char *url; /* its address in messages */
	struct eg_backoff_log log;
	int64_t failed_ms;   /* time of the last failure that was counted, on eg_mono_ms's clock */
	int64_t answered_ms; /* time of the last answer; 0: none yet */
	bool victoria; /* the warning about VictoriaMetrics was printed */
};

/* Records answer a, to a request posted at posted_ms, which requires another attempt. Sets
 * log.retry.due. Warns if the previous answer was of another kind. reason: from
 * eg_write_reply_judge. */
void eg_peer_failed(struct eg_peer *p, int64_t posted_ms, const struct eg_write_reply *a,
    const char *reason);

/* Records answer a, which settles a request. Warns that the server is back if it was
 * unreachable. Warns once if the server is VictoriaMetrics. */
void eg_peer_answered(struct eg_peer *p, const struct eg_write_reply *a);

#endif
