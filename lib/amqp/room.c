/* SPDX-License-Identifier: MIT */
/* The memory limit of a consumer. A prefetch limits the number of messages; this limits their
 * bytes. */
#include "amqp/room.h"

enum {
	/* a large message counts until about this many smaller ones have come */
	MEMORY = 64,
	/* Smallest factor by which the prefetch grows, since each step is a new subscription. */
	STEP = 4,
};

bool
eg_room_fits(const struct eg_room *r, const struct eg_delivery *d)
{
	return r->held.n == 0 || r->held.bytes + eg_delivery_size(d) <= EG_ROOM_BYTES;
}

void
eg_room_note(struct eg_room *r, const struct eg_delivery *d)
{
	size_t size = eg_delivery_size(d);

	r->largest -= r->largest / MEMORY;
	if (size > r->largest)
		r->largest = size;
}

/* The number of messages that fit, if each is as large as the largest. */
static size_t
fitting(const struct eg_room *r)
{
	size_t n = r->largest > 0 ? EG_ROOM_BYTES / r->largest : r->most;

	if (n > r->most)
		n = r->most;
	return n > 0 ? n : 1;
}

void
eg_room_shrink(struct eg_room *r)
{
	size_t n = fitting(r);

	if (n >= r->prefetch)
		n = r->prefetch > 1 ? r->prefetch / 2 : 1;
	r->prefetch = (unsigned)n;
}

bool
eg_room_grow(struct eg_room *r)
{
	size_t n = fitting(r);

	if (r->prefetch >= r->most || (n < (size_t)r->prefetch * STEP && n < r->most))
		return false;
	r->prefetch = (unsigned)n;
	return true;
}
