/* SPDX-License-Identifier: MIT */
/* Output lines of a node, sorted by key, so that they can be compared with those of other nodes. */
#ifndef EG_SORTED_LINES_H
#define EG_SORTED_LINES_H

#include <stddef.h>
#include <stdint.h>

/* A line. Its key is its first key_len bytes, then ns. */
struct eg_item {
	const char *line; /* the line with its newline; valid after sorting */
	size_t at;
	size_t len, key_len;
	int64_t ns;
	/* The caller may set these two after adding: the length of the record at the start of
	 * the line (at first len), and the number after the record. */
	size_t record_len;
	int64_t when;
};

/* A list of lines; initialise with { 0 }. */
struct eg_sorted_lines {
	char *text;
	size_t len, room;
	struct eg_item *item;
	size_t n, items;
};

/* Copies a line into the list. -1 if memory runs out. */
int eg_sorted_lines_add(struct eg_sorted_lines *l, const char *line, size_t len, size_t key_len,
    int64_t ns);

/* Sorts the list. Call it before reading items; add no lines afterwards. */
void eg_sorted_lines_sort(struct eg_sorted_lines *l);
void eg_sorted_lines_clear(struct eg_sorted_lines *l);

/* Compares the keys, as memcmp(3) does. */
int eg_item_compare(const struct eg_item *a, const struct eg_item *b);

#endif
