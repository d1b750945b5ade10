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

	/* With any of them the queue is declared, durable, where it is missing, and bound. */
	const struct eg_binding *bindings;
	size_t n_bindings;

	/* A message has come; d is the receiver's, who gives it back by eg_consumer_settle
	 * or eg_delivery_free, also when its connection is lost: the broker delivers it
	 * again then, and settling it does nothing. From eg_consumer_work only. */
	void (*deliver)(void *ctx, struct eg_delivery *d);
	void *ctx;
};

/* Does not connect yet. The config's pointers must stay. NULL: out of memory. */
struct eg_consumer *eg_consumer_new(const struct eg_consumer_config *config, struct eg_error *e);

/* Hands back what is not settled (requeued by the broker), closes and frees. All
 * deliveries must have been given back before. */
void eg_consumer_free(struct eg_consumer *c);

/* d is safe (or dead-lettered): the next eg_consumer_acknowledge acknowledges it, if
 * all that came before it are settled as well. Frees d. */
void eg_consumer_settle(struct eg_consumer *c, struct eg_delivery *d);

/* Connects when it has to (some seconds at most), takes what has come, acknowledges.
 * fd as filled by eg_consumer_poll and polled, or NULL. After a loss it waits until
 * the receiver has given back all deliveries of former connections: one outage of
 * the receiver's sink is one return to the broker at most, however often the
 * connection is lost. -1 with EG_CONFIG when trying on has no sense (no such
 * queue, no permission). */
int eg_consumer_work(struct eg_consumer *c, const struct pollfd *fd, struct eg_error *e);

/* Sends what is to be acknowledged. Soon after an eg_consumer_work only, which has
 * read: a send that finds the broker silent for long could wait for ever (rabbitmq-c
 * issues 780 and 788). */
void eg_consumer_acknowledge(struct eg_consumer *c);

/* Fills fd and lowers *due (eg_mono_ms's clock). */
void eg_consumer_poll(const struct eg_consumer *c, struct pollfd *fd, int64_t *due);

/* Takes no more: cancels; what was delivered can still be settled. */
void eg_consumer_stop(struct eg_consumer *c);

/* Hands everything unsettled back to the broker, for deliveries that have waited too
 * long. The broker delivers it again: to others at once, here when the receiver has
 * given the old deliveries back. */
void eg_consumer_give_back(struct eg_consumer *c, const char *why);

/* Asks the broker whether the queue has a message left that nobody was given (not for
 * streams). eg_consumer_empty is true when it has since said that there is none, and
 * nothing has come. */
void eg_consumer_ask(struct eg_consumer *c);
bool eg_consumer_empty(const struct eg_consumer *c);

/* Delivered on this connection and not settled. */
size_t eg_consumer_pending(const struct eg_consumer *c);

/* Whether nothing more can come before something is settled. */
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
