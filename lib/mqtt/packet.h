/* SPDX-License-Identifier: MIT */
/* Packets of MQTT 3.1.1, as bytes. Section numbers are those of the OASIS standard of 2014. */
#ifndef EG_MQTT_PACKET_H
#define EG_MQTT_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Types of packets (2.2.1). */
enum eg_mqtt_type {
	EG_MQTT_CONNECT = 1,
	EG_MQTT_CONNACK = 2,
	EG_MQTT_PUBLISH = 3,
	EG_MQTT_PUBACK = 4,
	EG_MQTT_SUBSCRIBE = 8,
	EG_MQTT_SUBACK = 9,
	EG_MQTT_PINGREQ = 12,
	EG_MQTT_PINGRESP = 13,
	EG_MQTT_DISCONNECT = 14,
};

#define EG_MQTT_TEXT_MAX 65535 /* most bytes of a topic or of another text (1.5.3) */
/* Most bytes of a PUBLISH before its payload, without the fixed header. */
#define EG_MQTT_PUBLISH_HEAD_MAX (2 + EG_MQTT_TEXT_MAX + 2)

/* A fixed header (2.2). */
struct eg_mqtt_head {
	unsigned type, flags;
	size_t head_len; /* bytes of the header itself */
	size_t body_len; /* bytes that follow it, at most 268,435,455 */
};

/* Reads the header at p[0..len). 1: it is whole; 0: more bytes are needed; -1: it is not
 * valid. */
int eg_mqtt_head_parse(const void *p, size_t len, struct eg_mqtt_head *h);

/* The packet identifier of a PUBACK (3.4), without its fixed header; 0: it is not valid. */
uint16_t eg_mqtt_puback_parse(const void *body, size_t len);

/* A PUBLISH (3.3). */
struct eg_mqtt_publish {
	bool again;    /* DUP: it may have been sent before */
	bool retained; /* an old message, sent because of a new subscription */
	unsigned qos;  /* 0 or 1 */
	uint16_t id;   /* of QoS 1, not 0 */
	const char *topic; /* in the packet; its text is not checked */
	size_t topic_len;
	size_t at; /* where the payload begins */
};

/* Reads what comes before the payload. body[0..len): the packet without its fixed header, or
 * at least EG_MQTT_PUBLISH_HEAD_MAX bytes of it. NULL, or why it is not valid. */
const char *eg_mqtt_publish_parse(unsigned flags, const void *body, size_t len,
    struct eg_mqtt_publish *out);

/* What is wrong with the topic of a message (4.7): a wildcard, no UTF-8, ...; NULL: nothing. */
const char *eg_mqtt_topic_fault(const char *topic, size_t len);

/* What is wrong with a topic filter such as shellies/+/emeter/# (4.7.1); NULL: nothing. */
const char *eg_mqtt_filter_fault(const char *filter);

/* What is wrong with another text, such as a client identifier (1.5.3); NULL: nothing. */
const char *eg_mqtt_text_fault(const char *text, size_t len);

/* Bytes to be sent. Initialise with zeros (empty). The owner frees data. */
struct eg_mqtt_out {
	char *data;
	size_t len, room;
	bool failed; /* memory ran out: data is incomplete */
};

struct eg_mqtt_login {
	const char *client_id;
	const char *user, *password; /* NULL: none. A password needs a user (3.1.2.9). */
	uint16_t keepalive_s;
	bool clean; /* the session ends with the connection; false: it outlives it (3.1.2.4) */
};

/* Each appends a packet. SUBSCRIBE asks for QoS 1 for each filter. Texts have at most
 * EG_MQTT_TEXT_MAX bytes. */
void eg_mqtt_put_connect(struct eg_mqtt_out *o, const struct eg_mqtt_login *login);
void eg_mqtt_put_subscribe(struct eg_mqtt_out *o, uint16_t id, char *const *filters, size_t n);

/* Appends a PUBLISH of QoS 1. The topic has no wildcard. */
struct eg_mqtt_note {
	const char *topic;
	size_t topic_len; /* at most EG_MQTT_TEXT_MAX */
	const char *body;
	size_t len;       /* topic and body together: less than 256 MB */
	uint16_t id;      /* not 0 */
	bool again;       /* DUP: it was sent before */
	bool retain;      /* the broker keeps it for later subscribers */
};
void eg_mqtt_put_publish(struct eg_mqtt_out *o, const struct eg_mqtt_note *n);
void eg_mqtt_put_puback(struct eg_mqtt_out *o, uint16_t id);
void eg_mqtt_put_empty(struct eg_mqtt_out *o, enum eg_mqtt_type type); /* PINGREQ, DISCONNECT */

#endif
