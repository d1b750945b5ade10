/* SPDX-License-Identifier: MIT */
/* The chunks that were sent to a child and have unsettled lines, in order: how much of each is
 * written, and how much has a receipt. */
#ifndef EG_INFLIGHT_H
#define EG_INFLIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "record/record.h"
#include "stage/child.h"

enum { EG_ECHO_BYTES = 64 * 1024 };

/* The chunks with unsettled lines, in order. Two positions move through them: everything before
 * the write position (next, offset) is written to the child, and everything before the settled
 * position (first->matched) is safe or refused. Set calls and ctx and zero the rest for an empty
 * one. */
struct eg_inflight {
	const struct eg_child_calls *calls;
	void *ctx;
	struct eg_chunk *first, *last;
	struct eg_chunk *next; /* chunk at the write position; NULL: everything is written */
	size_t head;          /* bytes of its head that are written */
	size_t offset;        /* bytes of its text that are written */
	size_t given;         /* bytes written and not settled */
	bool full;            /* the pipe is full */
	size_t carried;       /* length of an unfinished line in echo */
	char echo[EG_ECHO_BYTES + EG_LINE_MAX + 2];
};

/* Appends u, which the caller still owns. */
void eg_inflight_push(struct eg_inflight *w, struct eg_chunk *u);

/* Writes to the pipe fd (O_NONBLOCK) as much as it accepts, up to the end of the chunk stop
 * (NULL: no limit). Sets full if the pipe accepts no more. Returns the bytes written, or -1 if
 * the reader has closed the pipe. */
ssize_t eg_inflight_write(struct eg_inflight *w, int fd, const struct eg_chunk *stop);

/* NOTHING: no data now. END: the child has closed its output. */
enum eg_echo { EG_ECHO_MORE, EG_ECHO_NOTHING, EG_ECHO_END, EG_ECHO_WRONG };

/* Reads receipts from the pipe fd (O_NONBLOCK) with one read(2). A receipt is the line itself.
 * Lines written before it that did not come back are refused. Calls refused and settled. Adds
 * the number of matched bytes to *bytes. WRONG: the line *bad of *len bytes was never written to
 * the child, or is too long. */
enum eg_echo eg_inflight_read(struct eg_inflight *w, int fd, size_t *bytes, const char **bad,
    size_t *len);

/* Refuses all lines that are written and not settled. Calls refused and settled. */
void eg_inflight_refuse(struct eg_inflight *w);

/* Moves the write position back to the settled position: those lines are written again. */
void eg_inflight_rewind(struct eg_inflight *w);

/* Calls dropped for each chunk. */
void eg_inflight_drop(struct eg_inflight *w);

#endif
