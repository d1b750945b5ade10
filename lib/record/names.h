/* SPDX-License-Identifier: MIT */
/* Numbers sensors 0, 1, 2 ... in the order of their first occurrence, so that a program can keep
 * its data about each sensor in an array. */
#ifndef EG_NAMES_H
#define EG_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct eg_record;

#define EG_NAMES_NONE UINT32_MAX

/* All zero: empty. Takes about 20 bytes per name, besides its text. */
struct eg_names {
	uint64_t *slot;   /* upper half: 32 bits of the hash; lower half: number + 1; 0: empty */
	size_t mask;
	uint32_t *text_at; /* offset of each name's length and text in text */
	char *text;
	size_t text_len, text_room, room; /* room: number of entries that fit in text_at */
	uint32_t n; /* number of names */
	uint32_t last; /* the number that eg_names_add returned last */
	size_t sought, sought_before; /* uses of the hash table: all, and until the last
				       * eg_names_ahead */
};

/* The number of the name (1 to 255 bytes). A new name is added and gets the number n - 1.
 * EG_NAMES_NONE if memory runs out. Does not block. The name of the call before and the one
 * numbered after it are found without the hash table, which many sensors push out of the
 * processor's caches. */
uint32_t eg_names_add(struct eg_names *t, const char *name, size_t len);

#define EG_NAMES_AHEAD 16

/* Prefetches an object, to be written to. It may begin anywhere in a line of the cache, so its end
 * can be on one more line than its size needs. */
static inline void
eg_prefetch(const void *object, size_t size)
{
	enum { LINE = 64 }; /* bytes that one prefetch brings */
	const char *p = object;

	for (size_t at = 0; at < size - 1; at += LINE)
		__builtin_prefetch(p + at, 1);
	__builtin_prefetch(p + size - 1, 1);
}

/* Prefetches what eg_names_add will need for the sensors of n records (up to EG_NAMES_AHEAD): with
 * many sensors in random order most of its time is waiting for memory, and so these waits overlap.
 * Sets number[i] to the number that record i will have, or to EG_NAMES_NONE; it may be wrong, so
 * use it to prefetch the caller's own data only. Returns false, and does nothing, while that does
 * not pay: with few names, or in an order in which eg_names_add guesses right. */
bool eg_names_ahead(struct eg_names *t, const struct eg_record *r, size_t n, uint32_t *number);

/* The number of the name, or EG_NAMES_NONE. */
uint32_t eg_names_find(const struct eg_names *t, const char *name, size_t len);

/* The name with this number (below n), without a NUL; valid until the next eg_names_add. */
const char *eg_names_text(const struct eg_names *t, uint32_t number, size_t *len);

/* Removes all names and frees the memory. */
void eg_names_close(struct eg_names *t);

#endif
