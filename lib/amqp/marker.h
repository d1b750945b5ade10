/* SPDX-License-Identifier: MIT */
/* Markers: how eg-split finds out that the consumers of a queue have made safe all that came
 * before. A marker is a message that it adds to the end of a queue or stream. A consumer keeps
 * it, and answers when each message delivered before it is settled (the marker of Chandy and
 * Lamport's snapshots, 1985). For programs that do not know markers, the body is a comment.
 *
 * A marker has the property type EG_MARKER_TYPE, reply-to with the queue for the answer, and
 * correlation-id, which the answer repeats. The body of an answer is a struct eg_answer as text:
 * "ID SESSION COUNT". The answer goes through the default exchange and is not mandatory: when
 * eg-split does not wait for it any more, the broker drops it. */
#ifndef EG_MARKER_H
#define EG_MARKER_H

#include <stdint.h>

#define EG_MARKER_TYPE "energyguard.marker"
#define EG_MARKER_BODY "# eg-split asks how far the consumer is\n"
#define EG_MARKER_ID_MAX 48
#define EG_MARKER_SESSION_MAX 40

/* Two answers of the same session with the same count: no message came between. */
struct eg_answer {
	char id[EG_MARKER_ID_MAX];
	char session[EG_MARKER_SESSION_MAX]; /* one connection of one consumer */
	uint64_t count; /* messages delivered in the session, without markers */
};

#endif
