/* SPDX-License-Identifier: MIT */
/* Publishes items to RabbitMQ in order, with publisher confirms. At most a window of items is
 * unconfirmed; these are published again after the connection is lost. */
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

/* A message to publish. Its pointers must be valid until the next call of render. */
struct eg_message_out {
	const void *body;
	size_t len;
	const char *type;                   /* content type */
	struct eg_properties kept;          /* properties of an earlier message */
	const char *key;                    /* routing key, key_len bytes */
	size_t key_len;
	const char *const (*headers)[2];    /* name and value, ends with NULLs; may be NULL */
};

struct eg_publisher_config {
	const struct eg_amqp_options *broker;
	const char *exchange; /* "": the default exchange */
	const char *queue;    /* must exist (default exchange); NULL: not checked */
	bool create;          /* declare the queue, durable, if it does not exist */
	size_t window;        /* largest number of messages without a confirm */

	/* Fills *out for an item; called each time the item is published. */
	void (*render)(void *ctx, void *item, struct eg_message_out *out);
	/* The broker has confirmed item. Called in the order of eg_publisher_send. */
	void (*confirmed)(void *ctx, void *item);
	/* eg_publisher_free drops an unconfirmed item. May be NULL. */
	void (*forgotten)(void *ctx, void *item);
	void *ctx;
};

struct eg_publisher_counts {
	uint64_t messages; /* published */
	uint64_t repeats;  /* those published again */
	const uint64_t *reconnects;
};

/* Does not connect yet. The config's pointers must be valid as long as the publisher.
 * NULL when memory is out. */
struct eg_publisher *eg_publisher_new(const struct eg_publisher_config *config,
    struct eg_error *e);

/* Closes the connection, and calls forgotten for each unconfirmed item. */
void eg_publisher_free(struct eg_publisher *p);

/* Whether eg_publisher_send would take an item now: connected, not blocked by the
 * broker, the window open, the socket writable. */
bool eg_publisher_ready(const struct eg_publisher *p);

/* Publishes item, persistent and mandatory. Call it only when ready. eg_publisher_work calls
 * confirmed later. The caller owns the item. */
void eg_publisher_send(struct eg_publisher *p, void *item);

/* Fills *fd with the connection's pollfd and lowers *due to its next deadline. wish:
 * there is something to send. Pass the polled *fd to eg_publisher_work. */
void eg_publisher_poll(struct eg_publisher *p, bool wish, struct pollfd *fd, int64_t *due);

/* Connects (may block for some seconds), reads confirms, publishes again after a loss.
 * fd NULL: nothing was polled. -1 with EG_CONFIG if the configuration is wrong: no
 * permission, no such exchange or queue, a message that no queue takes. */
int eg_publisher_work(struct eg_publisher *p, const struct pollfd *fd, struct eg_error *e);

/* Items without a confirm. */
size_t eg_publisher_pending(const struct eg_publisher *p);

/* Time since which the broker is unreachable, accepts no messages (an alarm, a full queue) or
 * has not sent a confirm, on eg_mono_ms's clock; 0: none of these. */
int64_t eg_publisher_away(const struct eg_publisher *p);

/* Counters for metrics; valid as long as the publisher. */
const struct eg_publisher_counts *eg_publisher_counts(const struct eg_publisher *p);

/* How to declare a queue, for eg_publisher_declare. */
struct eg_queue {
	const char *name;
	const char *type;     /* "classic", "quorum" or "stream" */
	bool single_active;   /* one consumer at a time, the others stand by */
	const char *exchange; /* bind the queue to it with key ("": no binding) */
	const char *exchange_type; /* declare the exchange first (NULL: it exists) */
	const char *key;
};

/* Connects, declares and binds n durable queues, and closes. The last queue is the dead-letter
 * queue of the others. Waits 2 s if a queue is new. Blocks and retries for up to timeout_ms
 * (0: no limit). -1 with EG_CONFIG (406: the queue exists with other arguments) or
 * EG_TEMPORARY. */
int eg_publisher_declare(const struct eg_amqp_options *broker, const struct eg_queue *queues, size_t n,
    int64_t timeout_ms, struct eg_error *e);

#endif
