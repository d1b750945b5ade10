/* SPDX-License-Identifier: MIT */
/* Records which deliveries of a channel are settled, and up to which tag they can be
 * acknowledged at once. */
#ifndef EG_DELIVERY_TAGS_H
#define EG_DELIVERY_TAGS_H

#include <stddef.h>
#include <stdint.h>

#include "amqp/stream.h"

struct eg_mark;

/* Delivery tags of a channel count up by one. Tags up to acked are acknowledged, tags up to done
 * are settled, and last is the newest tag: acked <= done <= last. All zero: empty; the owner
 * sets at. */
struct eg_delivery_tags {
	uint64_t acked, done, last;
	size_t pending; /* number of tags that are not settled */
	/* In a stream: the position of the message with tag done, or where reading began, or
	 * EG_POSITION_NONE. It survives a reset. */
	struct eg_position at;
	struct eg_mark *mark;
	size_t size;
};

/* Adds the next delivery, with tag last + 1. at: its position in the stream. -1 if memory runs
 * out. */
int eg_delivery_tags_add(struct eg_delivery_tags *t, struct eg_position at);

/* Adds tag 1 as already acknowledged; it is not pending. */
void eg_delivery_tags_skip_first(struct eg_delivery_tags *t);

/* Marks tag, which must be pending, as settled. */
void eg_delivery_tags_settle(struct eg_delivery_tags *t, uint64_t tag);

/* Removes all tags after the channel is lost; tags of the next channel begin at 1. */
void eg_delivery_tags_reset(struct eg_delivery_tags *t);

void eg_delivery_tags_free(struct eg_delivery_tags *t);

#endif
