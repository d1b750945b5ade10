/* SPDX-License-Identifier: MIT */
/* The properties of a message that is published, those of another message among them. */
#ifndef EG_PROPERTIES_H
#define EG_PROPERTIES_H

#include <stdbool.h>
#include <stddef.h>

struct amqp_basic_properties_t_;
struct amqp_pool_t_;

/* The properties of another message that are kept. */
struct eg_properties {
	const void *encoded; /* as AMQP encodes them; NULL: none are kept */
	size_t len;
	bool body; /* the body is the other message's too, and so are its type and encoding */
};

/* Fills *out from what is kept of another message and what the new one says itself: its
 * type (NULL with kept->body: the other's) and headers (names and values, ends with
 * NULLs; NULL: none), and that it is persistent. Kept are all properties and headers, as
 * RabbitMQ's own dead-lettering keeps them, but for those that a broker would act on:
 * expiration, user_id and the headers CC and BCC become headers x-eg-expiration,
 * x-eg-user-id, x-eg-CC and x-eg-BCC. Headers of the new message replace those of the
 * same name. Memory is the pool's. -1: it is out, or encoded cannot be read. */
int eg_properties_make(struct amqp_basic_properties_t_ *out, const struct eg_properties *kept,
    const char *type, const char *const (*headers)[2], struct amqp_pool_t_ *pool);

#endif
