/* SPDX-License-Identifier: MIT */
/* The content of a delivery: the lines that are records, and the lines that are refused. */
#include "amqp/payload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "amqp/delivery.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/gunzip.h"
#include "base/rejects.h"
#include "record/json_text.h"
#include "record/message.h"
#include "record/time_arg.h"

static int
no_memory(struct eg_error *e)
{
	return eg_fail(e, EG_BUG, "out of memory");
}

/* Adds a line to the dead letter. */
static int
keep_dead(struct eg_payload *p, const char *text, size_t len, struct eg_error *e)
{
	size_t need = p->dead_len + len + 1, before = p->dead_room;

	if (!eg_buf_grow(&p->dead, &p->dead_room, need, 1))
		return no_memory(e);
	eg_delivery_hold(p->delivery, p->dead_room - before);
	memcpy(p->dead + p->dead_len, text, len);
	p->dead[p->dead_len + len] = '\n';
	p->dead_len = need;
	return 0;
}

static int
note_refused(struct eg_payload *p, uint64_t lineno, const char *line, size_t len,
    const char *reason, struct eg_rejects *r, struct eg_error *e)
{
	if (p->refused++ == 0) {
		/* A header must be valid UTF-8, but the reason may quote the message, or end
		 * within a character. */
		snprintf(p->reason, sizeof(p->reason), "%s", reason);
		eg_text_clean(p->reason, strlen(p->reason), '?');
	}
	snprintf(p->count, sizeof(p->count), "%llu", (unsigned long long)p->refused);
	return eg_rejects_add(r, lineno, line, len, reason, e);
}

/* Refuses a message that contains no record at all; its dead letter is the whole message. */
static int
refuse_message(struct eg_payload *p, const char *reason, struct eg_rejects *r, struct eg_error *e)
{
	p->records++;
	p->form = EG_PAYLOAD_WHOLE;
	return note_refused(p, 0, p->body, p->len, reason, r, e);
}

/* Returns the length of the JSON object at p->body[*at], and moves *at past it. */
static size_t
next_object(const struct eg_payload *p, size_t *at, const char **object)
{
	size_t start = eg_jsontext_space(p->body, p->len, *at);
	size_t n = eg_message_item(p->body + start, p->len - start);

	*object = p->body + start;
	*at = eg_jsontext_space(p->body, p->len, start + n);
	return n;
}

/* Finds the object that gave this line. The search continues after the object found last. */
static int
refuse_object(struct eg_payload *p, const char *line, size_t len, struct eg_error *e)
{
	char found[EG_LINE_MAX + 1];
	const char *object;

	while (p->seen < p->len) {
		size_t n = next_object(p, &p->seen, &object), m;

		if (eg_message_parse_json(object, n, found, &m) == NULL && m == len + 1 &&
		    memcmp(found, line, len) == 0)
			return keep_dead(p, object, n, e);
	}
	return 0;
}

int
eg_payload_refuse(struct eg_payload *p, uint64_t lineno, const char *line, size_t len,
    const char *reason, struct eg_rejects *r, struct eg_error *e)
{
	if (note_refused(p, lineno, line, len, reason, r, e) != 0)
		return -1;
	switch (p->form) {
	case EG_PAYLOAD_LINES:
		return keep_dead(p, line, len, e);
	case EG_PAYLOAD_OBJECTS:
		return refuse_object(p, line, len, e);
	default:
		return 0;
	}
}

const char *
eg_payload_dead(const struct eg_payload *p, size_t *len)
{
	*len = p->form == EG_PAYLOAD_WHOLE ? p->delivery->len : p->dead_len;
	return p->form == EG_PAYLOAD_WHOLE ? p->delivery->body : p->dead;
}

/* Allocates the text of records for a message whose body must be kept, in case the downstream
 * refuses a record. */
static char *
reserve_lines(struct eg_payload *p, size_t n, struct eg_error *e)
{
	char *text = malloc(n > 0 ? n : 1);

	if (text == NULL) {
		no_memory(e);
		return NULL;
	}
	eg_delivery_hold(p->delivery, n);
	p->unit.text = text;
	return text;
}

