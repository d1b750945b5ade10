/* SPDX-License-Identifier: MIT */
/* Offsets that a running subscription to a stream passes over. Either retention has removed
 * messages ahead of the reader, or the broker has used the offsets for entries of its own:
 * at a new segment, and when clients store offsets. The first offset that the stream still
 * has tells which: if it is in or behind the gap, messages were removed. A second, short
 * subscription asks for it, on a channel of its own. */
#ifndef EG_STREAM_GAP_H
#define EG_STREAM_GAP_H

#include <stdbool.h>
#include <stdint.h>

struct amqp_connection_state_t_;
struct amqp_frame_t_;
struct eg_error;

/* From EG_STREAM_GAP_INIT. */
struct eg_stream_gap {
	int64_t next;     /* the offset that comes next; -1: any */
	int64_t from;     /* the first offset of the gap */
	uint64_t missing; /* its offsets, and those of later gaps; 0: no gap is unexplained */
	bool asking;      /* the channel is in use */
	bool closing;     /* it is being closed: what still comes is passed over */
	int64_t asked;    /* eg_mono_ms: since when */
};

#define EG_STREAM_GAP_INIT ((struct eg_stream_gap){ .next = -1 })

/* A message with this offset has come: asks about the first offset if others were passed
 * over. Does not block. */
void eg_stream_gap_follow(struct eg_stream_gap *g, struct amqp_connection_state_t_ *conn,
    int64_t offset);

/* The connection is lost: the question is put again on the next one. */
void eg_stream_gap_lost(struct eg_stream_gap *g);

/* A subscription has begun. */
void eg_stream_gap_begun(struct eg_stream_gap *g, struct amqp_connection_state_t_ *conn);

/* Whether an answer is worth waiting for: it is for some seconds. */
bool eg_stream_gap_waits(const struct eg_stream_gap *g);

/* Handles f if it is of its channel; returns whether it is. *gone: how many offsets from
 * g->from on retention has removed, at most; 0: none, or not known yet. -1 in *e: out of
 * memory. */
bool eg_stream_gap_take(struct eg_stream_gap *g, struct amqp_connection_state_t_ *conn,
    const char *queue, const struct amqp_frame_t_ *f, uint64_t *gone, struct eg_error *e);

#endif
