/* SPDX-License-Identifier: MIT */
/* Makes the properties of a message that takes over the properties of an earlier one. */
#ifndef EG_PROPERTIES_H
#define EG_PROPERTIES_H

#include <stdbool.h>
#include <stddef.h>

struct amqp_basic_properties_t_;
struct amqp_pool_t_;

/* The earlier message whose properties a new message, such as a dead letter, takes over. */
struct eg_properties {
	const void *encoded; /* its properties in AMQP's encoding; NULL: take over none */
	size_t len;
	bool body; /* take over the body with its content type and encoding, too */
};

/* Fills *out for a persistent message with the properties and headers of kept, the new content type
 * and the new headers. type NULL with kept->body: keeps the content type, too. headers: pairs of
 * name and value, ended by a pair of NULLs; NULL: none. A new header replaces an old one of the
 * same name. As with RabbitMQ's dead-lettering, properties and headers on which a broker acts are
 * renamed: expiration, user_id and the headers CC and BCC become headers x-eg-expiration,
 * x-eg-user-id, x-eg-CC and x-eg-BCC. pool owns the memory. -1 if memory runs out or encoded cannot
 * be decoded. */
int eg_properties_make(struct amqp_basic_properties_t_ *out, const struct eg_properties *kept,
    const char *type, const char *const (*headers)[2], struct amqp_pool_t_ *pool);

#endif
