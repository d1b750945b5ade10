/* SPDX-License-Identifier: MIT */
/* TLS for a connection to RabbitMQ: certificates, and reasons for failures. Only connection.c
 * includes this. */
#ifndef EG_CONNECTION_TLS_H
#define EG_CONNECTION_TLS_H

#include <stdbool.h>

#include "amqp/connection.h"

/* A TLS socket for l->conn, which owns it, with the authorities and the certificate of the
 * broker's options. While it connects it stores in l->verdict why the server's certificate
 * is not valid, so l must stay. NULL: the reason is in *e. */
amqp_socket_t *eg_connection_tls_socket(struct eg_connection *l, struct eg_error *e);

/* After a failure: whether the configuration is wrong (a certificate, ours or theirs, is
 * not valid; the port has no TLS), and then the reason in text. */
bool eg_connection_tls_trouble(const struct eg_connection *l, int rc, char text[256]);

#endif
