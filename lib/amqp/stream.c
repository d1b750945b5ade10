/* SPDX-License-Identifier: MIT */
/* The position in a stream, and whether it is still the same stream as in the last run. */
#include "amqp/stream.h"

#include <string.h>
#include <xxhash.h>

#include "amqp/connection.h"
#include "amqp/delivery.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/number.h"
#include "record/record.h"

/* Time limit for the first message. It normally comes within milliseconds; this allows for a
 * slow broker or a replica that is behind. */
enum { FIRST_MS = 10 * 1000 };

/* Builds x-stream-offset (https://www.rabbitmq.com/docs/streams#consuming): a name, a number, or
 * a time in seconds. */
void
eg_stream_begin(struct eg_stream *s, struct eg_position last, amqp_table_entry_t *row)
{
	int64_t ns;

	s->last = last;
	s->expected = last.offset;
	row->key = amqp_cstring_bytes("x-stream-offset");
	if (s->expected >= 0 || eg_int_parse(s->from, 0, INT64_MAX, &s->expected) == EG_NUMBER_OK) {
		row->value.kind = AMQP_FIELD_KIND_I64;
		row->value.value.i64 = s->expected;
	} else if (eg_time_parse(s->from, strlen(s->from), &ns) == EG_FAULT_NONE) {
		row->value.kind = AMQP_FIELD_KIND_TIMESTAMP;
		row->value.value.u64 = ns < 0 ? 0 : (uint64_t)(ns / EG_NS_PER_S);
		s->expected = -1;
	} else {
		row->value.kind = AMQP_FIELD_KIND_UTF8;
		row->value.value.bytes = amqp_cstring_bytes(s->from);
		s->expected = s->missing;
	}
	s->checking = s->expected >= 0;
	s->due = INT64_MAX;
}

void
eg_stream_begun(struct eg_stream *s)
{
	s->due = eg_mono_ms() + FIRST_MS;
}

uint64_t
eg_stream_print(const struct eg_delivery *d)
{
	uint64_t print = XXH3_64bits_withSeed(d->body, d->len,
	    XXH3_64bits_withSeed(d->key, strlen(d->key), (XXH64_hash_t)d->sent));

	return print != 0 ? print : 1;
}

void
eg_stream_pass_over(struct eg_stream *s, int64_t from, uint64_t n, const char *queue)
{
	s->passed_over += n;
	eg_warn("stream '%s': up to %llu messages from offset %lld on are gone unread", queue,
	    (unsigned long long)n, (long long)from);
}

enum eg_stream_first
eg_stream_check(struct eg_stream *s, const struct eg_delivery *d, uint64_t print,
    const char *queue)
{
	int64_t from = s->expected + (s->last.print != 0);

	s->checking = false;
	if (s->last.offset < 0 || d->offset >= from) {
		if (d->offset > from)
			eg_stream_pass_over(s, from, (uint64_t)(d->offset - from), queue);
		s->missing = -1;
		return EG_STREAM_TAKE;
	}
	if (d->offset < s->last.offset || s->last.print != print)
		return EG_STREAM_OTHER;
	return EG_STREAM_SKIP;
}

bool
eg_stream_overdue(const struct eg_stream *s, int64_t now)
{
	return s->checking && s->last.offset >= 0 && now >= s->due;
}

void
eg_stream_restart(struct eg_stream *s, bool missing)
{
	s->from = "first";
	s->missing = missing ? s->last.offset + (s->last.print != 0) : -1;
	s->checking = false;
}
