/* SPDX-License-Identifier: MIT */
/* The records that one request brings: the good ones as a unit for the downstream, the
 * others with their place and reason. */
#include "intake.h"

#include <stdlib.h>
#include <string.h>

#include "record.h"
#include "tokens.h"

/* In a record's place: it was refused later. */
#define REFUSED UINT32_MAX

static const char denied[] = "the token may not write this sensor";

/* Room for one more line of len bytes, newline counted. */
static bool
make_room(struct eg_intake *in, size_t len)
{
	if (in->unit.len + len + (in->records + 1) * sizeof(*in->place) > in->limit) {
		in->full = true;
		return false;
	}
	if (in->unit.len + len > in->room) {
		size_t room = 2 * in->room + len;
		char *text = realloc(in->text, room);

		if (text == NULL)
			goto broken;
		in->text = text;
		in->unit.text = text;
		in->room = room;
	}
	if (in->records == in->places) {
		size_t places = 2 * in->places + 1;
		uint32_t *place = realloc(in->place, places * sizeof(*place));

		if (place == NULL)
			goto broken;
		in->place = place;
		in->places = places;
	}
	return true;
broken:
	in->broken = true;
	return false;
}

static void
note(struct eg_intake *in, uint32_t index, const char *text, size_t len, const char *reason)
{
	struct eg_refusal *r;

	if (in->tell != NULL)
		in->tell(in->ctx, text, len, reason);
	if (in->refused++ >= EG_INTAKE_KEPT)
		return;
	if (in->refusal == NULL)
		in->refusal = calloc(EG_INTAKE_KEPT, sizeof(*in->refusal));
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
eg_intake_refuse(struct eg_intake *in, const char *text, size_t len, const char *reason)
{
	note(in, in->index, text, len, reason);
}

void
eg_intake_add(struct eg_intake *in, const char *line, size_t len)
{
	enum eg_fault fault = EG_FAULT_TOO_LONG;
	struct eg_record r;

	if (len <= EG_LINE_MAX)
		fault = eg_line_skipped(line, len) ? EG_FAULT_SENSOR_HASH
		                                   : eg_record_parse(line, len, &r);
	if (fault != EG_FAULT_NONE) {
		eg_intake_refuse(in, line, len, eg_fault_text(fault));
		return;
	}
	if (in->token != NULL && !eg_tokens_may(in->token, line, r.sensor_len)) {
		in->denied++;
		eg_intake_refuse(in, line, len, denied);
		return;
	}
	if (!make_room(in, len + 1))
		return;
	memcpy(in->text + in->unit.len, line, len);
	in->text[in->unit.len + len] = '\n';
	in->unit.len += len + 1;
	in->place[in->records++] = in->index;
}

void
eg_intake_refused_later(struct eg_intake *in, const char *line, size_t len, const char *reason)
{
	size_t at = (size_t)(line - in->text);

	for (; in->looked < at; in->looked++)
		in->line += in->text[in->looked] == '\n';
	note(in, in->place[in->line], line, len, reason);
	in->place[in->line] = REFUSED;
}

void
eg_intake_each(const struct eg_intake *in, void (*each)(void *ctx, const struct eg_record *r),
    void *ctx)
{
	size_t i = 0;

	for (const char *at = in->text, *end = in->text + in->unit.len; at < end; i++) {
		const char *nl = memchr(at, '\n', (size_t)(end - at));
		struct eg_record r;

		if (in->place[i] != REFUSED &&
		    eg_record_parse(at, (size_t)(nl - at), &r) == EG_FAULT_NONE)
			each(ctx, &r);
		at = nl + 1;
	}
}

size_t
eg_intake_held(const struct eg_intake *in)
{
	return in->room + in->places * sizeof(*in->place);
}

static void
take_line(struct eg_intake *in, const char *at, size_t len)
{
	if (len > 0 && at[len - 1] == '\r')
		len--;
	if (!eg_line_skipped(at, len))
		eg_intake_add(in, at, len);
	in->index++;
}

const char *
eg_intake_lines(struct eg_intake *in, const char *body, size_t len)
{
	while (len > 0 && !in->full && !in->broken) {
		const char *nl = memchr(body, '\n', len);
		size_t n = nl != NULL ? (size_t)(nl - body) : len;

		take_line(in, body, n);
		n += nl != NULL;
		body += n;
		len -= n;
	}
	return NULL;
}

void
eg_intake_free(struct eg_intake *in)
{
	free(in->text);
	free(in->place);
	free(in->refusal);
	in->text = NULL;
	in->place = NULL;
	in->refusal = NULL;
	in->room = in->places = 0;
}
