/* SPDX-License-Identifier: MIT */
/* What eg-split reads from its own queues: the answers to its markers, and the lines of
 * NAME.change. Others can write there, too, so each text is taken whole and in its only form, or
 * not at all.
 * Pure functions; none keeps its arguments. */
#ifndef EG_SPLIT_TEXT_H
#define EG_SPLIT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "amqp/marker.h"

/* An answer, and what its ID says: which marker it answers. */
struct eg_split_reply {
	struct eg_answer answer;
	uint32_t run;   /* random number of the eg-split that asked */
	uint32_t round;
	uint32_t queue; /* from 0, below EG_PARTITIONS_MAX */
};

/* How far a change is (split_state.c). */
struct eg_split_state {
	uint32_t before, after; /* numbers of queues, 1 to EG_PARTITIONS_MAX, not equal; 0: unknown */
	int64_t paused;         /* wall clock in ms when publishing paused; 0: not yet */
	bool switching;         /* the old queues are drained */
};

/* Reads the len bytes of an answer, "RUN-ROUND-QUEUE SESSION COUNT" (marker.h); RUN has 8 hex
 * digits. False, and *out is undefined, if it is none. */
bool eg_split_reply_parse(const char *text, size_t len, struct eg_split_reply *out);

/* Takes the len bytes of a line of NAME.change into *s: "change BEFORE AFTER", "pause MS" or
 * "switch". False, and *s is as before, if it is none. */
bool eg_split_state_parse(const char *text, size_t len, struct eg_split_state *s);

#endif
