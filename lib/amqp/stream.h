/* SPDX-License-Identifier: MIT */
/* The position in a stream, and whether it is still the same stream as in the last run. */
#ifndef EG_STREAM_H
#define EG_STREAM_H

#include <stdbool.h>
#include <stdint.h>

struct amqp_table_entry_t_;
struct eg_delivery;

/* The position of a message in a stream. With a fingerprint, the message is settled and reading
 * continues after it; without one, reading begins at it. */
struct eg_position {
	int64_t offset; /* -1: no position */
	uint64_t print; /* fingerprint of the message; 0: none */
};

#define EG_POSITION_NONE ((struct eg_position){ .offset = -1 })
#define EG_STREAM_INIT(where) ((struct eg_stream){ .from = (where), .missing = -1 })

/* One subscription; initialise with EG_STREAM_INIT. If a stream was deleted and declared anew,
 * its offsets belong to other messages. And if a consumer starts beyond the end, a broker
 * delivers nothing and reports no error. Therefore a subscription starts at the last settled
 * message, not after it: this message must be delivered, and must be the same. Before the first
 * one is settled, it starts at the first message, which must be delivered, too. */
struct eg_stream {
	const char *from;        /* start if there is no position, see consumer.h */
	struct eg_position last; /* position at which the subscription began */
	int64_t expected;        /* smallest valid offset of the first message; -1: any */
	int64_t due;             /* time limit for the first message (eg_mono_ms) */
	bool checking;           /* the first message has not arrived yet */
	/* after a restart: the first offset from which messages may be missing; -1: none */
	int64_t missing;
	uint64_t passed_over;    /* number of messages that were removed before they were read */
};

/* Begins a subscription at last, or at s->from if last is none. *row becomes the consumer
 * argument x-stream-offset; it points into s. */
void eg_stream_begin(struct eg_stream *s, struct eg_position last,
    struct amqp_table_entry_t_ *row);

/* Notes that the broker has confirmed the subscription. */
void eg_stream_begun(struct eg_stream *s);

/* The fingerprint of a complete delivery; never 0. */
uint64_t eg_stream_print(const struct eg_delivery *d);

/* What to do with the first delivery of a subscription: */
enum eg_stream_first {
	EG_STREAM_TAKE,  /* deliver it: it is not settled */
	EG_STREAM_SKIP,  /* skip it: it is the last settled message */
	EG_STREAM_OTHER, /* it is a different message: the stream was declared anew */
};

/* Checks the first delivery. Counts the messages that retention has removed, and warns about
 * them. queue: the name in the warning. */
enum eg_stream_first eg_stream_check(struct eg_stream *s, const struct eg_delivery *d,
    uint64_t print, const char *queue);

/* Counts n messages from this offset on as removed by retention before they were read, and
 * warns. Some of these offsets may belong to internal entries of the broker. */
void eg_stream_pass_over(struct eg_stream *s, int64_t from, uint64_t n, const char *queue);

/* Whether the message at the position should have arrived by now. If so, send the broker a request:
 * if its answer arrives first, the message does not exist any more. */
bool eg_stream_overdue(const struct eg_stream *s, int64_t now);

/* Makes the next subscription begin at the stream's first message. missing: the message at the
 * position was not delivered, so later ones may be missing, too. */
void eg_stream_restart(struct eg_stream *s, bool missing);

#endif
