/* SPDX-License-Identifier: MIT */
/* Lines that a node has printed, sorted by a key, to be compared with another's. */
#ifndef EG_SORTED_LINES_H
#define EG_SORTED_LINES_H

#include <stddef.h>
#include <stdint.h>

/* key_len bytes in front of the line and then ns are its key. */
struct eg_item {
	const char *line; /* its newline behind it; valid once sorted */
	size_t at;
	size_t len, key_len;
	int64_t ns;
	/* The caller's, once added: bytes of the record in front (len unless told otherwise),
	 * and what stands behind it. */
	size_t record_len;
	int64_t when;
};

/* Zeroed it is empty. */
struct eg_sorted_lines {
	char *text;
	size_t len, room;
	struct eg_item *item;
	size_t n, items;
};

/* Copies a line in. -1: out of memory. */
int eg_sorted_lines_add(struct eg_sorted_lines *l, const char *line, size_t len, size_t key_len, int64_t ns);

/* To be called before items are read; nothing is added after it. */
void eg_sorted_lines_sort(struct eg_sorted_lines *l);
void eg_sorted_lines_clear(struct eg_sorted_lines *l);

/* As memcmp(3), of the keys. */
int eg_item_compare(const struct eg_item *a, const struct eg_item *b);

#endif
