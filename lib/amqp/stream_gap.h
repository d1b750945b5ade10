/* SPDX-License-Identifier: MIT */
/* Gaps in the offsets that a subscription to a stream delivers. There are two causes: retention
 * has removed messages before they were read, or the broker has used the offsets for its own
 * entries (at a new segment, and when clients store offsets). The first offset that the stream
 * still has shows the cause: if it is inside or after the gap, messages were removed. A second,
 * short subscription on its own channel finds that offset. */
#ifndef EG_STREAM_GAP_H
#define EG_STREAM_GAP_H

#include <stdbool.h>
#include <stdint.h>

struct amqp_connection_state_t_;
struct amqp_frame_t_;
struct eg_error;

/* Initialise with EG_STREAM_GAP_INIT. */
struct eg_stream_gap {
	int64_t next;     /* offset of the next message; -1: any */
	int64_t from;     /* first offset of the first unexplained gap */
	uint64_t missing; /* number of skipped offsets since then; 0: no unexplained gap */
	bool requesting;  /* the channel is open */
	bool closing;     /* the channel is being closed: further frames on it are ignored */
	int64_t requested; /* time when the request was sent (eg_mono_ms) */
};

#define EG_STREAM_GAP_INIT ((struct eg_stream_gap){ .next = -1 })

/* Call for each message with its offset. If offsets were skipped, asks for the stream's first
 * offset. Does not block. */
void eg_stream_gap_follow(struct eg_stream_gap *g, struct amqp_connection_state_t_ *conn,
    int64_t offset);

/* Call when the connection is lost. The request is repeated on the next connection. */
void eg_stream_gap_lost(struct eg_stream_gap *g);

/* Call when a subscription has begun. */
void eg_stream_gap_begun(struct eg_stream_gap *g, struct amqp_connection_state_t_ *conn);

/* Whether to wait for an answer: true for some seconds after the request. */
bool eg_stream_gap_waits(const struct eg_stream_gap *g);

/* Handles f if it belongs to the gap's channel, and returns whether it does. *gone is the
 * largest number of offsets from g->from on that retention may have removed; 0: none, or not
 * known yet. *e is set if memory runs out. */
bool eg_stream_gap_take(struct eg_stream_gap *g, struct amqp_connection_state_t_ *conn,
    const char *queue, const struct amqp_frame_t_ *f, uint64_t *gone, struct eg_error *e);

#endif
