/* SPDX-License-Identifier: MIT */
/* Packets of MQTT 3.1.1, as bytes. */
#include "mqtt/packet.h"

#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

enum {
	LENGTH_BYTES = 4,     /* most of a remaining length (2.2.3) */
	FLAG_RETAIN = 0x01,
	FLAG_DUP = 0x08,
	FLAG_QOS_1 = 0x02,
	SUBSCRIBE_FLAGS = 0x02, /* fixed by 3.8.1 */
	HAS_USER = 0x80,      /* flags of CONNECT (3.1.2.3) */
	HAS_PASSWORD = 0x40,
	CLEAN_SESSION = 0x02,
	LEVEL = 4,            /* of the protocol 3.1.1 (3.1.2.2) */
};

int
eg_mqtt_head_parse(const void *p, size_t len, struct eg_mqtt_head *h)
{
	const unsigned char *b = p;

	if (len == 0)
		return 0;
	*h = (struct eg_mqtt_head){ .type = b[0] >> 4, .flags = b[0] & 15 };
	if (h->type == 0 || h->type == 15)
		return -1;
	for (size_t i = 0; i < LENGTH_BYTES; i++) {
		if (len < i + 2)
			return 0;
		h->body_len |= (size_t)(b[i + 1] & 127) << (7 * i);
		h->head_len = i + 2;
		if ((b[i + 1] & 128) == 0)
			return 1;
	}
	return -1;
}

static size_t
number16(const unsigned char *b)
{
	return (size_t)b[0] << 8 | b[1];
}

uint16_t
eg_mqtt_puback_parse(const void *body, size_t len)
{
	return len == 2 ? (uint16_t)number16(body) : 0;
}

const char *
eg_mqtt_publish_parse(unsigned flags, const void *body, size_t len, struct eg_mqtt_publish *out)
{
	const unsigned char *b = body;

	*out = (struct eg_mqtt_publish){ .again = (flags & FLAG_DUP) != 0,
		.retained = (flags & FLAG_RETAIN) != 0, .qos = flags >> 1 & 3 };
	if (out->qos > 1)
		return "a message of QoS 2, which was not asked for";
	if (len < 2 || number16(b) > len - 2)
		return "a message that is shorter than its topic";
	out->topic = (const char *)b + 2;
	out->topic_len = number16(b);
	out->at = 2 + out->topic_len;
	if (out->qos == 0)
		return NULL;
	if (len - out->at < 2)
		return "a message without its identifier";
	out->id = (uint16_t)number16(b + out->at);
	out->at += 2;
	return out->id != 0 ? NULL : "a message with the identifier 0";
}

const char *
eg_mqtt_text_fault(const char *text, size_t len)
{
	const char *end = text + len;

	if (len == 0)
		return "is empty";
	if (len > EG_MQTT_TEXT_MAX)
		return "has more than 65535 bytes";
	for (size_t n; text < end; text += n) {
		n = eg_utf8_len(text, end);
		if (n == 0)
			return "is no valid UTF-8";
		if (eg_utf8_is_control(text, n))
			return "holds a control character";
	}
	return NULL;
}

const char *
eg_mqtt_topic_fault(const char *topic, size_t len)
{
	if (memchr(topic, '+', len) != NULL || memchr(topic, '#', len) != NULL)
		return "holds a wildcard";
	return eg_mqtt_text_fault(topic, len);
}

const char *
eg_mqtt_filter_fault(const char *filter)
{
	const char *why = eg_mqtt_text_fault(filter, strlen(filter));

	if (why != NULL)
		return why;
	for (const char *p = filter; (p = strpbrk(p, "+#")) != NULL; p++) {
		if ((p > filter && p[-1] != '/') || (p[1] != '\0' && p[1] != '/'))
			return "holds a wildcard that is not a whole level, as in a/+/b or a/#";
		if (*p == '#' && p[1] != '\0')
			return "holds a # that is not its last level";
	}
	return NULL;
}

static void
put_bytes(struct eg_mqtt_out *o, const void *data, size_t n)
{
	if (o->failed || !eg_buf_grow(&o->data, &o->room, o->len + n, 1)) {
		o->failed = true;
		return;
	}
	memcpy(o->data + o->len, data, n);
	o->len += n;
}

static void
put8(struct eg_mqtt_out *o, size_t n)
{
	unsigned char b = (unsigned char)n;

	put_bytes(o, &b, 1);
}

static void
put16(struct eg_mqtt_out *o, size_t n)
{
	put8(o, n >> 8);
	put8(o, n & 255);
}

static void
put_string(struct eg_mqtt_out *o, const char *text)
{
	size_t n = strlen(text);

	put16(o, n);
	put_bytes(o, text, n);
}

static void
put_header(struct eg_mqtt_out *o, enum eg_mqtt_type type, unsigned flags, size_t body_len)
{
	put8(o, (unsigned)type << 4 | flags);
	do {
		put8(o, (body_len & 127) | (body_len > 127 ? 128 : 0));
		body_len >>= 7;
	} while (body_len > 0);
}

static size_t
text_size(const char *text)
{
	return text != NULL ? 2 + strlen(text) : 0;
}

void
eg_mqtt_put_connect(struct eg_mqtt_out *o, const struct eg_mqtt_login *l)
{
	unsigned flags = (l->user != NULL ? HAS_USER : 0) |
	    (l->password != NULL ? HAS_PASSWORD : 0) | (l->clean ? CLEAN_SESSION : 0);

	put_header(o, EG_MQTT_CONNECT, 0, text_size("MQTT") + 4 + text_size(l->client_id) +
	    text_size(l->user) + text_size(l->password));
	put_string(o, "MQTT");
	put8(o, LEVEL);
	put8(o, flags);
	put16(o, l->keepalive_s);
	put_string(o, l->client_id);
	if (l->user != NULL)
		put_string(o, l->user);
	if (l->password != NULL)
		put_string(o, l->password);
}

void
eg_mqtt_put_subscribe(struct eg_mqtt_out *o, uint16_t id, char *const *filters, size_t n)
{
	size_t len = 2;

	for (size_t i = 0; i < n; i++)
		len += text_size(filters[i]) + 1;
	put_header(o, EG_MQTT_SUBSCRIBE, SUBSCRIBE_FLAGS, len);
	put16(o, id);
	for (size_t i = 0; i < n; i++) {
		put_string(o, filters[i]);
		put8(o, 1);
	}
}

void
eg_mqtt_put_publish(struct eg_mqtt_out *o, const struct eg_mqtt_note *n)
{
	unsigned flags = FLAG_QOS_1 | (n->again ? FLAG_DUP : 0) | (n->retain ? FLAG_RETAIN : 0);

	put_header(o, EG_MQTT_PUBLISH, flags, 2 + n->topic_len + 2 + n->len);
	put16(o, n->topic_len);
	put_bytes(o, n->topic, n->topic_len);
	put16(o, n->id);
	put_bytes(o, n->body, n->len);
}

void
eg_mqtt_put_puback(struct eg_mqtt_out *o, uint16_t id)
{
	put_header(o, EG_MQTT_PUBACK, 0, 2);
	put16(o, id);
}

void
eg_mqtt_put_empty(struct eg_mqtt_out *o, enum eg_mqtt_type type)
{
	put_header(o, type, 0, 0);
}
