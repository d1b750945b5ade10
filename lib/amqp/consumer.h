/* SPDX-License-Identifier: MIT */
/* Consumes a RabbitMQ queue or stream; acknowledges a message when it is safe. */
#ifndef EG_CONSUMER_H
#define EG_CONSUMER_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "amqp/delivery.h"
#include "amqp/stream.h"

struct eg_binding;
struct eg_amqp_options;
struct eg_error;
struct eg_consumer;

struct eg_consumer_config {
	const struct eg_amqp_options *broker;
	const char *queue;
	unsigned prefetch; /* largest number of unacknowledged messages, > 0; fewer if they
	                    * would not fit into EG_ROOM_BYTES */
	uint64_t limit;    /* acknowledge no more than this many in all (0: no limit) */
	bool stream;       /* the queue is a stream: from says where to begin */
	struct eg_position at; /* the last message of the stream settled earlier, or none */
	const char *from;  /* without at: "first", "last", "next", an offset, or RFC 3339 */

	/* If there are any, the queue is declared, durable, if it does not exist, and bound. */
	const struct eg_binding *bindings;
	size_t n_bindings;

	/* Receives a message. The receiver owns d until it calls eg_consumer_settle or
	 * eg_delivery_free. If the connection is lost meanwhile, the broker delivers the
	 * message again, and settling d does nothing. Called from eg_consumer_work only. */
	void (*deliver)(void *ctx, struct eg_delivery *d);
	void *ctx;
};

/* Does not connect yet. What config points to must live as long as the consumer. NULL: out
 * of memory. */
struct eg_consumer *eg_consumer_new(const struct eg_consumer_config *config, struct eg_error *e);

/* Closes the connection and frees c. The broker requeues the messages that are not settled.
 * The receiver must own no delivery any more. */
void eg_consumer_free(struct eg_consumer *c);

/* d is safe or dead-lettered. The next eg_consumer_acknowledge acknowledges it, if all
 * deliveries before it are settled. Frees d. */
void eg_consumer_settle(struct eg_consumer *c, struct eg_delivery *d);

/* Connects if necessary (blocks for a few seconds at most), reads deliveries and sends
 * acknowledgements. fd: filled by eg_consumer_poll and polled, or NULL. After a lost
 * connection it reconnects when the receiver owns no delivery of earlier connections. So
 * during one outage of the receiver's sink, each message returns to the broker at most once.
 * -1 with EG_CONFIG when a retry cannot succeed (no such queue, no permission). */
int eg_consumer_work(struct eg_consumer *c, const struct pollfd *fd, struct eg_error *e);

/* Sends the acknowledgements that are due. Call it soon after eg_consumer_work, which reads
 * from the connection: sending to a broker that has sent nothing for long can block without
 * a limit (rabbitmq-c issues 780 and 788). */
void eg_consumer_acknowledge(struct eg_consumer *c);

/* Fills fd and lowers *due (eg_mono_ms's clock). */
void eg_consumer_poll(const struct eg_consumer *c, struct pollfd *fd, int64_t *due);

/* Cancels the subscription. Messages delivered before can still be settled. */
void eg_consumer_stop(struct eg_consumer *c);

/* Returns all messages that are not settled to the broker, with a warning that ends in why.
 * The broker delivers them again: to other consumers at once, to this one when the receiver
 * has settled or freed the old deliveries. */
void eg_consumer_give_back(struct eg_consumer *c, const char *why);

/* Asks the broker for the number of messages in the queue that no consumer holds (not for
 * streams). eg_consumer_empty is true when the answer was none, and no message has come
 * since. */
void eg_consumer_ask(struct eg_consumer *c);
bool eg_consumer_empty(const struct eg_consumer *c);

/* Whether it is known of all offsets that were left out why they were, or nobody will say. */
bool eg_consumer_explained(const struct eg_consumer *c);

/* Delivered on this connection and not settled. */
size_t eg_consumer_pending(const struct eg_consumer *c);

/* Whether no message can come before one is settled. */
bool eg_consumer_full(const struct eg_consumer *c);

/* The message of a stream up to which everything is settled. */
struct eg_position eg_consumer_position(const struct eg_consumer *c);

/* Time since which it is subscribed and, for a stream, has confirmed the position at which to
 * continue; 0: not yet. Before that time, the absence of messages does not mean that the
 * stream is at its end. */
int64_t eg_consumer_reading_since(const struct eg_consumer *c);

/* Time since which the broker is unreachable; 0: it is connected, or no connection is
 * needed. */
int64_t eg_consumer_away(const struct eg_consumer *c);

/* Counters for metrics; valid as long as the consumer. */
const uint64_t *eg_consumer_acked(const struct eg_consumer *c);
const uint64_t *eg_consumer_reconnects(const struct eg_consumer *c);
const uint64_t *eg_consumer_given_back(const struct eg_consumer *c);
const uint64_t *eg_consumer_passed_over(const struct eg_consumer *c); /* messages of a stream */

#endif
