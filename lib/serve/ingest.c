/* SPDX-License-Identifier: MIT */
/* The readings of one request: the accepted ones as a chunk of records for the downstream,
 * the refused ones with their place in the body and the reason. */
#include "serve/ingest.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "record/record.h"
#include "serve/stamps.h"
#include "serve/tokens.h"

/* For the first allocation: the records need half the bytes of a JSON body (other forms need a
 * second allocation), and there is one record in 64 bytes. */
enum { TEXT_PART = 2, RECORD_PART = 64 };

static const char clock_not_set[] = "the sender's clock is not set: the time is before 2001, or "
    "more than two years ahead";
static const char denied[] = "the token may not write this sensor";

/* Makes room for one more line of len bytes, newline counted. */
static bool
grow(struct eg_ingest *in, size_t len)
{
	if (in->chunk.len + len + (in->records + 1) * sizeof(*in->place) > in->limit) {
		in->full = true;
		return false;
	}
	/* Begins with the size that a body of this length usually needs. */
	if (!eg_buf_grow(&in->text, &in->room,
	        in->room == 0 ? in->body_len / TEXT_PART + len : in->chunk.len + len, 1) ||
	    !eg_buf_grow(&in->place, &in->places,
	        in->places == 0 ? in->body_len / RECORD_PART + 1 : in->records + 1,
	        sizeof(*in->place))) {
		in->broken = true;
		return false;
	}
	in->chunk.text = in->text;
	return true;
}

/* Whether there is room. The limit holds for what has room, too. */
static bool
reserve_line(struct eg_ingest *in, size_t len)
{
	return (in->chunk.len + len <= in->room && in->records < in->places &&
	    in->chunk.len + len + (in->records + 1) * sizeof(*in->place) <= in->limit) || grow(in, len);
}

char *
eg_ingest_room(const struct eg_ingest *in, char *own)
{
	bool fits = in->room - in->chunk.len > EG_LINE_MAX + EG_RECORD_AHEAD;

	return fits ? in->text + in->chunk.len : own;
}

static void
note(struct eg_ingest *in, uint32_t index, const char *text, size_t len, const char *reason)
{
	struct eg_refusal *r;

	if (in->on_refused != NULL)
		in->on_refused(in->ctx, text, len, reason);
	if (in->refused++ >= EG_INGEST_KEPT)
		return;
	if (in->refusal == NULL)
		in->refusal = calloc(EG_INGEST_KEPT, sizeof(*in->refusal));
	if (in->refusal == NULL) {
		in->broken = true;
		return;
	}
	r = &in->refusal[in->refused - 1];
	r->index = index;
	r->reason = reason;
	(void)eg_quote(text, len, r->text);
}

void
eg_ingest_refuse(struct eg_ingest *in, const char *text, size_t len, const char *reason)
{
	note(in, in->index, text, len, reason);
}

/* Adds the line of r, which is a record, if the token may write its sensor. */
static void
add_record(struct eg_ingest *in, const struct eg_record *r)
{
	if (in->token != NULL && in->token->sensors != NULL &&
	    !eg_tokens_may(in->token, r->line, r->sensor_len)) {
		in->denied++;
		eg_ingest_refuse(in, r->line, r->len, denied);
		return;
	}
	if (!reserve_line(in, r->len + 1U))
		return;
	if (r->line != in->text + in->chunk.len)
		memcpy(in->text + in->chunk.len, r->line, r->len);
	in->text[in->chunk.len + r->len] = '\n';
	in->chunk.len += r->len + 1U;
	in->place[in->records++] = (struct eg_place){ r->ns, in->index, r->len, r->value_at,
		r->sensor_len, r->subsecond, false };
}

/* Refuses the record, or adds it with the time of its arrival. */
static void
add_clock_not_set(struct eg_ingest *in, const struct eg_record *r)
{
	char line[EG_LINE_MAX + EG_TIME_SIZE + 1];
	size_t n = r->sensor_len + 1U, value_len = r->len - (size_t)r->value_at;
	struct eg_record arrived;

	if (in->clocks == EG_INGEST_REFUSE) {
		eg_ingest_refuse(in, r->line, r->len, clock_not_set);
		return;
	}
	memcpy(line, r->line, n);
	n += eg_time_format(eg_ingest_time(in, r->line, r->sensor_len), line + n);
	line[n++] = ':';
	memcpy(line + n, r->line + r->value_at, value_len);
	if (eg_record_parse(line, n + value_len, &arrived) == EG_FAULT_NONE)
		add_record(in, &arrived);
	else
		eg_ingest_refuse(in, r->line, r->len, clock_not_set);
}

