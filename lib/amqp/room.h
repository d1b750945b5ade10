/* SPDX-License-Identifier: MIT */
/* How much a consumer may hold: a prefetch bounds messages, and this bounds bytes. */
#ifndef EG_ROOM_H
#define EG_ROOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "amqp/delivery.h"

/* Bytes that deliveries may hold together; one that is larger is held alone. 300 of the
 * largest messages of eg-publish have room. */
#define EG_ROOM_BYTES ((size_t)40 * 1024 * 1024)

/* A broker sends as many messages as the prefetch lets it, of any size. What has no room
 * is left in the socket, for EG_ROOM_WAIT_MS at most: a broker closes a connection that
 * takes nothing for 30 s (RabbitMQ, send_timeout of ranch). Then everything is handed
 * back, and asked for with a smaller prefetch. */
enum { EG_ROOM_WAIT_MS = 10 * 1000 };

/* Zeroed but for most and prefetch it is empty. */
struct eg_room {
	struct eg_delivery_held held;
	unsigned most;     /* the prefetch that was asked for */
	unsigned prefetch; /* the one to use, <= most */
	size_t largest;    /* of the last messages, about */
	int64_t full;      /* eg_mono_ms: since when a delivery waits for room; 0: none does */
};

/* Whether d may be held now. */
bool eg_room_fits(const struct eg_room *r, const struct eg_delivery *d);

/* Notes the size of a delivery that has begun to come. */
void eg_room_note(struct eg_room *r, const struct eg_delivery *d);

/* Lowers the prefetch, to what there is room for. */
void eg_room_shrink(struct eg_room *r);

/* Raises the prefetch when messages are small again; whether it did, for good reason. */
bool eg_room_grow(struct eg_room *r);

#endif
