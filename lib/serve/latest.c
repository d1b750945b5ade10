/* SPDX-License-Identifier: MIT */
/* The newest reading and the last hour of readings, for the most recently active sensors. */
#include "serve/latest.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "base/diag.h"
#include "base/number.h"
#include "base/swar.h"
#include "meters/meters.h"

enum { NONE = EG_LATEST_SENSORS, BUCKETS = 2 * EG_LATEST_SENSORS };

/* Entries are linked by their indices: chain is the next in the bucket; before and after are in the
 * order of stamps, the latest first. */
struct entry {
	struct eg_record r;
	uint64_t stamp;
	unsigned bucket;
	unsigned chain, before, after;
	unsigned next; /* that of the reading which came after one of this: sensors often take turns */
	struct eg_trace trace;
	struct eg_today today;
	char line[EG_LINE_MAX];
};

struct eg_latest {
	struct eg_meters *meters; /* NULL: none */
	struct eg_slots *days;
	unsigned head[BUCKETS];
	unsigned first, last, used, noted;
	uint64_t stamp;
	struct entry entry[EG_LATEST_SENSORS];
};

struct eg_latest *
eg_latest_new(struct eg_meters *meters, struct eg_slots *days, struct eg_error *e)
{
	struct eg_latest *q = calloc(1, sizeof(*q));

	if (q == NULL) {
		eg_fail(e, EG_BUG, "out of memory");
		return NULL;
	}
	q->meters = meters;
	q->days = days;
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

static unsigned
bucket_of(const struct eg_record *r)
{
	return (unsigned)(XXH3_64bits(r->line, r->sensor_len) % BUCKETS);
}

/* More than 8 bytes stand behind the sensor in each line. */
static inline bool
is_entry(const struct entry *s, const struct eg_record *r)
{
	return s->r.sensor_len == r->sensor_len && eg_swar_equal(s->line, r->line, r->sensor_len);
}

static unsigned
find_sensor(const struct eg_latest *q, const struct eg_record *r)
{
	unsigned i = q->entry[q->noted].next;

	if (is_entry(&q->entry[i], r))
		return i;
	for (i = q->head[bucket_of(r)]; i != NONE && !is_entry(&q->entry[i], r);)
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

/* An entry for a new sensor: an unused one, or that of the least recently active sensor. */
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
	q->entry[i].trace = (struct eg_trace){ 0 };
	q->entry[i].bucket = bucket;
	q->entry[i].chain = q->head[bucket];
	q->head[bucket] = i;
	return i;
}

void
eg_latest_note(struct eg_latest *q, const struct eg_record *r)
{
	unsigned i = find_sensor(q, r);
	bool late = i != NONE && q->entry[i].r.ns > r->ns;
	struct entry *s;

	if (i == NONE) {
		i = take_place(q, bucket_of(r));
		eg_today_begin(&q->entry[i].today, q->meters == NULL ? NULL :
		    eg_meters_find(q->meters, r->line, r->sensor_len));
	} else if (!late) {
		unlink_order(q, i);
	}
	s = &q->entry[i];
	q->entry[q->noted].next = i;
	q->noted = i;
	eg_today_add(&s->today, q->days, r);
	eg_trace_add(&s->trace, r->ns,
	    eg_decimal_value(r->line + r->value_at, (size_t)(r->len - r->value_at)));
	if (late)
		return;
	memcpy(s->line, r->line, r->len);
	s->r = *r;
	s->r.line = s->line;
	s->stamp = ++q->stamp;
	link_first(q, i);
}

uint64_t
eg_latest_each(const struct eg_latest *q, uint64_t since, eg_latest_visit *visit, void *ctx)
{
	for (unsigned i = q->first; i != NONE && q->entry[i].stamp > since; i = q->entry[i].after)
		visit(ctx, &q->entry[i].r, &q->entry[i].trace, &q->entry[i].today);
	return q->stamp;
}
