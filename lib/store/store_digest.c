/* SPDX-License-Identifier: MIT */
/* The digests of a sensor's days. Each transaction updates the digests that it changes. */
#include <endian.h>
#include <stdlib.h>

#include <xxhash.h>

#include "base/calendar.h"
#include "base/diag.h"
#include "store/store_db.h"

enum { DELTAS_MIN = 256 };

/* The stores of a cluster compare these hashes, so a change of the hash function needs a new
 * EG_STORE_VERSION. */
static uint64_t
hash_instant(uint64_t seed, int64_t ns)
{
	uint64_t word = htole64((uint64_t)ns);

	return XXH3_64bits_withSeed(&word, sizeof(word), seed);
}

uint64_t
eg_store_hash_name(const char *name, size_t len)
{
	return XXH3_64bits(name, len);
}

/* The hash of each part is the seed for the next one, so that parts cannot be confused. */
uint64_t
eg_store_hash_record(uint64_t seed, int64_t ns, const char *spelling, size_t spelling_len,
    const char *value, size_t value_len)
{
	uint64_t h = XXH3_64bits_withSeed(value, value_len, hash_instant(seed, ns));

	return spelling_len > 0 ? XXH3_64bits_withSeed(spelling, spelling_len, h) : h;
}

/* Uses an empty value, which no record has. */
uint64_t
eg_store_hash_deletion(uint64_t seed, int64_t ns)
{
	return XXH3_64bits_withSeed("", 0, hash_instant(seed, ns));
}

int64_t
eg_store_day(int64_t ns)
{
	return eg_floor_div(ns, EG_STORE_DAY);
}

void
eg_store_date(int64_t day, char out[EG_TIME_SIZE])
{
	/* The first day begins and the last day ends outside the range of 64 bits. */
	eg_time_format(day < 0 ? (day + 1) * EG_STORE_DAY - 1 : day * EG_STORE_DAY, out);
	out[sizeof("2026-11-23") - 1] = '\0';
}

void
eg_store_day_span(int64_t ns, struct eg_time_span *span)
{
	int64_t day = eg_store_day(ns);

	/* The first and the last day are not complete. */
	if (__builtin_mul_overflow(day, EG_STORE_DAY, &span->from))
		span->from = INT64_MIN;
	if (__builtin_mul_overflow(day + 1, EG_STORE_DAY, &span->to))
		span->to = INT64_MAX;
	else
		span->to--;
}

static struct eg_store_delta *
slot_of(const struct eg_store *s, int64_t sensor, int64_t day)
{
	size_t mask = s->delta_room - 1;
	size_t i = (size_t)hash_instant((uint64_t)sensor, day) & mask;

	while (s->deltas[i].used && (s->deltas[i].sensor != sensor || s->deltas[i].day != day))
		i = (i + 1) & mask;
	return &s->deltas[i];
}

static int
grow_digest(struct eg_store *s, struct eg_error *e)
{
	size_t old = s->delta_room, room = old == 0 ? DELTAS_MIN : 2 * old;
	struct eg_store_delta *deltas = s->deltas, *all = calloc(room, sizeof(*all));
	uint32_t *order = calloc(room, sizeof(*order));
	size_t n = 0;

	if (all == NULL || order == NULL) {
		free(all);
		free(order);
		return eg_fail(e, EG_BUG, "out of memory");
	}
	s->deltas = all;
	s->delta_room = room;
	for (size_t i = 0; i < s->delta_count; i++) {
		const struct eg_store_delta *d = &deltas[s->order[i]];
		struct eg_store_delta *slot = slot_of(s, d->sensor, d->day);

		*slot = *d;
		order[n++] = (uint32_t)(slot - all);
	}
	free(deltas);
	free(s->order);
	s->order = order;
	return 0;
}

static void
add_delta(struct eg_store_delta *d, int records, int deletions, uint64_t digest)
{
	d->records += records;
	d->deletions += deletions;
	d->digest ^= digest;
}

int
eg_store_delta(struct eg_store *s, int64_t sensor, int64_t ns, int records, int deletions,
    uint64_t digest, struct eg_error *e)
{
	int64_t day = eg_store_day(ns);
	struct eg_store_delta *d = s->recent_delta;

	if (d != NULL && d->sensor == sensor && d->day == day) {
		add_delta(d, records, deletions, digest);
		return 0;
	}
	if (2 * s->delta_count >= s->delta_room && grow_digest(s, e) != 0)
		return -1;
	d = slot_of(s, sensor, day);
	if (!d->used) {
		*d = (struct eg_store_delta){ .sensor = sensor, .day = day, .used = true };
		s->order[s->delta_count++] = (uint32_t)(d - s->deltas);
	}
	add_delta(d, records, deletions, digest);
	s->recent_delta = d;
	return 0;
}

int
eg_store_deltas_write(struct eg_store *s, struct eg_error *e)
{
	sqlite3_stmt *st = eg_store_stmt(s, STMT_DIGEST, e);

	if (st == NULL)
		return -1;
	for (size_t i = 0; i < s->delta_count; i++) {
		const struct eg_store_delta *d = &s->deltas[s->order[i]];

		sqlite3_bind_int64(st, 1, d->sensor);
		sqlite3_bind_int64(st, 2, d->day);
		sqlite3_bind_int64(st, 3, d->records);
		sqlite3_bind_int64(st, 4, d->deletions);
		sqlite3_bind_int64(st, 5, (sqlite3_int64)d->digest);
		if (eg_store_step(s, st, e) != 0)
			return -1;
	}
	eg_store_deltas_clear(s);
	return 0;
}

void
eg_store_deltas_clear(struct eg_store *s)
{
	for (size_t i = 0; i < s->delta_count; i++)
		s->deltas[s->order[i]].used = false;
	s->delta_count = 0;
	s->recent_delta = NULL;
}