void
eg_ingest_record(struct eg_ingest *in, const struct eg_record *r)
{
	if (in->clocks != EG_INGEST_ANY_TIME && !eg_clock_is_set(r->ns, in->now_ns))
		add_clock_not_set(in, r);
	else
		add_record(in, r);
}

/* Adds the line, parsed to r, or refuses it for its fault. */
static void
settle(struct eg_ingest *in, const char *line, size_t len, enum eg_fault fault,
    const struct eg_record *r)
{
	if (fault == EG_FAULT_NONE) {
		eg_ingest_record(in, r);
		return;
	}
	if (fault != EG_FAULT_TOO_LONG && eg_line_skipped(line, len))
		fault = EG_FAULT_SENSOR_HASH;
	eg_ingest_refuse(in, line, len, eg_fault_text(fault));
}

void
eg_ingest_add(struct eg_ingest *in, const char *line, size_t len)
{
	struct eg_record r;
	enum eg_fault fault = eg_record_parse(line, len, &r);

	settle(in, line, len, fault, &r);
}

void
eg_ingest_put(struct eg_ingest *in, char *line, size_t len)
{
	struct eg_record r;
	enum eg_fault fault = eg_record_parse_ahead(line, len, &in->day, &r);

	settle(in, line, len, fault, &r);
}

bool
eg_ingest_last_time(const struct eg_ingest *in, struct eg_slice time, struct eg_record *r)
{
	const struct eg_place *p;
	const char *line;

	if (in->records == 0)
		return false;
	p = &in->place[in->records - 1];
	line = in->text + in->chunk.len - 1 - p->len;
	if (time.len + 2 != (size_t)p->value_at - p->sensor_len ||
	    memcmp(line + p->sensor_len + 1, time.s, time.len) != 0)
		return false;
	r->ns = p->ns;
	r->subsecond = p->subsecond;
	return true;
}

int64_t
eg_ingest_time(const struct eg_ingest *in, const char *sensor, size_t len)
{
	return in->stamps != NULL ? eg_stamps_next(in->stamps, sensor, len, in->now_ns) : in->now_ns;
}

void
eg_ingest_refused_later(struct eg_ingest *in, const char *line, size_t len, const char *reason)
{
	size_t at = (size_t)(line - in->text);

	for (; in->looked < at; in->line++)
		in->looked += in->place[in->line].len + 1U;
	note(in, in->place[in->line].index, line, len, reason);
	in->place[in->line].refused = true;
}

void
eg_ingest_each(const struct eg_ingest *in, void (*each)(void *ctx, const struct eg_record *r),
    void *ctx)
{
	const struct eg_place *p = in->place;

	for (const char *at = in->text, *end = at + in->chunk.len; at < end; at += p++->len + 1U) {
		struct eg_record r = { .line = at, .ns = p->ns, .len = p->len,
			.value_at = p->value_at, .sensor_len = p->sensor_len,
			.subsecond = p->subsecond };

		if (!p->refused)
			each(ctx, &r);
	}
}

size_t
eg_ingest_held(const struct eg_ingest *in)
{
	return in->room + in->places * sizeof(*in->place);
}

/* Takes the first line of a body, and returns its length with its newline. */
static size_t
take_line(struct eg_ingest *in, const char *body, size_t len)
{
	const char *nl;
	struct eg_record r;
	size_t n = eg_record_scan(body, body + len, &in->day, &r);

	if (n > 0) {
		eg_ingest_record(in, &r);
		return n;
	}
	nl = memchr(body, '\n', len);
	n = len = nl != NULL ? (size_t)(nl - body) : len;
	if (n > 0 && body[n - 1] == '\r')
		n--;
	if (!eg_line_skipped(body, n))
		eg_ingest_add(in, body, n);
	return len + (nl != NULL);
}

const char *
eg_ingest_lines(struct eg_ingest *in, const char *body, size_t len)
{
	for (size_t at = 0; at < len && !in->full && !in->broken; in->index++)
		at += take_line(in, body + at, len - at);
	return NULL;
}

void
eg_ingest_free(struct eg_ingest *in)
{
	free(in->text);
	free(in->place);
	free(in->refusal);
	in->text = NULL;
	in->place = NULL;
	in->refusal = NULL;
	in->room = in->places = 0;
}
