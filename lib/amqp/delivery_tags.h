/* SPDX-License-Identifier: MIT */
/* Which deliveries of a channel are settled, and how far one acknowledgement reaches. */
#ifndef EG_DELIVERY_TAGS_H
#define EG_DELIVERY_TAGS_H

#include <stddef.h>
#include <stdint.h>

#include "amqp/stream.h"

struct eg_mark;

/* Tags of a channel grow by one. acked <= done <= last: up to acked all are
 * acknowledged, up to done all are settled. Zeroed it is empty, but for at. */
struct eg_delivery_tags {
	uint64_t acked, done, last;
	size_t pending; /* not settled */
	/* In a stream the message of done, or EG_POSITION_NONE; kept over a reset. */
	struct eg_position at;
	struct eg_mark *mark;
	size_t size;
};

/* Tag last + 1 has come, of a message at this position. -1: out of memory. */
int eg_delivery_tags_add(struct eg_delivery_tags *t, struct eg_position at);

/* Tag 1 has come, and is acknowledged without being counted. */
void eg_delivery_tags_skip_first(struct eg_delivery_tags *t);

/* Tag is settled; it must be pending. */
void eg_delivery_tags_settle(struct eg_delivery_tags *t, uint64_t tag);

/* The channel is gone; the next one begins at 1. */
void eg_delivery_tags_reset(struct eg_delivery_tags *t);

void eg_delivery_tags_free(struct eg_delivery_tags *t);

#endif
