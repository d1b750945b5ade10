/* SPDX-License-Identifier: MIT */
/* The input side of a stage: lines become records, records become batches. */
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
	unsigned char *fate = &s->fate[(b->first + i) % EG_STAGE_RECORDS];

	if (*fate == EG_REFUSED_RECORD)
		return;
	*fate = EG_REFUSED_RECORD;
	s->loop.metrics.refused++;
	eg_rejects_add(&s->loop.rejects, r->lineno, r->line, r->len, reason, &s->loop.error);
}

void
eg_batch_done(struct eg_batch *b)
{
	struct eg_stage *s = b->stage;

	for (uint64_t k = b->first; k < b->first + b->n; k++)
		if (s->fate[k % EG_STAGE_RECORDS] == EG_PENDING)
			s->fate[k % EG_STAGE_RECORDS] = EG_OUT;
	s->partials -= b->partial;
	b->next = s->free;
	s->free = b;
}

static void
refuse_line(struct eg_stage *s, const struct eg_line *l, enum eg_fault fault)
{
	s->loop.metrics.in++;
	s->loop.metrics.refused++;
	eg_rejects_add(&s->loop.rejects, l->lineno, l->text, l->len, eg_fault_text(fault), &s->loop.error);
}

void
eg_stage_parse(struct eg_stage *s)
{
	struct eg_line l;

	s->dry = false;
	while (s->end - s->receipted < EG_STAGE_RECORDS && eg_rejects_room(&s->loop.rejects)) {
		struct eg_record *r = &s->rec[s->end % EG_STAGE_RECORDS];
		enum eg_fault fault;

		if (!eg_lines_next(&s->in, &l)) {
			s->dry = true;
			break;
		}
		fault = l.fault;
		if (fault == EG_FAULT_NONE && eg_line_skipped(l.text, l.len)) {
			(void)eg_order_parse(l.text, l.len, &s->order);
			continue;
		}
		if (fault == EG_FAULT_NONE)
			fault = eg_record_parse(l.text, l.len, r);
		if (fault != EG_FAULT_NONE) {
			refuse_line(s, &l, fault);
			continue;
		}
		r->lineno = l.lineno;
		r->order = s->order;
		s->fate[s->end % EG_STAGE_RECORDS] = EG_PENDING;
		s->end++;
		s->loop.metrics.in++;
	}
	if (s->receipted == s->end)
		eg_lines_release(&s->in, NULL);
}

/* Fills b from the records that wait. Returns whether it is full. */
static bool
fill_batch(const struct eg_stage *s, struct eg_batch *b)
{
	const struct eg_sink *sink = s->sink;
	uint64_t have = s->end - s->sent;
	size_t most = have < sink->batch_records ? (size_t)have : sink->batch_records;

	b->first = s->sent;
	b->rec = &s->rec[s->sent % EG_STAGE_RECORDS];
	b->bytes = 0;
	for (b->n = 0; b->n < most; b->n++) {
		size_t len = (size_t)b->rec[b->n].len + 1;

		if (b->n > 0 && b->bytes + len > sink->batch_bytes)
			return true;
		b->bytes += len;
	}
	return b->n == sink->batch_records;
}

int
eg_stage_send(struct eg_stage *s)
{
	while (s->sent < s->end && s->free != NULL && !s->out.gone && s->sink->ready(s->sink->self)) {
		struct eg_batch *b = s->free;
		bool full = fill_batch(s, b);

		if (!full && s->partials > 0 && !s->in.eof)
			return 0;
		s->free = b->next;
		b->partial = !full;
		s->partials += b->partial;
		s->sent += b->n;
		if (s->sink->send(s->sink->self, b, &s->loop.error) != 0)
			return -1;
	}
	return 0;
}
