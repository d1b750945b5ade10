/* SPDX-License-Identifier: MIT */
/* A database over many requests: whether it is away, since when, and the warnings about
 * that. */
#ifndef EG_PEER_H
#define EG_PEER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/backoff_log.h"

struct eg_write_reply;

struct eg_peer {
	const char *url; /* for messages */
	struct eg_backoff_log log;
	int64_t failed_ms;   /* when the last failure that counted came */
	int64_t answered_ms; /* when the last answer came, 0: never */
	bool victoria; /* was warned of */
};

/* The answer a to a request of that time asks for another try: sets log.retry.due, and warns
 * of the first such answer after others. reason: as eg_write_reply_judge gives it. */
void eg_peer_failed(struct eg_peer *p, int64_t posted_ms, const struct eg_write_reply *a,
    const char *reason);

/* The answer a settles a request: warns that the server is back when it was away, and once
 * when it is VictoriaMetrics. */
void eg_peer_answered(struct eg_peer *p, const struct eg_write_reply *a);

#endif
