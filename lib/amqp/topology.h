/* SPDX-License-Identifier: MIT */
/* Queues, exchanges and bindings; for files of lib/amqp. */
#ifndef EG_TOPOLOGY_H
#define EG_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct eg_error;
struct eg_connection;
struct eg_queue;

/* A binding: the queue gets the messages of the exchange whose routing key matches the pattern. */
struct eg_binding {
	const char *exchange, *pattern;
};

/* What a passive declare says about a queue. */
struct eg_topology_queue {
	uint32_t messages;  /* that no consumer holds; of a stream: undefined */
	uint32_t consumers; /* of a stream: undefined */
};

/* Whether the queue exists: 1, 0, or -1 if that is not known, such as when its node is down.
 * found: filled for 1; NULL: not asked. Opens and closes the channel, which must not be in use.
 * Blocks until the answer. */
int eg_topology_look(struct eg_connection *l, uint16_t channel, const char *queue,
    struct eg_topology_queue *found);

/* Whether the queue exists. Opens and closes the channel, which must not be in use. Blocks until
 * the answer. */
bool eg_topology_has_queue(struct eg_connection *l, uint16_t channel, const char *queue);

/* Whether eg-split changes what is behind the exchange: 1, 0, or -1 if that is not known.
 * Blocks; uses the channel EG_CHANNEL + 1. */
int eg_topology_changing(struct eg_connection *l, const char *exchange);

/* Counts the partitions of the super stream, or with stream false the queues of a split. -1 if
 * that is not known. Blocks; uses the channel EG_CHANNEL + 1. */
int eg_topology_count(struct eg_connection *l, const char *exchange, bool stream, uint32_t *n);

/* Declares the queue (durable, classic) if it does not exist, and binds it. Call it on each
 * connection, so that a deleted queue or binding is created again. Blocks until the answers;
 * fails as eg_connection_check does. Does nothing if n is 0. */
int eg_topology_apply(struct eg_connection *l, const char *queue, const struct eg_binding *bindings,
    size_t n, char text[256], struct eg_error *e);

/* Declares the exchange of q. Blocks until the answer: amqp_get_rpc_reply gives it. */
void eg_topology_declare_exchange(struct eg_connection *l, const struct eg_queue *q);

/* Binds q to its exchange, or with bind false removes that binding, if it exists. Blocks until the
 * answer; fails as eg_connection_check does. */
int eg_topology_bind(struct eg_connection *l, const struct eg_queue *q, bool bind, char text[256],
    struct eg_error *e);

/* Checks that the exchange exists or, if exchange is "", the queue (NULL: no check). With
 * create, declares the queue (durable, classic). Blocks until the answer; fails as
 * eg_connection_check does. */
int eg_topology_target(struct eg_connection *l, const char *exchange, const char *queue,
    bool create, char text[256], struct eg_error *e);

#endif
