/* SPDX-License-Identifier: MIT */
/* Shared by the files of the consumer only. */
#ifndef EG_CONSUMER_PARTS_H
#define EG_CONSUMER_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "amqp/connection.h"
#include "amqp/consumer.h"
#include "amqp/delivery_tags.h"
#include "amqp/room.h"
#include "amqp/stream.h"
#include "amqp/stream_gap.h"

struct eg_consumer {
	struct eg_consumer_config cfg;
	struct eg_connection connection;
	uint64_t generation; /* number of the connection: its delivery tags are valid on it only */
	char tag[24];        /* the consumer tag; a cancelled one is not used again */
	unsigned tags_used;
	struct eg_delivery_tags tags;
	struct eg_stream stream;
	struct eg_stream_gap gap;
	uint64_t acked;             /* in all */
	uint64_t given_back;        /* likewise */
	struct eg_room room;        /* memory of deliveries, also of earlier connections */
	struct eg_delivery *coming; /* the delivery whose header or body has not arrived yet */
	/* When it was sent on this connection, and when the answer came; 0: not yet. */
	int64_t subscribing, subscribed;
	bool stopped;               /* for good */
	bool cancelled;             /* cancelled on this connection, because the limit is reached */
	bool asked;                 /* asked how many messages are left; the answer has not arrived */
	int empty;                  /* consecutive answers that no message is left */
};

/* How many messages the limit of the configuration leaves. */
uint64_t eg_consumer_left(const struct eg_consumer *c);

/* The number of messages to ask the broker for. */
uint16_t eg_consumer_prefetch(const struct eg_consumer *c);

/* Sends the subscription. The answer is AMQP_BASIC_CONSUME_OK_METHOD, or a loss. */
void eg_consumer_subscribe(struct eg_consumer *c);

/* Cancels the subscription on this connection. Messages that still arrive are not delivered. */
void eg_consumer_cancel(struct eg_consumer *c);

/* Returns a message that arrived after the cancel was sent, so that other consumers get it at
 * once. Frees d. */
void eg_consumer_refuse(struct eg_consumer *c, struct eg_delivery *d);

/* Subscribes again on the same channel, with a larger prefetch. Messages sent to the old
 * subscription still arrive, and are delivered. */
void eg_consumer_subscribe_again(struct eg_consumer *c);

/* Reads the frames that have arrived, until there is no room for more. -1 with *e: see
 * eg_consumer_work. If c has no connection afterwards, it was lost. */
int eg_consumer_take(struct eg_consumer *c, struct eg_error *e);

#endif
