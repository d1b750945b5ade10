/* SPDX-License-Identifier: MIT */
/* A database as seen over many requests: whether it is away, since when, and what of
 * that has been told to the user. */
#ifndef EG_PEER_H
#define EG_PEER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/backoff.h"

struct eg_write_reply;

struct eg_peer {
	const char *url; /* for messages */
	struct eg_backoff retry;
	int64_t failed_ms;   /* when the last failure that counted came */
	int64_t answered_ms; /* when the last answer came, 0: never */
	bool told_victoria;
};

/* A request that was posted then brought a, which says to try again: sets when, and
 * warns when it is the first since the peer was there. */
void eg_peer_failed(struct eg_peer *p, int64_t posted_ms, const struct eg_write_reply *a,
    const char *reason);

/* It gave an answer that settles a request: says so when it was away. */
void eg_peer_answered(struct eg_peer *p, const struct eg_write_reply *a);

#endif
