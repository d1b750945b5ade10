/* SPDX-License-Identifier: MIT */
/* TLS for a connection to RabbitMQ: certificates, and the reasons of failures. Only connection.c
 * includes this. */
#ifndef EG_CONNECTION_TLS_H
#define EG_CONNECTION_TLS_H

#include <stdbool.h>

#include "amqp/connection.h"

/* Makes a TLS socket for l->conn, which owns it, with the certificates of the options. During
 * the handshake it stores in l->verdict why the server's certificate is invalid, so l must stay
 * valid. NULL with the reason in *e. */
amqp_socket_t *eg_connection_tls_socket(struct eg_connection *l, struct eg_error *e);

/* After a failed connection: whether the configuration is wrong (a certificate, ours or the
 * server's, is invalid, or the port does not use TLS). If so, writes the reason to text. */
bool eg_connection_tls_trouble(const struct eg_connection *l, int rc, char text[256]);

#endif
