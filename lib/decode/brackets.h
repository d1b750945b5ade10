/* SPDX-License-Identifier: MIT */
/* The end of a JSON document, found by its brackets as its bytes arrive. */
#ifndef EG_BRACKETS_H
#define EG_BRACKETS_H

#include <stdbool.h>
#include <stddef.h>

/* What is open at a byte of a document. All zero before its first byte. */
struct eg_brackets {
	int depth;
	bool quoted, escaped;
};

enum eg_brackets_end {
	EG_BRACKETS_MORE, /* the document goes on after the bytes */
	EG_BRACKETS_LINE, /* a line ends within it */
	EG_BRACKETS_LAST, /* its last bracket */
};

/* Looks at buf[*at..end), and moves *at to the byte that the result names, or to end. */
enum eg_brackets_end eg_brackets_find(struct eg_brackets *b, const char *buf, size_t end,
    size_t *at);

#endif
