/* SPDX-License-Identifier: MIT */
/* A session at an MQTT broker that outlives its connections: subscribes, delivers messages,
 * and acknowledges each one when it is settled. Connects again after a loss. */
#ifndef EG_MQTT_SESSION_H
#define EG_MQTT_SESSION_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mqtt/client.h"
#include "mqtt/message.h"
#include "mqtt/mqtt_options.h"

struct eg_error;

/* Most bytes of all messages in memory; a larger message is accepted alone. */
#define EG_MQTT_HELD_MAX ((size_t)40 * 1024 * 1024)

struct eg_mqtt_session_config {
	const struct eg_mqtt_options *broker;
	char *const *filters;
	size_t n_filters;   /* > 0 */
	unsigned in_flight; /* most messages that are not settled */
	size_t max_message; /* bytes; of a larger message only the topic is kept */
	bool retained;      /* take retained messages as well; otherwise they are only acknowledged */
	uint64_t limit;     /* take no more messages than this; 0: no limit */

	/* Receives a message, which stays the session's, until eg_mqtt_session_settle. Called
	 * from eg_mqtt_session_work only. */
	void (*deliver)(void *ctx, struct eg_mqtt_message *m);
	void *ctx;
};

struct eg_mqtt_session {
	const struct eg_mqtt_session_config *cfg;
	struct eg_mqtt_client client;
	uint64_t session;        /* number of the broker's session; rises when the broker lost it */
	struct eg_mqtt_message *first, *last; /* not acknowledged, in the order of arrival */
	size_t pending;          /* messages that are delivered and not settled */
	size_t held;             /* bytes of all messages */
	bool weak;               /* a warning was printed about messages of QoS 0 */
	uint64_t taken, acked, retained, again; /* counters for metrics */
};

/* Fills *s; does not connect yet. config must live as long as s. */
void eg_mqtt_session_init(struct eg_mqtt_session *s, const struct eg_mqtt_session_config *config);

/* Disconnects (blocks for 1 s at most) and frees. The broker keeps the messages that are not
 * acknowledged. */
void eg_mqtt_session_free(struct eg_mqtt_session *s);

/* Connects if necessary (blocks for 5 s at most), and takes what has arrived. fd: filled by
 * eg_mqtt_session_poll and polled. -1 with *e when another try cannot succeed (EG_CONFIG: the
 * broker refuses the login or a topic), or memory is out. */
int eg_mqtt_session_work(struct eg_mqtt_session *s, const struct pollfd *fd, struct eg_error *e);

/* m is safe or refused. */
void eg_mqtt_session_settle(struct eg_mqtt_session *s, struct eg_mqtt_message *m);

/* Acknowledges and frees the settled messages up to the first one that is not settled, since
 * PUBACKs have to be in the order of the messages (4.6.0-2). */
void eg_mqtt_session_acknowledge(struct eg_mqtt_session *s);

/* Fills fd and lowers *due (eg_mono_ms's clock). */
void eg_mqtt_session_poll(const struct eg_mqtt_session *s, struct pollfd *fd, int64_t *due);

/* Accepts no more messages. Those that still arrive stay at the broker. */
void eg_mqtt_session_stop(struct eg_mqtt_session *s);

/* Whether every acknowledgement that is due has been sent, as far as there is a connection. */
bool eg_mqtt_session_idle(const struct eg_mqtt_session *s);

/* The time since which the broker is unreachable; 0: it is reachable. */
int64_t eg_mqtt_session_away(const struct eg_mqtt_session *s);

#endif
