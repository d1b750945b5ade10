/* SPDX-License-Identifier: MIT */
/* Queues that are made and bound by who uses them. Within the AMQP adapters. */
#ifndef EG_TOPOLOGY_H
#define EG_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct eg_error;
struct eg_connection;

/* Messages of the exchange whose routing key fits the pattern. */
struct eg_binding {
	const char *exchange, *pattern;
};

/* Whether there is such a queue, asked on a channel that is not in use and is closed
 * again. Waits for the answer. */
bool eg_topology_has_queue(struct eg_connection *l, uint16_t channel, const char *queue);

/* Makes the queue, durable and classic, where it is missing, and binds it. To be done
 * again on each connection, so that what somebody deleted comes back. Waits for the
 * answers; fails as eg_connection_check does. n may be 0: then nothing is done. */
int eg_topology_apply(struct eg_connection *l, const char *queue, const struct eg_binding *bindings,
    size_t n, char text[256], struct eg_error *e);

/* Whether the exchange exists, or with exchange "" the queue (NULL: nothing is asked), which
 * is declared, durable and classic, with create. Waits for the answer; fails as
 * eg_connection_check does. */
int eg_topology_target(struct eg_connection *l, const char *exchange, const char *queue,
    bool create, char text[256], struct eg_error *e);

#endif
