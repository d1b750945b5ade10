/* SPDX-License-Identifier: MIT */
/* A message of an MQTT broker: the records in it, and those that are refused. */
#ifndef EG_MQTT_MESSAGE_H
#define EG_MQTT_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decode/decode.h"
#include "mqtt/packet.h"
#include "stage/child.h"

struct eg_error;
struct eg_rejects;

/* chunk goes downstream. Its text is empty (len 0) if no record is left. */
struct eg_mqtt_message {
	struct eg_chunk chunk; /* first: a chunk is cast to its message */
	const char *topic;     /* NUL-terminated, too */
	size_t topic_len;
	const char *body;
	size_t len;       /* bytes of body */
	size_t whole;     /* length of the body as sent; > len: it is too large */
	bool again;       /* DUP: it may have been delivered before */
	bool retained;
	uint64_t records; /* records in the message, refused ones included */
	uint64_t refused;
	struct eg_decode_counter counter; /* if decoded, and with records */
	size_t size;      /* approximate bytes of memory in use */
	/* Private to the session: */
	struct eg_mqtt_message *next;
	unsigned qos;
	uint16_t id;
	bool settled;
	uint64_t connection; /* the number of the connection that its acknowledgement belongs to */
	uint64_t session;    /* the number of the broker's session */
	/* Private to the message: */
	char *data; /* topic and body */
	char *text; /* the chunk's */
};

/* Copies topic and body (len bytes, of whole ones). NULL: out of memory. */
struct eg_mqtt_message *eg_mqtt_message_new(const struct eg_mqtt_publish *p, const char *body,
    size_t len, size_t whole);

/* Finds the records: those that decode finds in the message, or without decode (NULL) JSON objects
 * or lines as eg-publish sends them. The last line needs no newline, since a message has a length.
 * An empty message holds no record: MQTT uses it to delete a retained message. A message that is
 * gzip, by its first bytes, is read unpacked, and refused if it then has more than max bytes, or is
 * damaged. Refused records are
 * added to r, with the topic in the reason. -1: out of memory, or r cannot be written. */
int eg_mqtt_message_read(struct eg_mqtt_message *m, size_t max, struct eg_decode *decode,
    struct eg_rejects *r, struct eg_error *e);

/* Notes that the downstream refused a line of the chunk; len excludes the newline. Adds it to r. -1
 * as above. */
int eg_mqtt_message_refuse(struct eg_mqtt_message *m, const char *line, size_t len,
    const char *reason, struct eg_rejects *r, struct eg_error *e);

void eg_mqtt_message_free(struct eg_mqtt_message *m);

#endif
