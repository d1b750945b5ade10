/* SPDX-License-Identifier: MIT */
/* Lines that a node has printed, sorted by a key, to compare them with another node's. */
#ifndef EG_SORTED_LINES_H
#define EG_SORTED_LINES_H

#include <stddef.h>
#include <stdint.h>

/* The key: the first key_len bytes of the line, then ns. */
struct eg_item {
	const char *line; /* with its newline; valid once sorted */
	size_t at;
	size_t len, key_len;
	int64_t ns;
	/* The caller may set these after adding: bytes of the record at the start of the line
	 * (len at first), and the number after it. */
	size_t record_len;
	int64_t when;
};

/* Initialise with { 0 }. */
struct eg_sorted_lines {
	char *text;
	size_t len, room;
	struct eg_item *item;
	size_t n, items;
};

/* Copies a line in. -1: out of memory. */
int eg_sorted_lines_add(struct eg_sorted_lines *l, const char *line, size_t len, size_t key_len, int64_t ns);

/* Call before reading items; nothing may be added afterwards. */
void eg_sorted_lines_sort(struct eg_sorted_lines *l);
void eg_sorted_lines_clear(struct eg_sorted_lines *l);

/* Compares the keys, as memcmp(3) does. */
int eg_item_compare(const struct eg_item *a, const struct eg_item *b);

#endif
