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
	bool returned; /* it came back, see publisher_hold.c */
};

/* Items are numbered; number k is in slot k % size. Numbers [head, sent) are published on this
 * connection; [sent, end) still have to be published. On this connection, delivery tag t belongs
 * to number base + t - 1, so base + tags == sent. A refused message moves sent back: then [head,
 * sent) must be settled before base is set again, and older tags are ignored. */
struct eg_publisher_hold {
	int64_t since; /* time since when messages are held; 0: they are not */
	int64_t due;   /* time of the next look whether the change is over */
	bool seen;     /* the change was seen */
	bool came;     /* a message came back: its properties follow */
	/* Messages came back but no change was seen. If number `first` comes back again, no queue
	 * takes it. */
	bool doubt;
	uint64_t first;
	char why[320]; /* about the message that came back */
};

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
	struct eg_publisher_hold hold;
	bool missing;     /* the queue did not exist, so declare it */
	struct eg_publisher_counts counts;
};

/* For publisher.c, defined in publisher_hold.c. */

/* Holds messages from now on. */
void eg_publisher_hold(struct eg_publisher *p);

/* Notes that a message came back. Its content follows. */
void eg_publisher_take_return(struct eg_publisher *p, const char *why);

/* Takes a header frame; after eg_publisher_take_return it tells which message came back. -1 with
 * EG_CONFIG if no queue takes it. */
int eg_publisher_take_header(struct eg_publisher *p, const amqp_frame_t *f, struct eg_error *e);

/* Ends the hold when the change is over. */
int eg_publisher_hold_work(struct eg_publisher *p, struct eg_error *e);

/* The property message-id of number k: by it a message that comes back is known. */
#define EG_MESSAGE_ID_SIZE 24
void eg_publisher_id(uint64_t k, char out[EG_MESSAGE_ID_SIZE]);

#endif
