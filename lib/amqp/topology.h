/* SPDX-License-Identifier: MIT */
/* Queues, exchanges and bindings; for files of lib/amqp. */
#ifndef EG_TOPOLOGY_H
#define EG_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct eg_error;
struct eg_connection;

/* A binding: the queue gets the messages of the exchange whose routing key matches the pattern. */
struct eg_binding {
	const char *exchange, *pattern;
};

/* Whether the queue exists. Opens and closes the channel, which must not be in use. Blocks until
 * the answer. */
bool eg_topology_has_queue(struct eg_connection *l, uint16_t channel, const char *queue);

/* Declares the queue (durable, classic) if it does not exist, and binds it. Call it on each
 * connection, so that a deleted queue or binding is created again. Blocks until the answers;
 * fails as eg_connection_check does. Does nothing if n is 0. */
int eg_topology_apply(struct eg_connection *l, const char *queue, const struct eg_binding *bindings,
    size_t n, char text[256], struct eg_error *e);

/* Checks that the exchange exists or, if exchange is "", the queue (NULL: no check). With
 * create, declares the queue (durable, classic). Blocks until the answer; fails as
 * eg_connection_check does. */
int eg_topology_target(struct eg_connection *l, const char *exchange, const char *queue,
    bool create, char text[256], struct eg_error *e);

#endif
