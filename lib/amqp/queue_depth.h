/* SPDX-License-Identifier: MIT */
/* Asks the broker every few seconds how many messages wait in a queue, for the counters. It has a
 * channel of its own on the consumer's connection and does not wait for the answer: a broker that
 * is slow to answer holds up neither deliveries nor acknowledgements. */
#ifndef EG_QUEUE_DEPTH_H
#define EG_QUEUE_DEPTH_H

#include <stdint.h>

#include "amqp/connection.h"

enum eg_queue_depth_state {
	EG_DEPTH_CLOSED,  /* there is no channel */
	EG_DEPTH_OPENING, /* an answer is awaited, in these two */
	EG_DEPTH_ASKED,
	EG_DEPTH_OPEN,
};

struct eg_queue_depth {
	const char *queue; /* NULL: nothing is asked */
	uint64_t messages; /* without those that consumers hold; EG_METRIC_UNKNOWN: no answer */
	/* private: */
	enum eg_queue_depth_state state;
	int64_t due;       /* when to ask next, or to stop waiting, on eg_mono_ms's clock */
};

void eg_queue_depth_init(struct eg_queue_depth *d, const char *queue);

/* Asks if it is time to. Does not wait for the answer. */
void eg_queue_depth_work(struct eg_queue_depth *d, amqp_connection_state_t conn, int64_t now);

/* Handles a frame of EG_CHANNEL_DEPTH. */
void eg_queue_depth_take(struct eg_queue_depth *d, amqp_connection_state_t conn,
    const amqp_frame_t *f, int64_t now);

/* The connection is lost. */
void eg_queue_depth_lost(struct eg_queue_depth *d);

#endif
