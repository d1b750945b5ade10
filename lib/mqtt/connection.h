/* SPDX-License-Identifier: MIT */
/* A connection to an MQTT broker: bytes over TCP or TLS. */
#ifndef EG_MQTT_CONNECTION_H
#define EG_MQTT_CONNECTION_H

#include <openssl/ssl.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "mqtt/packet.h"

struct eg_error;
struct eg_mqtt_options;
struct eg_mqtt_url;

struct eg_mqtt_connection {
	int fd; /* -1: closed */
	SSL *ssl; /* NULL: no TLS */
	char *in; /* received bytes; in[at..len) are not used yet */
	size_t at, len, room;
	struct eg_mqtt_out out; /* bytes to be sent */
	bool dry; /* the last read found nothing more */
};

/* Connects to u and does the TLS handshake; blocks for 5 s at most. -1: why holds the reason. If
 * another try cannot succeed (a wrong certificate), *e is set as well, with EG_CONFIG. */
int eg_mqtt_connection_open(struct eg_mqtt_connection *c, const struct eg_mqtt_url *u,
    const struct eg_mqtt_options *o, char why[256], struct eg_error *e);

/* Closes it. Bytes not sent or not used are lost; the buffers' memory is kept. */
void eg_mqtt_connection_close(struct eg_mqtt_connection *c);

/* Closes it and frees the buffers. */
void eg_mqtt_connection_free(struct eg_mqtt_connection *c);

/* Reads some bytes that have arrived into in, and sets dry. Never blocks. -1: the connection
 * is lost, and why holds the reason. */
int eg_mqtt_connection_read(struct eg_mqtt_connection *c, char why[256]);

/* Sends what the peer takes of out. Never blocks. -1 as above. */
int eg_mqtt_connection_write(struct eg_mqtt_connection *c, char why[256]);

/* Sends all of out, whose last packet is a DISCONNECT, and waits until the peer has closed the
 * connection for that, for limit_ms at most. If a socket with unread bytes is closed at once, the
 * peer may lose what was sent last; and RabbitMQ 4 reads nothing behind a packet whose answer finds
 * the end of the stream, so that end must not come before its own. */
void eg_mqtt_connection_finish(struct eg_mqtt_connection *c, int limit_ms);

/* The events to wait for; reading: more bytes are wanted. */
short eg_mqtt_connection_events(const struct eg_mqtt_connection *c, bool reading);

#endif
