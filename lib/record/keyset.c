/* SPDX-License-Identifier: MIT */
/* A set of keys (sensor and instant) as hashes, in a table with open addressing. */
#include "record/keyset.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/diag.h"
#include "record/record.h"

static uint64_t
hash(const struct eg_record *r)
{
	uint64_t h = XXH3_64bits_withSeed(r->line, r->sensor_len, (XXH64_hash_t)r->ns);

	return h != 0 ? h : 1;
}

/* The number of slots for n keys: a power of two, at least 2 n. */
static size_t
slots(size_t n)
{
	size_t m = 16;

	while (m < 2 * n)
		m *= 2;
	return m;
}

int
eg_keyset_open(struct eg_keyset *k, size_t room, struct eg_error *e)
{
	k->slot = calloc(slots(room), sizeof(*k->slot));
	if (k->slot == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	k->room = room;
	k->mask = slots(0) - 1;
	return 0;
}

void
eg_keyset_close(struct eg_keyset *k)
{
	free(k->slot);
	k->slot = NULL;
}

void
eg_keyset_fill(struct eg_keyset *k, const struct eg_record *rec, size_t n, int64_t from,
    int64_t to)
{
	k->mask = slots(n) - 1;
	memset(k->slot, 0, (k->mask + 1) * sizeof(*k->slot));
	for (size_t i = 0; i < n; i++) {
		uint64_t h;
		size_t at;

		if (rec[i].ns < from || rec[i].ns > to)
			continue;
		h = hash(&rec[i]);
		for (at = (size_t)h & k->mask; k->slot[at] != 0 && k->slot[at] != h;)
			at = (at + 1) & k->mask;
		k->slot[at] = h;
	}
}

size_t
eg_keyset_find(const struct eg_keyset *k, const struct eg_record *rec, size_t n, int64_t from,
    int64_t to)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t h;

		if (rec[i].ns < from || rec[i].ns > to)
			continue;
		h = hash(&rec[i]);
		for (size_t at = (size_t)h & k->mask; k->slot[at] != 0; at = (at + 1) & k->mask)
			if (k->slot[at] == h)
				return i;
	}
	return n;
}
