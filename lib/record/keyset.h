/* SPDX-License-Identifier: MIT */
/* A set of keys (sensor and instant), stored as hashes. A false "yes" is rare, a false "no"
 * impossible. */
#ifndef EG_KEYSET_H
#define EG_KEYSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct eg_error;
struct eg_record;

struct eg_keyset {
	uint64_t *slot; /* hashes; 0: empty slot */
	size_t room;    /* largest number of keys */
	size_t mask;    /* size of the used part of slot, minus 1 */
};

/* Makes an empty set with room for `room` keys. */
int eg_keyset_open(struct eg_keyset *k, size_t room, struct eg_error *e);
void eg_keyset_close(struct eg_keyset *k);

/* Replaces the set by the keys of those of the n records (n <= room) whose instants are in
 * from..to. */
void eg_keyset_fill(struct eg_keyset *k, const struct eg_record *rec, size_t n, int64_t from,
    int64_t to);

/* The index of the first of n records whose instant is in from..to and whose key is in the set;
 * n if there is none. */
size_t eg_keyset_find(const struct eg_keyset *k, const struct eg_record *rec, size_t n,
    int64_t from, int64_t to);

#endif
