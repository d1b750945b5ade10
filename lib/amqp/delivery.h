/* SPDX-License-Identifier: MIT */
/* A message on its way in, put together from the frames that bring it. */
#ifndef EG_DELIVERY_H
#define EG_DELIVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct amqp_frame_t_;
struct eg_error;

/* Its holder owns it and its body, which has room for one more byte. */
struct eg_delivery {
	char *body;
	size_t len;
	char type[64]; /* content type, cut; empty: none */
	char key[256]; /* routing key; empty: came by the default exchange, to its queue */
	int64_t sent;  /* when it was published, or the broker got it, ns; 0: nobody says */
	bool redelivered;
	int64_t offset; /* in a stream; -1 in a queue */
	/* The consumer's own: */
	uint64_t tag, generation;
	size_t want;   /* bytes of the body, SIZE_MAX: not known yet */
	size_t *alive; /* counts the ones given out; NULL: not counted */
};

/* The headers in which a dead letter keeps its message's routing key, and when that
 * arrived, as a record has times. */
#define EG_HEADER_KEY "x-eg-key"
#define EG_HEADER_ARRIVED "x-eg-arrived"

/* NULL: out of memory. */
struct eg_delivery *eg_delivery_new(uint64_t tag, bool redelivered);

/* Notes the routing key, len bytes. */
void eg_delivery_set_key(struct eg_delivery *d, const void *key, size_t len);

/* Takes a header or body frame of amqp.h; others are passed over. -1: the message is
 * larger than we take, or memory is out. */
int eg_delivery_take(struct eg_delivery *d, const struct amqp_frame_t_ *f, struct eg_error *e);

/* Whether all of it is there. */
bool eg_delivery_whole(const struct eg_delivery *d);

/* Frees d (NULL: nothing) without a word to the broker. */
void eg_delivery_free(struct eg_delivery *d);

#endif
