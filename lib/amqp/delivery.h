/* SPDX-License-Identifier: MIT */
/* A received message, assembled from frames. */
#ifndef EG_DELIVERY_H
#define EG_DELIVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct amqp_frame_t_;
struct eg_error;

/* Number and total size in bytes of the deliveries in memory. */
struct eg_delivery_held {
	size_t n, bytes;
};

/* A delivery, owned by the receiver. body has room for one more byte. */
struct eg_delivery {
	char *body;
	size_t len;
	char type[64];     /* content type, truncated; empty: none */
	char encoding[24]; /* content encoding, truncated; empty: none */
	char key[256]; /* routing key; empty: sent to the queue through the default exchange */
	int64_t sent;  /* time of publishing or of arrival at the broker, in ns; 0: unknown */
	bool redelivered;
	bool marker;    /* a marker of eg-split (amqp/marker.h); holds no readings */
	int64_t offset; /* offset in a stream; -1 for a queue */
	char *props;    /* the message's properties in AMQP's encoding */
	size_t props_len;
	/* private to the consumer: */
	uint64_t tag, generation;
	size_t want; /* size of the body in bytes; SIZE_MAX: not known yet */
	struct eg_delivery_held *held; /* the total that includes this delivery; NULL: none */
	size_t bytes;                  /* bytes of this delivery in that total */
};

/* Headers of a dead letter: the routing key of the original message, and its time of arrival in
 * the form of a record's timestamp. */
#define EG_HEADER_KEY "x-eg-key"
#define EG_HEADER_ARRIVED "x-eg-arrived"

/* Makes a delivery. NULL if memory runs out. */
struct eg_delivery *eg_delivery_new(uint64_t tag, bool redelivered);

/* Stores the routing key, len bytes. */
void eg_delivery_set_key(struct eg_delivery *d, const void *key, size_t len);

/* Adds a header or body frame of amqp.h; ignores other frames. The header sets want; call
 * eg_delivery_admit before the first body frame. -1: the message is larger than 512 MiB, or
 * memory runs out. */
int eg_delivery_take(struct eg_delivery *d, const struct amqp_frame_t_ *f, struct eg_error *e);

/* The memory that d takes when complete, in bytes. */
size_t eg_delivery_size(const struct eg_delivery *d);

/* Allocates the body, and adds d to the total `held` until d is freed. -1 if memory runs out. */
int eg_delivery_admit(struct eg_delivery *d, struct eg_delivery_held *held, struct eg_error *e);

/* Adds n further bytes, which the receiver keeps as long as d, to that total. */
void eg_delivery_hold(struct eg_delivery *d, size_t n);

/* Whether all of the message has arrived. */
bool eg_delivery_whole(const struct eg_delivery *d);

/* Frees d without sending anything to the broker. NULL is allowed. */
void eg_delivery_free(struct eg_delivery *d);

#endif
