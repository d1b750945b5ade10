/* SPDX-License-Identifier: MIT */
/* A message of an MQTT broker: the records in it, and those that are refused. */
#include "mqtt/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/gunzip.h"
#include "base/rejects.h"
#include "record/json_text.h"
#include "record/message.h"
#include "record/record.h"

enum { TOPIC_SHOWN = 100 };

struct eg_mqtt_message *
eg_mqtt_message_new(const struct eg_mqtt_publish *p, const char *body, size_t len, size_t whole)
{
	struct eg_mqtt_message *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return NULL;
	m->data = malloc(p->topic_len + 1 + len);
	if (m->data == NULL) {
		free(m);
		return NULL;
	}
	memcpy(m->data, p->topic, p->topic_len);
	m->data[p->topic_len] = '\0';
	memcpy(m->data + p->topic_len + 1, body, len);
	m->topic = m->data;
	m->topic_len = p->topic_len;
	m->body = m->data + p->topic_len + 1;
	m->len = len;
	m->whole = whole;
	m->again = p->again;
	m->retained = p->retained;
	m->qos = p->qos;
	m->id = p->id;
	m->size = sizeof(*m) + p->topic_len + 1 + len;
	return m;
}

void
eg_mqtt_message_free(struct eg_mqtt_message *m)
{
	free(m->text);
	free(m->data);
	free(m);
}

int
eg_mqtt_message_refuse(struct eg_mqtt_message *m, const char *line, size_t len,
    const char *reason, struct eg_rejects *r, struct eg_error *e)
{
	char why[400];

	snprintf(why, sizeof(why), "topic %.*s%s: %s", TOPIC_SHOWN, m->topic,
	    m->topic_len > TOPIC_SHOWN ? "..." : "", reason);
	eg_text_clean(why, strlen(why), '?');
	m->refused++;
	return eg_rejects_add(r, 0, line, len, why, e);
}

static int
refuse_whole(struct eg_mqtt_message *m, const char *reason, struct eg_rejects *r,
    struct eg_error *e)
{
	m->records++;
	return eg_mqtt_message_refuse(m, m->body, m->len, reason, r, e);
}

/* Makes room for size bytes of the chunk's text. */
static int
reserve(struct eg_mqtt_message *m, size_t size, struct eg_error *e)
{
	m->text = malloc(size);
	if (m->text == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	m->chunk.text = m->text;
	m->size += size;
	return 0;
}

static void
append(struct eg_mqtt_message *m, const char *line, size_t len)
{
	memcpy(m->text + m->chunk.len, line, len);
	m->chunk.len += len;
}

static int
decode_records(struct eg_mqtt_message *m, struct eg_decode *decode, struct eg_rejects *r,
    struct eg_error *e)
{
	const struct eg_decode_message in = { .topic = m->topic, .topic_len = m->topic_len,
		.body = m->body, .len = m->len, .arrived = eg_wall_ns(), .again = m->again };
	struct eg_decoded out;

	if (eg_decode_message(decode, &in, &out, e) != 0)
		return -1;
	if (out.unknown != NULL)
		eg_warn("not understood and passed over, named once: %s", out.unknown);
	if (out.reason != NULL)
		return refuse_whole(m, out.reason, r, e);
	if (out.len == 0)
		return 0;
	if (reserve(m, out.len, e) != 0)
		return -1;
	append(m, out.lines, out.len);
	m->records = out.records;
	m->counter = out.counter;
	return 0;
}

static int
read_objects(struct eg_mqtt_message *m, struct eg_rejects *r, struct eg_error *e)
{
	char line[EG_LINE_MAX + 1];
	size_t at = eg_jsontext_space(m->body, m->len, 0), n, line_len;

	for (; at < m->len; at = eg_jsontext_space(m->body, m->len, at + n)) {
		const char *object = m->body + at, *why;

		n = eg_message_item(object, m->len - at);
		m->records++;
		why = eg_message_parse_json(object, n, line, &line_len);
		if (why == NULL)
			append(m, line, line_len);
		else if (eg_mqtt_message_refuse(m, object, n, why, r, e) != 0)
			return -1;
	}
	return 0;
}

static int
read_lines(struct eg_mqtt_message *m, struct eg_rejects *r, struct eg_error *e)
{
	const char *end = m->body + m->len;
	size_t len;

	for (const char *at = m->body; at < end; at += len + 1) {
		const char *nl = memchr(at, '\n', (size_t)(end - at));
		struct eg_record record;
		enum eg_fault fault;

		len = (size_t)((nl != NULL ? nl : end) - at);
		if (eg_line_skipped(at, len))
			continue;
		m->records++;
		fault = len > EG_LINE_MAX ? EG_FAULT_TOO_LONG : eg_record_parse(at, len, &record);
		if (fault != EG_FAULT_NONE) {
			if (eg_mqtt_message_refuse(m, at, len, eg_fault_text(fault), r, e) != 0)
				return -1;
			continue;
		}
		append(m, at, len);
		append(m, "\n", 1);
	}
	return m->records > 0 ? 0 : refuse_whole(m, "the message holds no record", r, e);
}

static int
read_body(struct eg_mqtt_message *m, struct eg_decode *decode, struct eg_rejects *r,
    struct eg_error *e)
{
	if (decode != NULL)
		return decode_records(m, decode, r, e);
	/* A record is never longer than its object, and a line gets a newline. */
	if (reserve(m, m->len + 1, e) != 0)
		return -1;
	return eg_message_is_json("", 0, m->body, m->len) ? read_objects(m, r, e)
	    : read_lines(m, r, e);
}

/* Reads the body unpacked, and leaves the message as it came: the one that a broker delivers
 * again is compared with it. */
static int
read_gzip(struct eg_mqtt_message *m, size_t max, struct eg_decode *decode, struct eg_rejects *r,
    struct eg_error *e)
{
	const char *body = m->body;
	size_t len = m->len;
	char *unpacked;
	int rc;

	switch (eg_gunzip(body, len, max, &unpacked, &m->len)) {
	case EG_GUNZIP_OK:
		m->body = unpacked;
		rc = m->len > 0 ? read_body(m, decode, r, e) : 0;
		break;
	case EG_GUNZIP_LARGE:
		m->len = len;
		rc = refuse_whole(m, "the message is larger than --max-message when unpacked", r, e);
		break;
	case EG_GUNZIP_BAD:
		m->len = len;
		rc = refuse_whole(m, "the message is gzip, and damaged or cut off", r, e);
		break;
	default:
		rc = eg_fail(e, EG_BUG, "out of memory");
	}
	free(unpacked);
	m->body = body;
	m->len = len;
	return rc;
}

int
eg_mqtt_message_read(struct eg_mqtt_message *m, size_t max, struct eg_decode *decode,
    struct eg_rejects *r, struct eg_error *e)
{
	const char *fault = eg_mqtt_topic_fault(m->topic, m->topic_len);
	char why[100];

	if (m->whole == 0)
		return 0;
	if (fault != NULL) {
		snprintf(why, sizeof(why), "the topic %s", fault);
		return refuse_whole(m, why, r, e);
	}
	if (m->whole > m->len) {
		snprintf(why, sizeof(why), "the message has %zu bytes, more than --max-message", m->whole);
		return refuse_whole(m, why, r, e);
	}
	/* No text begins with these bytes. */
	if (m->len >= 2 && memcmp(m->body, "\x1f\x8b", 2) == 0)
		return read_gzip(m, max, decode, r, e);
	return read_body(m, decode, r, e);
}
