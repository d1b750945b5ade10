/* SPDX-License-Identifier: MIT */
/* What the files of the consumer share; nobody else includes it. */
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
	uint64_t generation; /* of the connection: tags live and die with it */
	char tag[24];        /* of the consumer; one that was cancelled is not used again */
	unsigned tags_used;
	struct eg_delivery_tags tags;
	struct eg_stream stream;
	struct eg_stream_gap gap;
	uint64_t acked;             /* in all */
	uint64_t given_back;        /* likewise */
	struct eg_room room;        /* of deliveries, also of former connections */
	struct eg_delivery *coming; /* its header or body is still to come */
	/* When it was sent on this connection, and when the answer came; 0: not yet. */
	int64_t subscribing, subscribed;
	bool stopped;               /* for good */
	bool cancelled;             /* on this connection, the limit being reached */
	bool asked;                 /* how many messages are left: the answer is to come */
	int empty;                  /* answers in a row that said none */
};

/* How many messages the limit of the configuration leaves. */
uint64_t eg_consumer_left(const struct eg_consumer *c);

/* The number of messages to ask the broker for. */
uint16_t eg_consumer_prefetch(const struct eg_consumer *c);

/* Sends the subscription. The answer is AMQP_BASIC_CONSUME_OK_METHOD, or a loss. */
void eg_consumer_subscribe(struct eg_consumer *c);

/* The broker sends no more on this connection; what is under way is not taken. */
void eg_consumer_cancel(struct eg_consumer *c);

/* Hands back a message that came while the cancel was under way: others may have it at
 * once. Frees d. */
void eg_consumer_refuse(struct eg_consumer *c, struct eg_delivery *d);

/* The prefetch may be larger: another consumer takes the place of this one, on the same
 * channel. What is under way to the old one still comes, and is taken. */
void eg_consumer_subscribe_again(struct eg_consumer *c);

/* Takes what has come, until there is no room for more. -1 with *e: see
 * eg_consumer_work. Without a connection afterwards, the channel is gone. */
int eg_consumer_take(struct eg_consumer *c, struct eg_error *e);

#endif
