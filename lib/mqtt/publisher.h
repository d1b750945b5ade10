/* SPDX-License-Identifier: MIT */
/* Publishes to an MQTT broker with QoS 1. After a loss, messages without an acknowledgement are
 * published again, in order. */
#ifndef EG_MQTT_PUBLISHER_H
#define EG_MQTT_PUBLISHER_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mqtt/client.h"

struct eg_error;
struct eg_mqtt_options;

/* Most messages without an acknowledgement: half of the packet identifiers. The other half is for
 * messages that no record waits for. */
#define EG_MQTT_WINDOW_MAX 32767

struct eg_mqtt_publisher_config {
	const struct eg_mqtt_options *broker;
	size_t window; /* messages without an acknowledgement at most, 1 to EG_MQTT_WINDOW_MAX */
	char *status;  /* a topic to subscribe to; NULL: none */

	/* Fills topic, body and retain of the message for item; texts are used at once. Called from
	 * eg_mqtt_publisher_send and eg_mqtt_publisher_work. */
	void (*render)(void *ctx, void *item, struct eg_mqtt_note *note);
	/* The broker has acknowledged item. Called in the order of eg_mqtt_publisher_send. */
	void (*confirmed)(void *ctx, void *item);
	/* There is a new connection. */
	void (*connected)(void *ctx);
	/* A message of the topic status has come. Of a long one only a part is there. */
	void (*noticed)(void *ctx, const char *body, size_t len);
	void *ctx;
};

/* Items are numbered in ascending order; number k is in item[k % window]. [head, sent) is published
 * on this connection, [sent, end) has to be published again. */
struct eg_mqtt_publisher {
	struct eg_mqtt_publisher_config cfg;
	struct eg_mqtt_client client;
	void **item;
	bool *acked;
	uint64_t head, sent, end;
	uint64_t before;  /* items with lower numbers were published on an earlier connection */
	uint64_t extras;  /* messages of eg_mqtt_publisher_extra on this connection */
	size_t unacked;   /* how many of them have no acknowledgement */
	uint64_t messages, repeats; /* counters for metrics */
};

/* Fills *p; does not connect yet. -1 with *e: out of memory. */
int eg_mqtt_publisher_open(struct eg_mqtt_publisher *p,
    const struct eg_mqtt_publisher_config *config, struct eg_error *e);

/* Disconnects (blocks for 1 s at most) and frees. */
void eg_mqtt_publisher_close(struct eg_mqtt_publisher *p);

/* Whether eg_mqtt_publisher_send may be called. */
bool eg_mqtt_publisher_ready(const struct eg_mqtt_publisher *p);

/* Publishes item, which stays the caller's, until it is confirmed. Never blocks. */
void eg_mqtt_publisher_send(struct eg_mqtt_publisher *p, void *item);

/* Publishes a message that is not repeated after a loss. If called from render, it is sent before
 * the item that is being rendered. False: too many of these messages have no acknowledgement. The
 * first call after eg_mqtt_publisher_ready returned true always succeeds. */
bool eg_mqtt_publisher_extra(struct eg_mqtt_publisher *p, struct eg_mqtt_note *note);

/* Connects if necessary (blocks for 5 s at most), handles what has arrived and publishes again
 * what was lost. -1 with *e when another try
 * cannot succeed (EG_CONFIG: the broker refuses the login). */
int eg_mqtt_publisher_work(struct eg_mqtt_publisher *p, struct eg_error *e);

/* Sends the packets that were put. Never blocks. */
void eg_mqtt_publisher_flush(struct eg_mqtt_publisher *p);

#endif
