/* SPDX-License-Identifier: MIT */
/* Reads lines into a ring buffer of fixed size. A line stays valid until it is released. */
#ifndef EG_LINES_H
#define EG_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/record.h"

struct eg_error;

/* The ring: [head, parsed) was returned by eg_lines_next; [parsed, tail) was read and is not
 * split into lines yet. The offsets only grow. */
struct eg_lines {
	int fd;
	char *base;
	size_t size;
	uint64_t head, parsed, tail;
	uint64_t lineno; /* number of the last returned line, from 1 */
	bool eof;
	bool skipping; /* inside a line that is too long */
	struct eg_record_day day; /* for eg_record_scan */
};

/* A line in the ring, without its newline; valid until released. fault is EG_FAULT_NONE,
 * EG_FAULT_TOO_LONG (text is then its first EG_LINE_MAX bytes) or EG_FAULT_UNTERMINATED. */
struct eg_line {
	const char *text;
	size_t len;
	uint64_t lineno;
	enum eg_fault fault;
};

/* Prepares reading fd through a ring of size bytes (a power of two, at least 64 KiB). The caller
 * owns the descriptor; its flags are not changed. */
int eg_lines_open(struct eg_lines *l, int fd, size_t size, struct eg_error *e);
void eg_lines_close(struct eg_lines *l);

/* Whether to call eg_lines_fill: the input has not ended, and the ring has room for several
 * lines. */
bool eg_lines_room(const struct eg_lines *l);

/* Calls read(2) once; call poll(2) first, since a blocking descriptor without data blocks. Sets
 * eof at the end. -1 for an I/O error. */
int eg_lines_fill(struct eg_lines *l, struct eg_error *e);

/* Sets *out to the next line. Returns false if no complete line was read yet. */
bool eg_lines_next(struct eg_lines *l, struct eg_line *out);

/* The fast way for the next lines: parses up to n of them into r, all fields but order, which is 0,
 * as long as they are whole and have the form of most records (see eg_record_scan). They follow one
 * another in memory. Returns their number. 0: nothing is taken, so call eg_lines_next. */
size_t eg_lines_next_records(struct eg_lines *l, struct eg_record *r, size_t n);

/* Releases all bytes before text, the start of a line in this ring; NULL: releases every
 * returned line. */
void eg_lines_release(struct eg_lines *l, const char *text);

#endif
