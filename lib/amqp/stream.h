/* SPDX-License-Identifier: MIT */
/* Where a stream is read from, and whether it is still the stream that was read before. */
#ifndef EG_STREAM_H
#define EG_STREAM_H

#include <stdbool.h>
#include <stdint.h>

struct amqp_table_entry_t_;
struct eg_delivery;

/* A message of a stream. */
struct eg_position {
	int64_t offset; /* -1: none */
	uint64_t print; /* its fingerprint, 0: not known */
};

#define EG_POSITION_NONE ((struct eg_position){ .offset = -1 })
#define EG_STREAM_INIT(where) ((struct eg_stream){ .from = (where), .missing = -1 })

/* One subscription, from EG_STREAM_INIT. A stream that was deleted and declared anew has other
 * messages at its offsets, and a broker delivers nothing, without an error, to a consumer that
 * begins behind the end. So a subscription begins at the last settled message, not behind it:
 * that message must be delivered, and must be the same. */
struct eg_stream {
	const char *from;        /* where to begin without a position, see consumer.h */
	struct eg_position last; /* the last settled message, where the subscription began */
	int64_t expected;        /* the lowest offset that may come first; -1: any */
	int64_t due;             /* eg_mono_ms: when the first message should have come */
	bool checking;           /* the first message has not arrived yet */
	/* the reading was restarted because this offset was not delivered; -1: not restarted */
	int64_t missing;
	uint64_t passed_over;    /* messages that were removed before they were read */
};

/* Begins a subscription at last, or at s->from if that is none. *row is the consumer's
 * argument x-stream-offset; it points into s. */
void eg_stream_begin(struct eg_stream *s, struct eg_position last,
    struct amqp_table_entry_t_ *row);

/* The broker has confirmed the subscription. */
void eg_stream_begun(struct eg_stream *s);

/* The fingerprint of a whole delivery, never 0. */
uint64_t eg_stream_print(const struct eg_delivery *d);

/* What to do with the first delivery of a subscription. */
enum eg_stream_first {
	EG_STREAM_TAKE,  /* not read before */
	EG_STREAM_SKIP,  /* it is the last settled message */
	EG_STREAM_OTHER, /* it is another one: the stream was declared anew */
};

/* Checks the first delivery. Counts messages that retention has removed, and warns of them.
 * queue: its name for the warning. */
enum eg_stream_first eg_stream_check(struct eg_stream *s, const struct eg_delivery *d,
    uint64_t print, const char *queue);

/* Counts and warns of n messages from this offset on, removed by retention before they were
 * read. Some of the offsets may be of entries that the broker keeps for itself. */
void eg_stream_pass_over(struct eg_stream *s, int64_t from, uint64_t n, const char *queue);

/* Whether the last settled message should have arrived by now. Then send the broker a question:
 * if the answer arrives first, the message no longer exists. */
bool eg_stream_overdue(const struct eg_stream *s, int64_t now);

/* Makes the next subscription begin at the first message. missing: the last settled message was
 * not delivered, so later ones may be missing, too. */
void eg_stream_restart(struct eg_stream *s, bool missing);

#endif
