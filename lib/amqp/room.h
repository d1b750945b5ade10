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

/* State of the limit. To start, set start, most and prefetch, and zero the rest. */
struct eg_room {
	struct eg_delivery_held held;
	unsigned start;    /* prefetch while the size of the messages is not known */
	unsigned most;     /* prefetch for small messages, >= start */
	unsigned prefetch; /* prefetch to use, <= most */
	unsigned seen;     /* messages noted since the prefetch was changed, up to its value */
	size_t largest;    /* approximate size of the largest recent message */
	int64_t full;      /* since when a delivery waits for room (eg_mono_ms); 0: none waits */
};

/* Whether there is room for d now. */
bool eg_room_fits(const struct eg_room *r, const struct eg_delivery *d);

/* Takes account of the size of a delivery whose header has arrived. */
void eg_room_note(struct eg_room *r, const struct eg_delivery *d);

/* Lowers the prefetch to the number of messages that fit. */
void eg_room_shrink(struct eg_room *r);

/* The prefetch to use from now on, if it should be larger, since the messages are small; 0: as it
 * is. Beyond start, that many messages take a quarter of the limit at most. */
unsigned eg_room_larger(const struct eg_room *r);

/* Sets the prefetch that is in use now, or most if that is smaller. */
void eg_room_use(struct eg_room *r, unsigned prefetch);

#endif
