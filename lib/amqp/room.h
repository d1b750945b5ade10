/* SPDX-License-Identifier: MIT */
/* The memory limit of a consumer. A prefetch limits the number of messages; this limits their
 * bytes. */
#ifndef EG_ROOM_H
#define EG_ROOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "amqp/delivery.h"

/* Limit in bytes for all deliveries in memory together. A larger delivery is accepted if it is
 * alone. The limit allows 300 of the largest messages of eg-publish. */
#define EG_ROOM_BYTES ((size_t)40 * 1024 * 1024)

/* A broker sends as many messages as the prefetch allows, whatever their size. A message without
 * room stays in the socket, at most for EG_ROOM_WAIT_MS: RabbitMQ closes a connection that is
 * not read for 30 s (send_timeout of ranch). After that time, all messages are requeued, and the
 * consumer subscribes with a smaller prefetch. */
enum { EG_ROOM_WAIT_MS = 10 * 1000 };

/* State of the limit. To start, set most and prefetch, and zero the rest. */
struct eg_room {
	struct eg_delivery_held held;
	unsigned most;     /* prefetch that the user asked for */
	unsigned prefetch; /* prefetch to use, <= most */
	size_t largest;    /* approximate size of the largest recent message */
	int64_t full;      /* since when a delivery waits for room (eg_mono_ms); 0: none waits */
};

/* Whether there is room for d now. */
bool eg_room_fits(const struct eg_room *r, const struct eg_delivery *d);

/* Takes account of the size of a delivery whose header has arrived. */
void eg_room_note(struct eg_room *r, const struct eg_delivery *d);

/* Lowers the prefetch to the number of messages that fit. */
void eg_room_shrink(struct eg_room *r);

/* Raises the prefetch if messages have become small again. Returns whether it did; then
 * subscribe anew. */
bool eg_room_grow(struct eg_room *r);

#endif
