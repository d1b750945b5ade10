/* SPDX-License-Identifier: MIT */
/* The state of a consumer; only for the files of the consumer. */
#ifndef EG_CONSUMER_PARTS_H
#define EG_CONSUMER_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "amqp/connection.h"
#include "amqp/consumer.h"
#include "amqp/delivery_tags.h"
#include "amqp/marker.h"
#include "amqp/queue_depth.h"
#include "amqp/room.h"
#include "amqp/stream.h"
#include "amqp/stream_gap.h"

/* How far the consumer is with a larger prefetch, see consumer_widen.c. */
enum eg_widening_state {
	EG_WIDENING_NONE,
	EG_WIDENING_HOLDS, /* acknowledgements are held back, until all that was sent is here */
	EG_WIDENING_ASKED, /* the second subscription is sent; they are still held back */
	EG_WIDENING_LATE,  /* no message came for it in time */
	EG_WIDENING_OFF,   /* no further attempt on this connection */
};

enum {
	EG_TAG = 24,     /* room for a consumer tag */
	EG_TAGS_MAX = 4, /* subscriptions beside each other */
};

struct eg_widening {
	enum eg_widening_state state;
	char tag[EG_TAG];  /* tag of the second subscription; empty: there is none */
	unsigned prefetch; /* its prefetch */
	int64_t due;       /* end of the state; with NONE: time of the next attempt */
	/* Time since when acknowledgements are counted to find their rate, and the tag up to which
	 * messages were acknowledged then. */
	int64_t counted_since;
	uint64_t counted_from;
};

#define EG_MARKERS_MAX 4

/* A marker that waits until all deliveries before it are acknowledged. */
struct eg_marker {
	uint64_t tag;
	char reply_to[256];
	char id[EG_MARKER_ID_MAX];
};

struct eg_consumer {
	struct eg_consumer_config cfg;
	struct eg_connection connection;
	uint64_t generation; /* counts connections; delivery tags are valid on one connection
			      * only */
	/* Tags of the subscriptions whose messages are taken; after a cancel a new tag is used. */
	char tag[EG_TAGS_MAX][EG_TAG];
	unsigned n_tags, tags_used;
	struct eg_widening widening;
	struct eg_delivery_tags tags;
	struct eg_stream stream;
	struct eg_stream_gap gap;
	struct eg_queue_depth depth;
	uint64_t acked;             /* messages acknowledged on all connections */
	uint64_t given_back;        /* messages requeued on all connections */
	struct eg_room room;        /* memory of deliveries, including those of earlier
				     * connections */
	struct eg_delivery *coming; /* the delivery whose header or body is incomplete */
	/* Time of sending the subscription on this connection, and of its answer; 0: not yet. */
	int64_t subscribing, subscribed;
	bool stopped;               /* cancelled for good */
	bool cancelled;             /* cancelled on this connection, since the limit is reached */
	bool counting;              /* the number of remaining messages was requested; no answer
				     * yet */
	int empty;                  /* consecutive answers of 0 messages */
	struct eg_marker marker[EG_MARKERS_MAX]; /* of this connection, oldest first */
	size_t n_markers;
	bool answering;             /* the channel of answers is not closed yet */
	uint64_t session;           /* random number of this consumer */
	uint64_t delivered;         /* messages delivered, without markers */
};

/* How many further messages the limit of the configuration allows. */
uint64_t eg_consumer_left(const struct eg_consumer *c);

/* The prefetch for the subscription. */
uint16_t eg_consumer_prefetch(const struct eg_consumer *c);

/* Sends the subscription. Either AMQP_BASIC_CONSUME_OK_METHOD follows, or the connection is
 * lost. */
void eg_consumer_subscribe(struct eg_consumer *c);

/* Requeues a message that arrived after the cancel, so that other consumers get it at once.
 * Frees d. */
void eg_consumer_refuse(struct eg_consumer *c, struct eg_delivery *d);

/* Makes a new consumer tag. */
void eg_consumer_new_tag(struct eg_consumer *c, char tag[EG_TAG]);

/* Subscribes with tag, or cancels that subscription, without an answer. If sending fails, the next
 * read reports the lost connection. */
void eg_consumer_send_subscription(struct eg_consumer *c, const char *tag, uint16_t prefetch,
    amqp_table_t arguments, bool nowait);
void eg_consumer_send_cancel(struct eg_consumer *c, const char *tag);

/* Defined in consumer_widen.c: */

/* Called for each message whose size is known: begins to widen the subscription if the messages are
 * small and settled fast. */
void eg_consumer_widen(struct eg_consumer *c);

/* Called for each delivery with its consumer tag: completes the widening, or gives it up. */
void eg_consumer_widened(struct eg_consumer *c, amqp_bytes_t tag);

/* Until when acknowledgements are held back, on eg_mono_ms's clock; 0: they are not. Without a
 * connection they are not. */
int64_t eg_consumer_held_until(const struct eg_consumer *c);

/* Whether acknowledgements are held back at present. Gives the widening up if it takes too long. */
bool eg_consumer_holds_acks(struct eg_consumer *c);

/* Ends the widening on this connection: cancels the second subscription, and holds nothing back. */
void eg_consumer_stop_widening(struct eg_consumer *c);

/* Cancels the subscription on this connection. Messages that arrive afterwards are not
 * delivered. */
void eg_consumer_cancel(struct eg_consumer *c);

/* Keeps the marker d, settles it, and frees d. */
void eg_consumer_take_marker(struct eg_consumer *c, struct eg_delivery *d);

/* Handles f if it belongs to the channel of answers. Returns whether it does. */
bool eg_consumer_take_answer(struct eg_consumer *c, const amqp_frame_t *f);

/* Reads frames until none is left or the limit of memory is reached. -1 with *e: see
 * eg_consumer_work. If c has no connection afterwards, it was lost. */
int eg_consumer_take(struct eg_consumer *c, struct eg_error *e);

#endif
