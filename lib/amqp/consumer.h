/* SPDX-License-Identifier: MIT */
/* Taking messages from a RabbitMQ queue or stream, acknowledged when they are safe. */
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
	unsigned prefetch; /* messages without an acknowledgement at most, > 0; fewer if they
	                    * would not fit into EG_ROOM_BYTES */
	uint64_t limit;    /* acknowledge no more than this many in all (0: no limit) */
	bool stream;       /* the queue is a stream: from says where to begin */
	struct eg_position at; /* of it, the last message that was settled before, or none */
	const char *from;  /* without at: "first", "last", "next", an offset, or RFC 3339 */

	/* If there are any, the queue is declared, durable, if it does not exist, and bound. */
	const struct eg_binding *bindings;
	size_t n_bindings;

	/* A message has come. The receiver owns d until it calls eg_consumer_settle or
	 * eg_delivery_free. If the connection is lost meanwhile, the broker delivers the
	 * message again, and settling d does nothing. Called from eg_consumer_work only. */
	void (*deliver)(void *ctx, struct eg_delivery *d);
	void *ctx;
};

/* Does not connect yet. What config points to must live as long as the consumer. NULL: out
 * of memory. */
struct eg_consumer *eg_consumer_new(const struct eg_consumer_config *config, struct eg_error *e);

/* Hands back what is not settled (the broker requeues it), closes and frees. The receiver
 * must own no delivery any more. */
void eg_consumer_free(struct eg_consumer *c);

/* d is safe or dead-lettered. The next eg_consumer_acknowledge acknowledges it, if all
 * deliveries before it are settled. Frees d. */
void eg_consumer_settle(struct eg_consumer *c, struct eg_delivery *d);

/* Connects if it is not connected (blocks for some seconds at most), takes what has come,
 * and acknowledges. fd was filled by eg_consumer_poll and polled, or is NULL. After a lost
 * connection it waits until the receiver owns no delivery of former connections: so one
 * outage of the receiver's sink returns a message to the broker once at most, however
 * often the connection is lost. -1 with EG_CONFIG when another try cannot succeed (no such
 * queue, no permission). */
int eg_consumer_work(struct eg_consumer *c, const struct pollfd *fd, struct eg_error *e);

/* Sends the acknowledgements that are due. Only soon after eg_consumer_work, which has read
 * from the connection: a send to a broker that has been silent for long could block
 * without a limit (rabbitmq-c issues 780 and 788). */
void eg_consumer_acknowledge(struct eg_consumer *c);

/* Fills fd and lowers *due (eg_mono_ms's clock). */
void eg_consumer_poll(const struct eg_consumer *c, struct pollfd *fd, int64_t *due);

/* Takes no more messages. Those that were delivered can still be settled. */
void eg_consumer_stop(struct eg_consumer *c);

/* Hands all messages that are not settled back to the broker, with a warning that ends in
 * why. The broker delivers them again: to other consumers at once, here when the receiver
 * has settled or freed the old deliveries. */
void eg_consumer_give_back(struct eg_consumer *c, const char *why);

/* Asks the broker for the number of messages in the queue that no consumer holds (not for
 * streams). eg_consumer_empty is true when the answer was none, and no message has come
 * since. */
void eg_consumer_ask(struct eg_consumer *c);
bool eg_consumer_empty(const struct eg_consumer *c);

/* Delivered on this connection and not settled. */
size_t eg_consumer_pending(const struct eg_consumer *c);

/* Whether no message can come before one is settled. */
bool eg_consumer_full(const struct eg_consumer *c);

/* The message of a stream up to which everything is settled. */
struct eg_position eg_consumer_position(const struct eg_consumer *c);

/* Since when it is subscribed, and it is known that a stream goes on where it was left;
 * 0: not yet. Only from then on does nothing coming mean that a stream has no more. */
int64_t eg_consumer_reading_since(const struct eg_consumer *c);

/* Since when the broker is away, 0: it is there, or not wanted. */
int64_t eg_consumer_away(const struct eg_consumer *c);

/* Counters for metrics; valid as long as the consumer. */
const uint64_t *eg_consumer_acked(const struct eg_consumer *c);
const uint64_t *eg_consumer_reconnects(const struct eg_consumer *c);
const uint64_t *eg_consumer_given_back(const struct eg_consumer *c);
const uint64_t *eg_consumer_passed_over(const struct eg_consumer *c); /* of a stream */

#endif
