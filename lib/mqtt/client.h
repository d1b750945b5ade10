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
	uint64_t number;     /* number of the connection; 0: there was none yet */
	size_t skip;         /* bytes still to be dropped of a packet that is too large */
	struct eg_backoff_log trouble;
	int64_t tried;       /* when the last try to connect began */
	int64_t opened;      /* when the connection was opened */
	int64_t heard, sent; /* time of the last byte received, and of the last packet sent */
	int64_t pinged;      /* when PINGREQ was sent, without a byte received since; 0: it was not */
	bool stopped;        /* a loss causes no warning and no other connection */
	int64_t begun;       /* time of eg_mqtt_client_init */
	int64_t pending;     /* since when an acknowledgement is missing; 0: none is */
	int64_t answered;    /* time of the last acknowledgement */
	uint64_t reconnects; /* for metrics */
};

/* Fills *c; does not connect yet. broker must live as long as c. */
void eg_mqtt_client_init(struct eg_mqtt_client *c, const struct eg_mqtt_options *broker,
    bool clean, unsigned expected);

/* Connects if the pause since the last try is over; blocks for 5 s at most. -1 with *e (EG_CONFIG)
 * if another try cannot succeed. */
int eg_mqtt_client_connect(struct eg_mqtt_client *c, struct eg_error *e);

/* Closes the connection, warns of it, and sets the time of the next try. */
void eg_mqtt_client_lost(struct eg_mqtt_client *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Handles a CONNACK. 1: the login is accepted; 0: the connection is lost; -1 with *e (EG_CONFIG):
 * the login is refused. */
int eg_mqtt_client_logged_in(struct eg_mqtt_client *c, const unsigned char *body, size_t len,
    struct eg_error *e);

/* Takes the next packet from the bytes that were read. Of a PUBLISH longer than limit (at least
 * EG_MQTT_PUBLISH_HEAD_MAX) only the first EG_MQTT_PUBLISH_HEAD_MAX bytes are kept. 1: h, body and
 * len (bytes at body) are set, valid until the next read. 0: no packet is complete, or the
 * connection was closed because the broker sent a packet that it may not send. */
int eg_mqtt_client_packet(struct eg_mqtt_client *c, size_t limit, struct eg_mqtt_head *h,
    const char **body, size_t *len);

/* Reads what has arrived. Never blocks. False: nothing has arrived, or the connection is lost. */
bool eg_mqtt_client_read(struct eg_mqtt_client *c);

/* Sends the packets that were put, and PINGREQ when it is due (3.1.2.10). Never blocks. reading:
 * the caller reads from the broker at present; otherwise the broker's silence is not a fault. */
void eg_mqtt_client_flush(struct eg_mqtt_client *c, bool reading);

/* Fills fd and lowers *due (eg_mono_ms's clock). */
void eg_mqtt_client_poll(const struct eg_mqtt_client *c, bool reading, struct pollfd *fd,
    int64_t *due);

/* A message was sent that the broker has to acknowledge. Brokers that answer PINGREQ, and
 * acknowledge nothing, are left for the next address. */
void eg_mqtt_client_expect(struct eg_mqtt_client *c);

/* An acknowledgement has come. more: another one is missing. */
void eg_mqtt_client_answered(struct eg_mqtt_client *c, bool more);

/* The time since which the broker is unreachable or acknowledges nothing; 0: neither. */
int64_t eg_mqtt_client_away(const struct eg_mqtt_client *c);

/* Disconnects (blocks for 1 s at most) and frees. */
void eg_mqtt_client_free(struct eg_mqtt_client *c);

#endif
