/* SPDX-License-Identifier: MIT */
/* A set of keys (sensor and instant) as hashes, in a table with open addressing. */
#include "record/keyset.h"

#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "record/record.h"

/* A step of FxHash (Firefox, rustc), cheap; the end is MurmurHash3's (Appleby). Who
 * makes keys collide on purpose gets his batches sent one after the other, no more. */
static uint64_t
step(uint64_t h, uint64_t part)
{
	return ((h << 5 | h >> 59) ^ part) * 0x517cc1b727220a95u;
}

static uint64_t
hash(const struct eg_record *r)
{
	uint64_t h = step(r->sensor_len, (uint64_t)r->ns), part;
	size_t i;

	for (i = 0; i + sizeof(part) <= r->sensor_len; i += sizeof(part)) {
		memcpy(&part, r->line + i, sizeof(part));
		h = step(h, part);
	}
	for (part = 0; i < r->sensor_len; i++)
		part = part << 8 | (unsigned char)r->line[i];
	h = step(h, part);
	h = (h ^ h >> 33) * 0xff51afd7ed558ccdu;
	h ^= h >> 33;
	return h != 0 ? h : 1;
}

/* Slots for n keys: at least twice as many, a power of two. */
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
