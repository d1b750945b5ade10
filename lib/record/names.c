/* SPDX-License-Identifier: MIT */
/* Numbers sensors, with a hash table with open addressing. */
#include "record/names.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "base/buf.h"
#include "record/record.h"

enum {
	SLOTS_LEAST = 1024,
	AHEAD_LEAST = 4096, /* fewer names are in the processor's caches anyway */
};

const char *
eg_names_text(const struct eg_names *t, uint32_t number, size_t *len)
{
	const char *p = t->text + t->text_at[number];

	*len = (unsigned char)*p;
	return p + 1;
}

/* The slot of the name, or the empty slot where it would be stored. */
static uint64_t *
seek(const struct eg_names *t, const char *name, size_t len, uint32_t hash)
{
	size_t at = hash & t->mask, found_len;

	for (;; at = (at + 1) & t->mask) {
		uint64_t slot = t->slot[at];
		const char *text;

		if (slot == 0)
			return &t->slot[at];
		if ((uint32_t)(slot >> 32) != hash)
			continue;
		text = eg_names_text(t, (uint32_t)slot - 1, &found_len);
		if (found_len == len && memcmp(text, name, len) == 0)
			return &t->slot[at];
	}
}

uint32_t
eg_names_find(const struct eg_names *t, const char *name, size_t len)
{
	/* an empty slot holds 0, so an unknown name gives EG_NAMES_NONE */
	return t->slot == NULL ? EG_NAMES_NONE
	                       : (uint32_t)*seek(t, name, len, (uint32_t)XXH3_64bits(name, len)) - 1;
}

/* Doubles the table when it is half full. */
static bool
grow_slots(struct eg_names *t)
{
	size_t slots = t->slot == NULL ? SLOTS_LEAST : 2 * (t->mask + 1);
	uint64_t *old = t->slot, *more = calloc(slots, sizeof(*more));
	size_t old_slots = old != NULL ? t->mask + 1 : 0;

	if (more == NULL)
		return false;
	t->slot = more;
	t->mask = slots - 1;
	for (size_t i = 0; i < old_slots; i++) {
		size_t at = (uint32_t)(old[i] >> 32) & t->mask;

		if (old[i] == 0)
			continue;
		while (more[at] != 0)
			at = (at + 1) & t->mask;
		more[at] = old[i];
	}
	free(old);
	return true;
}

static bool
reserve_name(struct eg_names *t, size_t len)
{
	if (t->text_len + len + 1 > UINT32_MAX || t->n == UINT32_MAX - 1)
		return false;
	if ((t->slot == NULL || 2 * (size_t)(t->n + 1) > t->mask + 1) && !grow_slots(t))
		return false;
	return eg_buf_grow(&t->text_at, &t->room, (size_t)t->n + 1, sizeof(*t->text_at)) &&
	    eg_buf_grow(&t->text, &t->text_room, t->text_len + len + 1, 1);
}

static bool
has_name(const struct eg_names *t, uint32_t number, const char *name, size_t len)
{
	size_t known;
	const char *text = number < t->n ? eg_names_text(t, number, &known) : NULL;

	return text != NULL && known == len && memcmp(text, name, len) == 0;
}

uint32_t
eg_names_add(struct eg_names *t, const char *name, size_t len)
{
	uint32_t hash;
	uint64_t *slot;

	/* Most input is sorted by sensor, or has all sensors in the same order again and again. */
	if (has_name(t, t->last, name, len))
		return t->last;
	if (has_name(t, t->last + 1, name, len))
		return ++t->last;
	t->sought++;
	hash = (uint32_t)XXH3_64bits(name, len);
	slot = t->slot != NULL ? seek(t, name, len, hash) : NULL;
	if (slot != NULL && *slot != 0)
		return t->last = (uint32_t)*slot - 1;
	if (!reserve_name(t, len))
		return EG_NAMES_NONE;
	t->text_at[t->n] = (uint32_t)t->text_len;
	t->text[t->text_len] = (char)len;
	memcpy(t->text + t->text_len + 1, name, len);
	t->text_len += len + 1;
	t->last = t->n++;
	*seek(t, name, len, hash) = (uint64_t)hash << 32 | t->n;
	return t->last;
}

/* The number of the first slot with this hash, from the place where a search begins; its name is
 * not compared. */
static uint32_t
likely_number(const struct eg_names *t, uint32_t hash)
{
	for (size_t at = hash & t->mask; t->slot[at] != 0; at = (at + 1) & t->mask)
		if ((uint32_t)(t->slot[at] >> 32) == hash)
			return (uint32_t)t->slot[at] - 1;
	return EG_NAMES_NONE;
}

bool
eg_names_ahead(struct eg_names *t, const struct eg_record *r, size_t n, uint32_t *number)
{
	bool pays = t->n >= AHEAD_LEAST && 2 * (t->sought - t->sought_before) >= n;
	uint32_t hash[EG_NAMES_AHEAD];

	t->sought_before = t->sought;
	if (!pays)
		return false;
	/* Each step needs what the one before has fetched. */
	for (size_t i = 0; i < n; i++) {
		hash[i] = (uint32_t)XXH3_64bits(r[i].line, r[i].sensor_len);
		__builtin_prefetch(&t->slot[hash[i] & t->mask]);
	}
	for (size_t i = 0; i < n; i++) {
		number[i] = likely_number(t, hash[i]);
		if (number[i] != EG_NAMES_NONE)
			__builtin_prefetch(&t->text_at[number[i]]);
	}
	for (size_t i = 0; i < n; i++)
		if (number[i] != EG_NAMES_NONE)
			__builtin_prefetch(&t->text[t->text_at[number[i]]]);
	return true;
}

void
eg_names_close(struct eg_names *t)
{
	free(t->slot);
	free(t->text_at);
	free(t->text);
	*t = (struct eg_names){ 0 };
}
