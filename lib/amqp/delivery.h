/* SPDX-License-Identifier: MIT */
/* A message on its way in, put together from the frames that bring it. */
#ifndef EG_DELIVERY_H
#define EG_DELIVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct amqp_frame_t_;
struct eg_error;

/* What deliveries hold together: how many there are, and their bytes. */
struct eg_delivery_held {
	size_t n, bytes;
};

/* Its holder owns it and its body, which has room for one more byte. */
struct eg_delivery {
	char *body;
	size_t len;
	char type[64];     /* content type, cut; empty: none */
	char encoding[24]; /* content encoding, cut; empty: none */
	char key[256]; /* routing key; empty: came by the default exchange, to its queue */
	int64_t sent;  /* when it was published, or the broker got it, ns; 0: nobody says */
	bool redelivered;
	int64_t offset; /* in a stream; -1 in a queue */
	char *props;    /* the message's properties, as AMQP encodes them */
	size_t props_len;
	/* The consumer's own: */
	uint64_t tag, generation;
	size_t want; /* bytes of the body, SIZE_MAX: not known yet */
	struct eg_delivery_held *held; /* counts it; NULL: not counted */
	size_t bytes;                  /* so much */
};

/* The headers in which a dead letter keeps its message's routing key, and when that
 * arrived, as a record has times. */
#define EG_HEADER_KEY "x-eg-key"
#define EG_HEADER_ARRIVED "x-eg-arrived"

/* NULL: out of memory. */
struct eg_delivery *eg_delivery_new(uint64_t tag, bool redelivered);

/* Notes the routing key, len bytes. */
void eg_delivery_set_key(struct eg_delivery *d, const void *key, size_t len);

/* Takes a header or body frame of amqp.h; others are passed over. After the header (want
 * is known then) comes eg_delivery_admit, before any body frame. -1: the message is
 * larger than any broker's, or memory is out. */
int eg_delivery_take(struct eg_delivery *d, const struct amqp_frame_t_ *f, struct eg_error *e);

/* The bytes of memory that it takes to hold d. */
size_t eg_delivery_size(const struct eg_delivery *d);

/* Makes room for the body, and counts d in held until it is freed. -1: out of memory. */
int eg_delivery_admit(struct eg_delivery *d, struct eg_delivery_held *held, struct eg_error *e);

/* Counts n more bytes, which its holder keeps as long as d. */
void eg_delivery_hold(struct eg_delivery *d, size_t n);

/* Whether all of it is there. */
bool eg_delivery_whole(const struct eg_delivery *d);

/* Frees d (NULL: nothing) without a word to the broker. */
void eg_delivery_free(struct eg_delivery *d);

#endif
