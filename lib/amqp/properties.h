/* SPDX-License-Identifier: MIT */
/* Properties of a message to publish that keeps the properties of an earlier message. */
#ifndef EG_PROPERTIES_H
#define EG_PROPERTIES_H

#include <stdbool.h>
#include <stddef.h>

struct amqp_basic_properties_t_;
struct amqp_pool_t_;

/* What a new message takes over from an earlier one, for example a dead letter. */
struct eg_properties {
	const void *encoded; /* properties in AMQP's encoding; NULL: take over none */
	size_t len;
	bool body; /* also take over the body, its content type and its encoding */
};

/* Fills *out with the kept properties, the new content type, the new headers and persistent
 * delivery. type: NULL with kept->body keeps the earlier content type. headers: pairs of name
 * and value that end with a pair of NULLs; NULL: none. A new header replaces a kept one of
 * the same name. All properties and headers are kept, as by RabbitMQ's dead-lettering, except
 * those that a broker acts on: expiration, user_id and the headers CC and BCC become headers
 * x-eg-expiration, x-eg-user-id, x-eg-CC and x-eg-BCC. The pool owns the memory.
 * Returns -1 when memory is out or encoded cannot be decoded. */
int eg_properties_make(struct amqp_basic_properties_t_ *out, const struct eg_properties *kept,
    const char *type, const char *const (*headers)[2], struct amqp_pool_t_ *pool);

#endif
