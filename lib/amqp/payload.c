/* SPDX-License-Identifier: MIT */
/* A delivery taken apart: the lines that are records, and the ones that are refused. */
#include "amqp/payload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "amqp/delivery.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/rejects.h"
#include "decode/decode.h"
#include "record/message.h"
#include "record/time_arg.h"

static int
keep_dead(struct eg_payload *p, const char *text, size_t len, bool newline, struct eg_error *e)
{
	size_t need = p->dead_len + len + newline;

	if (need == 0)
		return 0;
	if (need > p->dead_room) {
		size_t room = need > 2 * p->dead_room ? need : 2 * p->dead_room;
		char *more = realloc(p->dead, room);

		if (more == NULL)
			return eg_fail(e, EG_BUG, "out of memory");
		p->dead = more;
		p->dead_room = room;
	}
	memcpy(p->dead + p->dead_len, text, len);
	if (newline)
		p->dead[p->dead_len + len] = '\n';
	p->dead_len = need;
	return 0;
}

static int
note_refused(struct eg_payload *p, uint64_t lineno, const char *line, size_t len,
    const char *reason, struct eg_rejects *r, struct eg_error *e)
{
	if (p->refused++ == 0)
		snprintf(p->reason, sizeof(p->reason), "%s", reason);
	snprintf(p->count, sizeof(p->count), "%llu", (unsigned long long)p->refused);
	return eg_rejects_add(r, lineno, line, len, reason, e);
}

int
eg_payload_refuse(struct eg_payload *p, uint64_t lineno, const char *line, size_t len,
    const char *reason, struct eg_rejects *r, struct eg_error *e)
{
	if (note_refused(p, lineno, line, len, reason, r, e) != 0)
		return -1;
	/* A JSON message stays what it was, other members and all. */
	if (p->decoded && p->dead_len > 0)
		return 0;
	if (p->dead_json || p->decoded)
		return keep_dead(p, p->delivery->body, p->delivery->len, false, e);
	return keep_dead(p, line, len, true, e);
}

/* A message that holds no record at all goes to the dead letters as it is. */
static int
refuse_message(struct eg_payload *p, const char *reason, struct eg_rejects *r, struct eg_error *e)
{
	const struct eg_delivery *d = p->delivery;

	p->records++;
	if (note_refused(p, 0, d->body, d->len, reason, r, e) != 0)
		return -1;
	return keep_dead(p, d->body, d->len, false, e);
}

static int
parse_json(struct eg_payload *p, struct eg_rejects *r, struct eg_error *e)
{
	const struct eg_delivery *d = p->delivery;
	char line[EG_LINE_MAX + 1];
	const char *why;
	char *text;
	size_t n;

	p->dead_json = true;
	why = eg_message_parse_json(d->body, d->len, line, &n);
	if (why != NULL)
		return refuse_message(p, why, r, e);
	/* The body is still needed, should the record be refused downstream. */
	text = malloc(n);
	if (text == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	memcpy(text, line, n);
	p->unit.text = text;
	p->unit.len = n;
	p->records = 1;
	return 0;
}

/* One line at at[0..len): moved down to the good ones, or refused. */
static int
take_line(struct eg_payload *p, uint64_t lineno, const char *at, size_t len, struct eg_rejects *r,
    struct eg_error *e)
{
	char *body = p->delivery->body;
	struct eg_record rec;
	enum eg_fault fault;

	if (eg_line_skipped(at, len))
		return 0;
	p->records++;
	fault = len > EG_LINE_MAX ? EG_FAULT_TOO_LONG : eg_record_parse(at, len, &rec);
	if (fault != EG_FAULT_NONE)
		return eg_payload_refuse(p, lineno, at, len, eg_fault_text(fault), r, e);
	if (body + p->unit.len != at)
		memmove(body + p->unit.len, at, len + 1);
	p->unit.len += len + 1;
	return 0;
}

static int
parse_lines(struct eg_payload *p, struct eg_rejects *r, struct eg_error *e)
{
	struct eg_delivery *d = p->delivery;
	const char *end = d->body + d->len;
	uint64_t lineno = 0;

	if (d->len > 0 && end[-1] != '\n')
		*(char *)(uintptr_t)end++ = '\n';
	p->unit.text = d->body;
	for (const char *at = d->body; at < end;) {
		const char *nl = memchr(at, '\n', (size_t)(end - at));

		if (take_line(p, ++lineno, at, (size_t)(nl - at), r, e) != 0)
			return -1;
		at = nl + 1;
	}
	return p->records > 0 ? 0 : refuse_message(p, "the message holds no record", r, e);
}

/* What the broker knows of when it came is the same each time that it is delivered. */
static int64_t
arrival(const struct eg_delivery *d)
{
	return d->sent > 0 ? d->sent : eg_wall_ns();
}

/* RabbitMQ makes the slashes of an MQTT topic points. */
static int
parse_by(struct eg_payload *p, struct eg_decode *decode, struct eg_rejects *r, struct eg_error *e)
{
	const struct eg_delivery *d = p->delivery;
	char topic[sizeof(d->key)];
	struct eg_decode_message m = { topic, strlen(d->key), d->body, d->len, arrival(d) };
	struct eg_decoded out;
	char *text;

	p->decoded = true;
	eg_time_format(m.arrived, p->arrived);
	for (size_t i = 0; i <= m.topic_len; i++)
		topic[i] = (char)(d->key[i] == '.' ? '/' : d->key[i]);
	if (eg_decode_message(decode, &m, &out, e) != 0)
		return -1;
	if (out.news != NULL)
		eg_warn("not understood and passed over, named once: %s", out.news);
	if (out.reason != NULL)
		return refuse_message(p, out.reason, r, e);
	if (out.len == 0)
		return 0;
	text = malloc(out.len);
	if (text == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	memcpy(text, out.lines, out.len);
	p->unit.text = text;
	p->unit.len = out.len;
	p->records = out.records;
	return 0;
}

static int
parse(struct eg_payload *p, struct eg_decode *decode, struct eg_rejects *r, struct eg_error *e)
{
	const struct eg_delivery *d = p->delivery;

	if (decode != NULL)
		return parse_by(p, decode, r, e);
	return eg_message_is_json(d->type, strlen(d->type), d->body, d->len)
	    ? parse_json(p, r, e)
	    : parse_lines(p, r, e);
}

struct eg_payload *
eg_payload_open(struct eg_delivery *d, struct eg_decode *decode, struct eg_rejects *r,
    struct eg_error *e)
{
	struct eg_payload *p = calloc(1, sizeof(*p));

	if (p == NULL) {
		eg_delivery_free(d);
		eg_fail(e, EG_BUG, "out of memory");
		return NULL;
	}
	p->delivery = d;
	if (parse(p, decode, r, e) == 0)
		return p;
	eg_delivery_free(eg_payload_close(p));
	return NULL;
}

struct eg_delivery *
eg_payload_close(struct eg_payload *p)
{
	struct eg_delivery *d = p->delivery;

	if (p->unit.text != d->body)
		free((void *)(uintptr_t)p->unit.text);
	free(p->dead);
	free(p);
	return d;
}
