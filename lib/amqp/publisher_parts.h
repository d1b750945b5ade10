/* SPDX-License-Identifier: MIT */
/* The state of a publisher; only for the files of the publisher. */
#ifndef EG_PUBLISHER_PARTS_H
#define EG_PUBLISHER_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "amqp/connection.h"
#include "amqp/publisher.h"
#include "base/backoff.h"

struct eg_slot {
	void *item;
	bool confirmed;
};

/* Items are numbered; number k is in slot k % size. Numbers [head, sent) are published on this
 * connection; [sent, end) still have to be published. On this connection, delivery tag t belongs
 * to number base + t - 1, so base + tags == sent. A refused message moves sent back: then [head,
 * sent) must be settled before base is set again, and older tags are ignored. */
struct eg_publisher {
	struct eg_publisher_config cfg;
	struct eg_connection connection;
	struct eg_slot *slot;
	size_t size;
	uint64_t head, sent, end, base;
	uint64_t tags;         /* delivery tags used on this connection */
	struct eg_backoff full; /* failures > 0: the broker refuses messages */
	/* when this number is confirmed, all refused messages are */
	uint64_t full_until;
	uint64_t room;         /* limit of unconfirmed messages until then */
	int64_t moved;         /* time of the last confirm, or of the first refusal */
	int64_t blocked_since; /* time since when an alarm blocks us; 0: not blocked */
	long budget;
	unsigned returns; /* consecutive returned messages */
	bool missing;     /* the queue did not exist, so declare it */
	struct eg_publisher_counts counts;
};

#endif
