/* SPDX-License-Identifier: MIT */
/* Units under way to a child: what is written, what has its receipt, in order. */
#ifndef EG_INFLIGHT_H
#define EG_INFLIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "record/record.h"
#include "stage/child.h"

enum { EG_ECHO_BYTES = 64 * 1024 };

/* All units without a fate, in order. Two positions move through them: the one up
 * to which they were written to the child, and behind it, at first->matched, the one
 * up to which lines have their fate. Zeroed but for calls and ctx it is empty. */
struct eg_inflight {
	const struct eg_child_calls *calls;
	void *ctx;
	struct eg_chunk *first, *last;
	struct eg_chunk *next; /* the unit to be written next, NULL: all are written */
	size_t head;          /* bytes of its head that are written */
	size_t offset;        /* bytes of its text that are written */
	size_t given;         /* bytes of texts between the two positions */
	bool full;            /* the pipe took less than there was */
	size_t carried;       /* bytes of an unfinished line in echo */
	char echo[EG_ECHO_BYTES + EG_LINE_MAX + 2];
};

/* Puts u behind the others; it stays the caller's. */
void eg_inflight_push(struct eg_inflight *w, struct eg_chunk *u);

/* Writes what the pipe fd (O_NONBLOCK) takes, nothing behind the unit stop (NULL: no
 * limit), and sets full when it takes no more. Returns bytes, -1 when nobody reads. */
ssize_t eg_inflight_write(struct eg_inflight *w, int fd, const struct eg_chunk *stop);

/* NOTHING: not now. END: nobody writes any more. */
enum eg_echo { EG_ECHO_MORE, EG_ECHO_NOTHING, EG_ECHO_END, EG_ECHO_WRONG };

/* One read of receipts from the pipe fd (O_NONBLOCK). An echoed line is the receipt
 * for itself, and refuses the lines given before it that were left out. Calls back.
 * *bytes grows by what was matched. WRONG: the line *bad of *len bytes was not given
 * to the child, or is too long. */
enum eg_echo eg_inflight_read(struct eg_inflight *w, int fd, size_t *bytes, const char **bad,
    size_t *len);

/* All that was given to the child and has no fate is refused. Calls back. */
void eg_inflight_refuse(struct eg_inflight *w);

/* What was given to the child and has no fate is to be written again. */
void eg_inflight_rewind(struct eg_inflight *w);

/* Gives every unit back (dropped). */
void eg_inflight_drop(struct eg_inflight *w);

#endif
