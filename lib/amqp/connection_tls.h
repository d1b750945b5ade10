/* SPDX-License-Identifier: MIT */
/* TLS for a connection to RabbitMQ: whom to trust, and what went wrong. Only connection.c
 * includes this. */
#ifndef EG_CONNECTION_TLS_H
#define EG_CONNECTION_TLS_H

#include <stdbool.h>

#include "amqp/connection.h"

/* A TLS socket for l->conn, which owns it: trusts and shows what the broker's options
 * say. While it connects it stores in l->verdict why the server's certificate is not
 * good, so l must stay. NULL: *e says why. */
amqp_socket_t *eg_connection_tls_socket(struct eg_connection *l, struct eg_error *e);

/* After a failure: whether it is one that only somebody can mend (a certificate that
 * is not good, here or there; no TLS at that port), and then its reason in text. */
bool eg_connection_tls_trouble(const struct eg_connection *l, int rc, char text[256]);

#endif
