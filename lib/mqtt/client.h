/* SPDX-License-Identifier: MIT */
/* A client at an MQTT broker: logs in, keeps the connection alive, and connects again after a
 * loss, to each address in turn. What a session and a publisher have in common. */
#ifndef EG_MQTT_CLIENT_H
#define EG_MQTT_CLIENT_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/backoff_log.h"
#include "mqtt/connection.h"
#include "mqtt/packet.h"

struct eg_error;
struct eg_mqtt_options;

enum eg_mqtt_state {
	EG_MQTT_AWAY,        /* not connected */
	EG_MQTT_LOGGING_IN,  /* CONNECT is sent */
	EG_MQTT_SUBSCRIBING, /* SUBSCRIBE is sent */
	EG_MQTT_READY,
};

struct eg_mqtt_client {
	const struct eg_mqtt_options *broker;
	struct eg_mqtt_connection io;
	enum eg_mqtt_state state;
	bool clean;          /* the broker keeps no session for this client */
	unsigned expected;   /* 1 << type for each packet that the broker may send */
	size_t url;          /* index of the current address */
	uint64_t number;     /* of the connection; 0: there was none */
	size_t skip;         /* bytes of a packet too large that are to be dropped */
	struct eg_backoff_log trouble;
	int64_t opened;      /* when the connection was opened */
	int64_t heard, sent; /* when a byte was last received, and a packet put */
	bool pinged;         /* PINGREQ was sent and nothing heard since */
	bool stopped;        /* a loss is not warned of, and there is no other connection */
	uint64_t reconnects; /* for metrics */
};

/* Fills *c; does not connect yet. broker must live as long as c. */
void eg_mqtt_client_init(struct eg_mqtt_client *c, const struct eg_mqtt_options *broker,
    bool clean, unsigned expected);

/* Connects, if it is time; blocks for 5 s at most. -1 with *e (EG_CONFIG) if another try cannot
 * succeed. */
int eg_mqtt_client_connect(struct eg_mqtt_client *c, struct eg_error *e);

/* Closes the connection, warns of it, and sets the time of the next try. */
void eg_mqtt_client_lost(struct eg_mqtt_client *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Handles a CONNACK. 1: the login is accepted; 0: the connection is lost; -1 with *e (EG_CONFIG):
 * the login is refused. */
int eg_mqtt_client_logged_in(struct eg_mqtt_client *c, const unsigned char *body, size_t len,
    struct eg_error *e);

/* Takes the next packet of those that were read. Of a PUBLISH longer than limit (at
 * least EG_MQTT_PUBLISH_HEAD_MAX) only its first EG_MQTT_PUBLISH_HEAD_MAX bytes are there. 1: h, body and len (bytes at body) are set, until the
 * next read; 0: none is whole, or the connection is lost since the broker sends what it may not. */
int eg_mqtt_client_packet(struct eg_mqtt_client *c, size_t limit, struct eg_mqtt_head *h,
    const char **body, size_t *len);

/* Reads what has arrived. Never blocks. False: nothing has, or the connection is lost. */
bool eg_mqtt_client_read(struct eg_mqtt_client *c);

/* Sends what was put, and PINGREQ when it is due (3.1.2.10). Never blocks. reading: what the
 * broker sends is read at present; if not, its silence means nothing. */
void eg_mqtt_client_flush(struct eg_mqtt_client *c, bool reading);

/* Fills fd and lowers *due (eg_mono_ms's clock). */
void eg_mqtt_client_poll(const struct eg_mqtt_client *c, bool reading, struct pollfd *fd,
    int64_t *due);

/* Since when the broker is unreachable; 0: it is not. */
int64_t eg_mqtt_client_away(const struct eg_mqtt_client *c);

/* Disconnects (blocks for 1 s at most) and frees. */
void eg_mqtt_client_free(struct eg_mqtt_client *c);

#endif
