/* SPDX-License-Identifier: MIT */
/* A message that is being received, assembled from frames. */
#ifndef EG_DELIVERY_H
#define EG_DELIVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct amqp_frame_t_;
struct eg_error;

/* The number of deliveries in memory, and the bytes that they take together. */
struct eg_delivery_held {
	size_t n, bytes;
};

/* The receiver owns it. body has room for one more byte. */
struct eg_delivery {
	char *body;
	size_t len;
	char type[64];     /* content type, cut; empty: none */
	char encoding[24]; /* content encoding, cut; empty: none */
	char key[256]; /* routing key; empty: came by the default exchange, to its queue */
	int64_t sent;  /* when it was published or reached the broker, in ns; 0: unknown */
	bool redelivered;
	int64_t offset; /* in a stream; -1 in a queue */
	char *props;    /* the message's properties, as AMQP encodes them */
	size_t props_len;
	/* The consumer's own: */
	uint64_t tag, generation;
	size_t want; /* size of the body in bytes, SIZE_MAX: not known yet */
	struct eg_delivery_held *held; /* where it is counted; NULL: not counted */
	size_t bytes;                  /* the bytes counted there */
};

/* Headers of a dead letter: its message's routing key, and the time at which the message
 * arrived, in a record's format. */
#define EG_HEADER_KEY "x-eg-key"
#define EG_HEADER_ARRIVED "x-eg-arrived"

/* NULL: out of memory. */
struct eg_delivery *eg_delivery_new(uint64_t tag, bool redelivered);

/* Stores the routing key of len bytes. */
void eg_delivery_set_key(struct eg_delivery *d, const void *key, size_t len);

/* Adds a header or body frame of amqp.h; ignores others. After the header, which sets want, call
 * eg_delivery_admit before the first body frame. -1: the message is larger than 512 MiB, or
 * memory is out. */
int eg_delivery_take(struct eg_delivery *d, const struct amqp_frame_t_ *f, struct eg_error *e);

/* The bytes of memory that it takes to hold d. */
size_t eg_delivery_size(const struct eg_delivery *d);

/* Makes room for the body, and counts d in held until it is freed. -1: out of memory. */
int eg_delivery_admit(struct eg_delivery *d, struct eg_delivery_held *held, struct eg_error *e);

/* Counts n more bytes that the receiver keeps as long as d. */
void eg_delivery_hold(struct eg_delivery *d, size_t n);

/* Whether the message is complete. */
bool eg_delivery_whole(const struct eg_delivery *d);

/* Frees d, and sends nothing to the broker. NULL is allowed. */
void eg_delivery_free(struct eg_delivery *d);

#endif
