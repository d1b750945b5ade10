/* SPDX-License-Identifier: MIT */
/* Consumes a RabbitMQ queue or stream, and acknowledges each message when it is safe. */
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
	unsigned prefetch; /* largest number of unacknowledged messages, > 0; lowered if they do
			    * not fit in EG_ROOM_BYTES */
	/* The same for small messages, >= prefetch, used when they are settled fast. Not for streams,
	 * and not for a queue with a single active consumer. */
	unsigned prefetch_small;
	uint64_t limit;    /* total number of messages to acknowledge at most; 0: no limit */
	bool stream;       /* the queue is a stream, read from `from` */
	struct eg_position at; /* position at the end of an earlier run, or none */
	const char *from;  /* start without `at`: "first", "last", "next", an offset, or an RFC
			    * 3339 time */

	bool depth;        /* ask for the number of waiting messages, see eg_consumer_waiting */

	/* If there are bindings, the queue is declared (durable) if it does not exist, and
	 * bound. */
	const struct eg_binding *bindings;
	size_t n_bindings;

	/* Called for each message, from eg_consumer_work only. The receiver owns d until it
	 * calls eg_consumer_settle or eg_delivery_free. If the connection is lost before that,
	 * the broker delivers the message again, and settling d has no effect. */
	void (*deliver)(void *ctx, struct eg_delivery *d);
	void *ctx;
};

/* Makes a consumer without connecting. The pointers in config must stay valid as long as the
 * consumer. NULL if memory runs out. */
struct eg_consumer *eg_consumer_new(const struct eg_consumer_config *config, struct eg_error *e);

/* Closes the connection and frees c. The broker requeues unsettled messages. The receiver must
 * not own a delivery any more. */
void eg_consumer_free(struct eg_consumer *c);

/* Settles d: its message is safe or dead-lettered. The next eg_consumer_acknowledge acknowledges
 * it if all deliveries before it are settled, too. Frees d. */
void eg_consumer_settle(struct eg_consumer *c, struct eg_delivery *d);

/* Connects if necessary (blocks for a few seconds at most), reads deliveries, and sends
 * acknowledgements. fd: filled by eg_consumer_poll and polled, or NULL. After a loss it
 * reconnects only when the receiver owns no delivery of an earlier connection. So during an
 * outage of the receiver's sink, each message is requeued at most once. -1 with EG_CONFIG if
 * another attempt cannot succeed (no such queue, no permission). */
int eg_consumer_work(struct eg_consumer *c, const struct pollfd *fd, struct eg_error *e);

/* Sends the acknowledgements that are due. Call it soon after eg_consumer_work, which reads from
 * the connection: if a broker has sent nothing for long, sending to it can block without limit
 * (rabbitmq-c issues 780 and 788). */
void eg_consumer_acknowledge(struct eg_consumer *c);

/* Whether eg_consumer_answer has a marker to answer (amqp/marker.h). */
bool eg_consumer_marked(const struct eg_consumer *c);

/* Answers the markers before which everything is acknowledged. Save the position before that,
 * so that nothing is delivered again after the answer. */
void eg_consumer_answer(struct eg_consumer *c);

/* Fills fd and lowers *due to the next deadline (eg_mono_ms's clock). */
void eg_consumer_poll(const struct eg_consumer *c, struct pollfd *fd, int64_t *due);

/* Cancels the subscription for good, and sends the acknowledgements that are due. Deliveries that
 * have arrived can still be settled. */
void eg_consumer_stop(struct eg_consumer *c);

/* Requeues all unsettled messages, with a warning that ends with why. The broker delivers them
 * again: at once to other consumers, to this one after the receiver has settled or freed the old
 * deliveries. */
void eg_consumer_give_back(struct eg_consumer *c, const char *why);

/* Asks the broker for the number of messages in the queue that no consumer holds (not for
 * streams). Afterwards eg_consumer_empty is true if there were none and no message has come
 * since. */
void eg_consumer_count(struct eg_consumer *c);
bool eg_consumer_empty(const struct eg_consumer *c);

/* Whether it is known for each skipped offset of a stream why it was skipped. Also true when no
 * answer can be expected. */
bool eg_consumer_explained(const struct eg_consumer *c);

/* Number of deliveries of this connection that are not settled. */
size_t eg_consumer_pending(const struct eg_consumer *c);

/* Whether no message can come before another one is settled. */
bool eg_consumer_full(const struct eg_consumer *c);

/* Position in a stream up to which every message is settled; before that, of its first message. */
struct eg_position eg_consumer_position(const struct eg_consumer *c);

/* The time since when the subscription is active and, for a stream, has confirmed its starting
 * position; 0: not yet. Until then, the absence of messages does not mean that the stream is at
 * its end. */
int64_t eg_consumer_reading_since(const struct eg_consumer *c);

/* The time since when the broker is unreachable; 0: connected, or no connection is needed. */
int64_t eg_consumer_away(const struct eg_consumer *c);

/* Counters for metrics; valid as long as the consumer. */
const uint64_t *eg_consumer_acked(const struct eg_consumer *c);
const uint64_t *eg_consumer_reconnects(const struct eg_consumer *c);
const uint64_t *eg_consumer_given_back(const struct eg_consumer *c);
/* Messages that wait in the queue, without those that consumers hold, as of the last five seconds;
 * EG_METRIC_UNKNOWN: not known, as for a stream and without depth in the configuration. */
const uint64_t *eg_consumer_waiting(const struct eg_consumer *c);
const uint64_t *eg_consumer_passed_over(const struct eg_consumer *c); /* of a stream */

#endif
