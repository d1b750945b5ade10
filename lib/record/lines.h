/* SPDX-License-Identifier: MIT */
/* A bounded reader of lines that keeps what it has read until it is released. */
#ifndef EG_LINES_H
#define EG_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/record.h"

struct eg_error;

/* What has been read lies in a ring: [head, parsed) was given out by
 * eg_lines_next, [parsed, tail) is still to be split. Offsets only grow. */
struct eg_lines {
	int fd;
	char *base;
	size_t size;
	uint64_t head, parsed, tail;
	uint64_t lineno; /* of the line given out last, from 1 */
	bool eof;
	bool skipping; /* within a line that is too long */
};

/* A line in the ring, without its newline, valid until released. fault is
 * EG_FAULT_NONE, EG_FAULT_TOO_LONG (text: its first EG_LINE_MAX bytes) or
 * EG_FAULT_UNTERMINATED. */
struct eg_line {
	const char *text;
	size_t len;
	uint64_t lineno;
	enum eg_fault fault;
};

/* Reads fd through a ring of size bytes (a power of two, at least 64 KiB). The
 * descriptor stays the caller's, its flags untouched. */
int eg_lines_open(struct eg_lines *l, int fd, size_t size, struct eg_error *e);
void eg_lines_close(struct eg_lines *l);

/* Whether a read is worth while: not at the end, and room for several lines. */
bool eg_lines_room(const struct eg_lines *l);

/* One read(2); blocks when the descriptor has nothing and is blocking: poll
 * first. Sets eof at the end. -1 on an I/O error. */
int eg_lines_fill(struct eg_lines *l, struct eg_error *e);

/* The next line into *out; false when there is none yet. */
bool eg_lines_next(struct eg_lines *l, struct eg_line *out);

/* Lets go of all bytes before text, a line of this ring, or (NULL) of every line
 * given out. */
void eg_lines_release(struct eg_lines *l, const char *text);

#endif
