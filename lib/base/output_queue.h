/* SPDX-License-Identifier: MIT */
/* Whole lines, records, that wait to be written to standard output. */
#ifndef EG_OUTPUT_QUEUE_H
#define EG_OUTPUT_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/output.h"

struct eg_error;
struct eg_loop;

/* Above this many bytes the program should make no more. */
#define EG_OUTPUT_QUEUE_HIGH ((size_t)64 * 1024)

/* All zero but for out, which eg_output_open fills. */
struct eg_output_queue {
	struct eg_output out;
	char *text;
	size_t len, room;
	bool begun; /* the first line is written in part */
};

/* Appends len bytes of whole lines, which are copied. -1 with *e: memory is out. */
int eg_output_queue_add(struct eg_output_queue *q, const char *text, size_t len,
    struct eg_error *e);

/* Writes what standard output takes, and counts it in l->metrics.out. Lines that were refused
 * before are on disk first; until then nothing is written. Call it after poll(2) reported POLLOUT.
 * -1 with l->error. */
int eg_output_queue_write(struct eg_output_queue *q, struct eg_loop *l);

/* Ends a line that was written in part, as eg_output_end_line. */
void eg_output_queue_end(struct eg_output_queue *q);

void eg_output_queue_free(struct eg_output_queue *q);

#endif
