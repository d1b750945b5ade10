/* SPDX-License-Identifier: MIT */
/* Publishes items to RabbitMQ in order, with publisher confirms. Up to `window` items are
 * unconfirmed at a time; they are published again if the connection is lost. */
#ifndef EG_PUBLISHER_H
#define EG_PUBLISHER_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "amqp/properties.h"

struct eg_amqp_options;
struct eg_error;
struct eg_publisher;

/* A message to publish. Its pointers must stay valid until the next call of render. */
struct eg_message_out {
	const void *body;
	size_t len;
	const char *type;                   /* content type */
	struct eg_properties kept;          /* properties taken over from an earlier message */
	const char *key;                    /* routing key of key_len bytes */
	size_t key_len;
	const char *const (*headers)[2];    /* pairs of name and value, ended by NULLs; may be
					     * NULL */
};

struct eg_publisher_config {
	const struct eg_amqp_options *broker;
	const char *exchange; /* "": the default exchange */
	const char *queue;    /* queue that must exist (default exchange); NULL: not checked */
	bool create;          /* declare the queue (durable) if it does not exist */
	size_t window;        /* largest number of unconfirmed messages */

	/* Fills *out for an item. Called each time the item is published. */
	void (*render)(void *ctx, void *item, struct eg_message_out *out);
	/* Called when the broker has confirmed item, in the order of eg_publisher_send. */
	void (*confirmed)(void *ctx, void *item);
	/* Set it if the queues behind the exchange are those of a split (amqp/split.h); else NULL.
	 * While eg-split changes them, messages come back from the broker. The publisher then
	 * sends none, until those on their way are answered and the change is over. It gives
	 * up the items that came back, in order, each by a call of `again`; the caller sends them
	 * before any other. */
	void (*again)(void *ctx, void *item);
	/* For a super stream, set it together with `again`: called with the number of its
	 * partitions (0: none has a name as eg-split gives) when connected and after each change,
	 * before ready. -1 with *e ends the publisher. */
	int (*partitions)(void *ctx, uint32_t n, struct eg_error *e);
	/* Called when eg_publisher_free drops an unconfirmed item. May be NULL. */
	void (*forgotten)(void *ctx, void *item);
	void *ctx;
};

struct eg_publisher_counts {
	uint64_t messages; /* messages published, with repeats */
	uint64_t repeats;  /* messages published again */
	const uint64_t *reconnects;
};

/* Makes a publisher without connecting. The pointers in the config must stay valid as long as
 * the publisher. NULL if memory runs out. */
struct eg_publisher *eg_publisher_new(const struct eg_publisher_config *config,
    struct eg_error *e);

/* Closes the connection. Calls forgotten for each unconfirmed item. */
void eg_publisher_free(struct eg_publisher *p);

/* Whether eg_publisher_send may be called now: connected, not blocked by the broker, fewer than
 * `window` items unconfirmed, and the socket writable. */
bool eg_publisher_ready(const struct eg_publisher *p);

/* Publishes item as a persistent, mandatory message; eg_publisher_work later calls confirmed.
 * Call it only when ready. The caller owns the item. */
void eg_publisher_send(struct eg_publisher *p, void *item);

/* Call it after one or more eg_publisher_send, before anything that may wait: until then, the
 * kernel collects small messages in full segments (eg_connection_cork). */
void eg_publisher_flush(struct eg_publisher *p);

/* Fills *fd for poll(2), and lowers *due to the next deadline. wish: there is something to send.
 * Pass the polled *fd to eg_publisher_work. */
void eg_publisher_poll(struct eg_publisher *p, bool wish, struct pollfd *fd, int64_t *due);

/* Connects (may block for some seconds), reads confirms, and publishes again after a loss. fd
 * NULL: nothing was polled. -1 with EG_CONFIG if the configuration is wrong: no permission, no
 * such exchange or queue, or a message that no queue takes. */
int eg_publisher_work(struct eg_publisher *p, const struct pollfd *fd, struct eg_error *e);

/* Number of unconfirmed items. */
size_t eg_publisher_pending(const struct eg_publisher *p);

/* The time since when the broker is unreachable, accepts no messages (an alarm, a full queue) or
 * sends no confirm, on eg_mono_ms's clock; 0: none of these. */
int64_t eg_publisher_away(const struct eg_publisher *p);

/* Counters for metrics; valid as long as the publisher. */
const struct eg_publisher_counts *eg_publisher_counts(const struct eg_publisher *p);

/* A queue to declare with eg_publisher_declare. */
struct eg_queue {
	const char *name;
	const char *type;     /* "classic", "quorum" or "stream" */
	bool single_active;   /* one active consumer at a time; the others stand by. A quorum queue
			       * then has no delivery limit. */
	bool unlimited;       /* quorum: it has no delivery limit, either */
	const char *exchange; /* exchange to bind the queue to, with key ("": no binding) */
	const char *exchange_type; /* type of the exchange to declare first (NULL: it exists) */
	const char *key;
	const char *dead;     /* quorum: its dead-letter queue; NULL: none */
};

/* The exchange_type of a super stream: the exchange is declared as RabbitMQ's stream plugin does
 * it, and the queue is bound as its partition of the number key, 0 or more in decimal. */
#define EG_SUPER_STREAM "super-stream"

/* Connects, declares and binds n durable queues, and closes the connection. Waits 2 s if a queue
 * is new. Blocks, and tries again for up to timeout_ms (0: no limit). -1 with EG_CONFIG (406:
 * the queue exists with other arguments) or EG_TEMPORARY. */
int eg_publisher_declare(const struct eg_amqp_options *broker, const struct eg_queue *queues,
    size_t n, int64_t timeout_ms, struct eg_error *e);

#endif