/* Handles a message with one object. If it is refused, its dead letter is the whole message,
 * with all members. */
static int
parse_json(struct eg_payload *p, struct eg_rejects *r, struct eg_error *e)
{
	/* A record is never longer than its object. */
	char *text = reserve_lines(p, p->len + 1, e), line[EG_LINE_MAX + 1];
	size_t at = 0;

	p->form = EG_PAYLOAD_OBJECTS;
	do {
		const char *object, *why;
		size_t n, m;

		if (text == NULL)
			return -1;
		n = next_object(p, &at, &object);
		p->records++;
		why = eg_message_parse_json(object, n, line, &m);
		if (why == NULL) {
			memcpy(text + p->unit.len, line, m);
			p->unit.len += m;
		} else if (note_refused(p, at < p->len || p->records > 1 ? p->records : 0, object, n,
		    why, r, e) != 0 || keep_dead(p, object, n, e) != 0) {
			return -1;
		}
	} while (at < p->len);
	if (p->records == 1)
		p->form = EG_PAYLOAD_WHOLE;
	return 0;
}

/* Moves a line, of n bytes with its newline, to the end of the accepted ones. */
static void
accept_line(struct eg_payload *p, const char *at, size_t n)
{
	if (p->body + p->unit.len != at)
		memmove(p->body + p->unit.len, at, n);
	p->unit.len += n;
}

/* Accepts the line at[0..len), or refuses it. */
static int
take_record(struct eg_payload *p, uint64_t lineno, const char *at, size_t len, struct eg_rejects *r,
    struct eg_error *e)
{
	struct eg_record rec;
	enum eg_fault fault;

	if (eg_line_skipped(at, len))
		return 0;
	p->records++;
	fault = len > EG_LINE_MAX ? EG_FAULT_TOO_LONG : eg_record_parse(at, len, &rec);
	if (fault != EG_FAULT_NONE)
		return eg_payload_refuse(p, lineno, at, len, eg_fault_text(fault), r, e);
	accept_line(p, at, len + 1);
	return 0;
}

static int
parse_lines(struct eg_payload *p, struct eg_rejects *r, struct eg_error *e)
{
	char *end = p->body + p->len;
	const char *nl;
	struct eg_record_day day = { .ns = 0 };
	struct eg_record rec;
	uint64_t lineno = 0;
	size_t n;

	p->form = EG_PAYLOAD_LINES;
	if (p->len > 0 && end[-1] != '\n')
		*end++ = '\n';
	p->unit.text = p->body;
	for (const char *at = p->body; at < end; at += n) {
		lineno++;
		n = eg_record_scan(at, end, &day, &rec);
		if (n > 0) {
			p->records++;
			accept_line(p, at, n);
			continue;
		}
		nl = memchr(at, '\n', (size_t)(end - at));
		n = (size_t)(nl - at) + 1;
		if (take_record(p, lineno, at, n - 1, r, e) != 0)
			return -1;
	}
	return p->records > 0 ? 0 : refuse_message(p, "the message holds no record", r, e);
}

/* The time that the broker stored with the message, which is the same at each delivery; else the
 * current time. */
static int64_t
arrival(const struct eg_delivery *d)
{
	return d->sent > 0 ? d->sent : eg_wall_ns();
}

/* Restores the slashes of an MQTT topic, which RabbitMQ changes into points. */
static int
parse_by(struct eg_payload *p, struct eg_decode *decode, struct eg_rejects *r, struct eg_error *e)
{
	const struct eg_delivery *d = p->delivery;
	char topic[sizeof(d->key)], *text;
	struct eg_decode_message m = { .topic = topic, .topic_len = strlen(d->key), .body = p->body,
		.len = p->len, .arrived = arrival(d), .again = d->redelivered };
	struct eg_decoded out;

	p->decoded = true;
	eg_time_format(m.arrived, p->arrived);
	for (size_t i = 0; i <= m.topic_len; i++)
		topic[i] = (char)(d->key[i] == '.' ? '/' : d->key[i]);
	if (eg_decode_message(decode, &m, &out, e) != 0)
		return -1;
	if (out.unknown != NULL)
		eg_warn("not understood and passed over, named once: %s", out.unknown);
	if (out.reason != NULL)
		return refuse_message(p, out.reason, r, e);
	if (out.len == 0)
		return 0;
	text = reserve_lines(p, out.len, e);
	if (text == NULL)
		return -1;
	memcpy(text, out.lines, out.len);
	p->unit.len = out.len;
	p->records = out.records;
	p->counter = out.counter;
	return 0;
}

