/* SPDX-License-Identifier: MIT */
/* The input side of a stage: lines become records, records become batches. */
#include <string.h>

#include "base/clock.h"
#include "stage/stage_parts.h"

void
eg_batch_shorten(struct eg_batch *b, size_t n)
{
	while (b->n > n) {
		b->bytes -= (size_t)b->rec[--b->n].len + 1;
		b->stage->sent--;
	}
	b->stage->partials -= b->partial;
	b->partial = false;
}

void
eg_batch_refuse(struct eg_batch *b, size_t i, const char *reason)
{
	struct eg_stage *s = b->stage;
	const struct eg_record *r = &b->rec[i];
	unsigned char *fate = &s->fate[(b->first + i) & s->mask];

	if (*fate == EG_REFUSED_RECORD)
		return;
	*fate = EG_REFUSED_RECORD;
	b->refused = true;
	s->loop.metrics.refused++;
	eg_rejects_add(&s->loop.rejects, r->lineno, r->line, r->len, reason, &s->loop.error);
}

void
eg_stage_refuse(const struct eg_sink *sink, const char *line, size_t len, const char *reason)
{
	struct eg_loop *l = &sink->stage->loop;

	eg_rejects_add(&l->rejects, 0, line, len, reason, &l->error);
}

void
eg_stage_set_fates(struct eg_stage *s, uint64_t first, size_t n, enum eg_fate fate)
{
	size_t at = (size_t)(first & s->mask), room = (size_t)(s->mask + 1) - at;
	size_t front = n < room ? n : room;

	memset(s->fate + at, (int)fate, front);
	memset(s->fate, (int)fate, n - front);
}

void
eg_batch_done(struct eg_batch *b)
{
	struct eg_stage *s = b->stage;
	unsigned char *fate = s->fate;
	uint64_t mask = s->mask;

	if (!b->refused)
		eg_stage_set_fates(s, b->first, b->n, EG_OUT);
	else
		for (uint64_t k = b->first, end = k + b->n; k < end; k++)
			if (fate[k & mask] == EG_PENDING)
				fate[k & mask] = EG_OUT;
	s->partials -= b->partial;
	b->next = s->free;
	s->free = b;
}

static void
refuse_line(struct eg_stage *s, const struct eg_line *l, enum eg_fault fault)
{
	s->loop.metrics.in++;
	s->loop.metrics.refused++;
	s->loop.metrics.refused_unsent++;
	eg_rejects_add(&s->loop.rejects, l->lineno, l->text, l->len, eg_fault_text(fault),
	    &s->loop.error);
}

/* Reads the next line, of any form, into *r. Returns whether it is a record. Sets s->dry if there
 * is no line. */
static bool
read_record(struct eg_stage *s, struct eg_record *r)
{
	enum eg_fault fault;
	struct eg_line l;

	if (!eg_lines_next(&s->in, &l)) {
		s->dry = true;
		return false;
	}
	fault = l.fault;
	if (fault == EG_FAULT_NONE && eg_line_skipped(l.text, l.len)) {
		(void)eg_order_parse(l.text, l.len, &s->order);
		return false;
	}
	if (fault == EG_FAULT_NONE)
		fault = eg_record_parse(l.text, l.len, r);
	if (fault != EG_FAULT_NONE)
		refuse_line(s, &l, fault);
	r->lineno = l.lineno;
	return fault == EG_FAULT_NONE;
}

/* Adds n records, which are in the ring already. They follow one another in memory from position
 * `from` of the input on. */
static void
add_records(struct eg_stage *s, uint64_t from, size_t n)
{
	struct eg_record *r = &s->rec[s->end & s->mask];

	for (size_t i = 0; s->order != 0 && i < n; i++)
		r[i].order = s->order;
	if (from != s->behind)
		s->joined = s->end;
	s->behind = s->in.parsed;
	eg_stage_set_fates(s, s->end, n, EG_PENDING);
	s->end += n;
	s->loop.metrics.in += n;
}

void
eg_stage_parse(struct eg_stage *s)
{
	uint64_t before = s->end;

	s->dry = false;
	while (!s->dry && s->end - s->receipted <= s->mask && eg_rejects_room(&s->loop.rejects)) {
		struct eg_record *r = &s->rec[s->end & s->mask];
		uint64_t from = s->in.parsed;
		size_t room = (size_t)(s->mask + 1 - (s->end - s->receipted));
		size_t n = eg_lines_next_records(&s->in, r, room);

		if (n == 0)
			n = read_record(s, r);
		if (n > 0)
			add_records(s, from, n);
	}
	if (s->end != before)
		eg_metrics_taken(&s->loop.metrics, eg_mono_ms());
	if (s->receipted == s->end)
		eg_lines_release(&s->in, NULL);
}

size_t
eg_stage_bytes(const struct eg_stage *s, uint64_t first, size_t n)
{
	const struct eg_record *rec = &s->rec[first & s->mask], *last = &rec[n - 1];

	return ((size_t)(last->line - rec->line) & (s->in.size - 1)) + last->len + 1;
}

/* Fills b with waiting records. Returns whether it is full. */
static bool
fill_batch(const struct eg_stage *s, struct eg_batch *b)
{
	const struct eg_record *rec = &s->rec[s->sent & s->mask];
	size_t have = (size_t)(s->end - s->sent), most = s->sink->batch_records;
	size_t limit = s->sink->batch_bytes, n, bytes = 0;
	bool full = have >= most;

	if (most > have)
		most = have;
	n = 0;
	if (s->joined <= s->sent && (bytes = eg_stage_bytes(s, s->sent, most)) <= limit)
		n = most;
	else
		bytes = 0;
	for (; n < most; n++) {
		size_t len = (size_t)rec[n].len + 1;

		if (n > 0 && bytes + len > limit) {
			full = true;
			break;
		}
		bytes += len;
	}
	b->first = s->sent;
	b->refused = false;
	b->rec = rec;
	b->n = n;
	b->bytes = bytes;
	return full;
}

static int
send_batches(struct eg_stage *s)
{
	while (s->sent < s->end && s->free != NULL && !s->out.gone && s->sink->ready(s->sink->self)) {
		struct eg_batch *b = s->free;
		uint64_t first = s->sent;
		bool full = fill_batch(s, b);

		if (!full && s->partials > 0 && !s->in.eof)
			return 0;
		s->free = b->next;
		b->partial = !full;
		s->partials += b->partial;
		s->sent += b->n;
		if (s->sink->send(s->sink->self, b, &s->loop.error) != 0)
			return -1;
		eg_flow_batch(&s->loop.flow, s->sent - first); /* send may shorten it */
	}
	return 0;
}

int
eg_stage_send(struct eg_stage *s)
{
	int rc = send_batches(s);

	if (s->sink->flush != NULL)
		s->sink->flush(s->sink->self);
	return rc;
}
