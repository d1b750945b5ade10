/* SPDX-License-Identifier: MIT */
/* The newest reading of each sensor, of the sensors that were heard of last. */
#include "serve/latest.h"

#include <endian.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"

enum { NONE = EG_LATEST_SENSORS, BUCKET_BITS = 9, BUCKETS = 1 << BUCKET_BITS };

/* 2^64 divided by the golden ratio, odd: Fibonacci hashing. */
#define MIX UINT64_C(0x9e3779b97f4a7c15)

/* Places are numbers: chain links those of a bucket, before and after those in the order
 * of their stamps, the latest in front. */
struct entry {
	struct eg_record r;
	uint64_t stamp;
	unsigned bucket;
	unsigned chain, before, after;
	char line[EG_LINE_MAX];
};

struct eg_latest {
	unsigned head[BUCKETS];
	unsigned first, last, used;
	uint64_t stamp;
	struct entry entry[EG_LATEST_SENSORS];
};

struct eg_latest *
eg_latest_new(struct eg_error *e)
{
	struct eg_latest *q = calloc(1, sizeof(*q));

	if (q == NULL) {
		eg_fail(e, EG_BUG, "out of memory");
		return NULL;
	}
	q->first = q->last = NONE;
	for (int i = 0; i < BUCKETS; i++)
		q->head[i] = NONE;
	return q;
}

void
eg_latest_free(struct eg_latest *q)
{
	free(q);
}

/* The names are few, and a collision costs a comparison. Eight bytes at a time: behind a
 * name stands the rest of a record, of more than eight bytes. */
static unsigned
bucket_of(const struct eg_record *r)
{
	uint64_t h = r->sensor_len, x;
	size_t i = 0;

	for (; i + sizeof(x) < r->sensor_len; i += sizeof(x)) {
		memcpy(&x, r->line + i, sizeof(x));
		h = (h ^ x) * MIX;
		h ^= h >> 32;
	}
	memcpy(&x, r->line + i, sizeof(x));
	x = le64toh(x) & UINT64_MAX >> 8 * (sizeof(x) - (r->sensor_len - i));
	h = (h ^ x) * MIX;
	return (unsigned)(h >> (64 - BUCKET_BITS));
}

static unsigned
find(const struct eg_latest *q, const struct eg_record *r, unsigned bucket)
{
	unsigned i = q->head[bucket];

	while (i != NONE && (q->entry[i].r.sensor_len != r->sensor_len ||
	    memcmp(q->entry[i].line, r->line, r->sensor_len) != 0))
		i = q->entry[i].chain;
	return i;
}

static void
unlink_order(struct eg_latest *q, unsigned i)
{
	struct entry *s = &q->entry[i];

	*(s->before != NONE ? &q->entry[s->before].after : &q->first) = s->after;
	*(s->after != NONE ? &q->entry[s->after].before : &q->last) = s->before;
}

static void
link_first(struct eg_latest *q, unsigned i)
{
	q->entry[i].before = NONE;
	q->entry[i].after = q->first;
	*(q->first != NONE ? &q->entry[q->first].before : &q->last) = i;
	q->first = i;
}

/* A place for a new sensor: a fresh one, or that of the one silent longest. */
static unsigned
take_place(struct eg_latest *q, unsigned bucket)
{
	unsigned i = q->used, *link;

	if (q->used < NONE) {
		q->used++;
	} else {
		i = q->last;
		unlink_order(q, i);
		for (link = &q->head[q->entry[i].bucket]; *link != i;)
			link = &q->entry[*link].chain;
		*link = q->entry[i].chain;
	}
	q->entry[i].bucket = bucket;
	q->entry[i].chain = q->head[bucket];
	q->head[bucket] = i;
	return i;
}

void
eg_latest_note(struct eg_latest *q, const struct eg_record *r)
{
	unsigned bucket = bucket_of(r), i = find(q, r, bucket);
	struct entry *s;

	if (i == NONE)
		i = take_place(q, bucket);
	else if (q->entry[i].r.ns > r->ns)
		return;
	else
		unlink_order(q, i);
	s = &q->entry[i];
	memcpy(s->line, r->line, r->len);
	s->r = *r;
	s->r.line = s->line;
	s->stamp = ++q->stamp;
	link_first(q, i);
}

uint64_t
eg_latest_each(const struct eg_latest *q, uint64_t since,
    void (*each)(void *ctx, const struct eg_record *r), void *ctx)
{
	for (unsigned i = q->first; i != NONE && q->entry[i].stamp > since; i = q->entry[i].after)
		each(ctx, &q->entry[i].r);
	return q->stamp;
}
