/* SPDX-License-Identifier: MIT */
/* The memory limit of a consumer: a prefetch limits messages, and this limits bytes. */
#ifndef EG_ROOM_H
#define EG_ROOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "amqp/delivery.h"

/* Most bytes of all deliveries in memory; a larger delivery is accepted alone. It is enough for
 * 300 of the largest messages of eg-publish. */
#define EG_ROOM_BYTES ((size_t)40 * 1024 * 1024)

/* A broker sends as many messages as the prefetch allows, of any size. A message without room
 * stays in the socket for at most EG_ROOM_WAIT_MS, since RabbitMQ closes a connection that is
 * not read for 30 s (send_timeout of ranch). Then all messages are returned, and subscribed to
 * with a smaller prefetch. */
enum { EG_ROOM_WAIT_MS = 10 * 1000 };

/* Set most and prefetch, and zero the rest for an empty one. */
struct eg_room {
	struct eg_delivery_held held;
	unsigned most;     /* the prefetch that was asked for */
	unsigned prefetch; /* the one to use, <= most */
	size_t largest;    /* the largest of the last messages, about */
	int64_t full;      /* eg_mono_ms: since when a delivery waits for room; 0: none does */
};

/* Whether d may be held now. */
bool eg_room_fits(const struct eg_room *r, const struct eg_delivery *d);

/* Counts the size of a delivery whose header has arrived. */
void eg_room_note(struct eg_room *r, const struct eg_delivery *d);

/* Lowers the prefetch to the number of messages that there is room for. */
void eg_room_shrink(struct eg_room *r);

/* Raises the prefetch if messages are small again. Returns whether it did, so that a new
 * subscription is worth it. */
bool eg_room_grow(struct eg_room *r);

#endif