/* Whether the body is gzip, by its first bytes. No text begins with these, so a content encoding
 * is not needed. */
static bool
is_gzip(const struct eg_delivery *d)
{
	return d->len >= 2 && memcmp(d->body, "\x1f\x8b", 2) == 0;
}

/* Finds the text of the body. Returns NULL, or the reason if there is none (written to why). */
static const char *
unpack_body(struct eg_payload *p, size_t max, char why[160], struct eg_error *e)
{
	const struct eg_delivery *d = p->delivery;
	bool gzip = strcasecmp(d->encoding, "gzip") == 0 || strcasecmp(d->encoding, "x-gzip") == 0;
	size_t n;

	p->body = d->body;
	p->len = d->len;
	if (d->len > max) {
		snprintf(why, 160, "the message has %zu bytes, more than --max-message", d->len);
		return why;
	}
	if (!gzip && *d->encoding != '\0' && strcasecmp(d->encoding, "identity") != 0) {
		snprintf(why, 160, "the content encoding '%s' is not supported, but gzip is",
		    d->encoding);
		return why;
	}
	if (!gzip && !is_gzip(d))
		return NULL;
	switch (eg_gunzip(d->body, d->len, max, &p->unpacked, &n)) {
	case EG_GUNZIP_BAD:
		return gzip && !is_gzip(d) ? "the content encoding is gzip, but the message is not" :
		    "the message is gzip, and damaged or cut off";
	case EG_GUNZIP_LARGE:
		return "the message is larger than --max-message when unpacked";
	case EG_GUNZIP_MEMORY:
		no_memory(e);
		return NULL;
	default:
		break;
	}
	p->body = realloc(p->unpacked, n + 1); /* room for a newline */
	if (p->body == NULL)
		no_memory(e);
	else
		p->unpacked = p->body;
	p->len = n;
	eg_delivery_hold(p->delivery, n);
	return NULL;
}

static int
parse_body(struct eg_payload *p, const struct eg_payload_options *o, struct eg_rejects *r,
    struct eg_error *e)
{
	const struct eg_delivery *d = p->delivery;
	char room[160];
	const char *why = unpack_body(p, o->max, room, e);

	if (e->status != EG_OK)
		return -1;
	if (why != NULL)
		return refuse_message(p, why, r, e);
	if (p->len >= 3 && memcmp(p->body, "\xef\xbb\xbf", 3) == 0) { /* byte order mark */
		p->body += 3;
		p->len -= 3;
	}
	if (o->decode != NULL)
		return parse_by(p, o->decode, r, e);
	return eg_message_is_json(d->type, strlen(d->type), p->body, p->len)
	    ? parse_json(p, r, e)
	    : parse_lines(p, r, e);
}

struct eg_payload *
eg_payload_open(struct eg_delivery *d, const struct eg_payload_options *o, struct eg_rejects *r,
    struct eg_error *e)
{
	struct eg_payload *p = calloc(1, sizeof(*p));

	if (p == NULL) {
		eg_delivery_free(d);
		no_memory(e);
		return NULL;
	}
	p->delivery = d;
	if (parse_body(p, o, r, e) == 0)
		return p;
	eg_delivery_free(eg_payload_close(p));
	return NULL;
}

struct eg_delivery *
eg_payload_close(struct eg_payload *p)
{
	struct eg_delivery *d = p->delivery;

	if (p->unit.text != p->body)
		free((void *)(uintptr_t)p->unit.text);
	free(p->unpacked);
	free(p->dead);
	free(p);
	return d;
}
