/* SPDX-License-Identifier: MIT */
/* The last frame counter of each meter. A meter counts up, so a message whose counter has not grown
 * was recorded and sent again. */
#ifndef EG_DLMS_COUNTERS_H
#define EG_DLMS_COUNTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct eg_decode_counter;

enum { EG_DLMS_TITLE = 8, EG_DLMS_METERS = 4096 };

/* All zero: no meter is known. If the array is full, a new meter replaces the one that has been
 * silent for longest. */
struct eg_dlms_counters {
	struct eg_dlms_meter {
		unsigned char title[EG_DLMS_TITLE]; /* system title */
		int64_t seen;   /* counter of the last message that was decoded; -1: none */
		int64_t safe;   /* of the last one that is settled, which the file holds; -1: none */
	} meters[EG_DLMS_METERS]; /* the one that sent last is the last */
	size_t n;
	bool ahead;   /* settle_all has something to do */
	bool changed; /* a counter is not in the file yet, see counter_file.h */
	bool warned;  /* that a meter was replaced */
};

/* Whether the meter has already sent this counter or a later one. */
bool eg_dlms_is_replay(const struct eg_dlms_counters *c, const struct eg_decode_counter *counter);

/* Stores the counter of a message that was decoded. */
void eg_dlms_note(struct eg_dlms_counters *c, const struct eg_decode_counter *counter);

/* See eg_decode_settle and eg_decode_unsettle. */
void eg_dlms_settle(struct eg_dlms_counters *c, const struct eg_decode_counter *counter);
void eg_dlms_unsettle(struct eg_dlms_counters *c, const struct eg_decode_counter *counter);

/* Settles all messages that were decoded. */
void eg_dlms_settle_all(struct eg_dlms_counters *c);

#endif
