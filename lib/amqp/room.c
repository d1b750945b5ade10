/* SPDX-License-Identifier: MIT */
/* The memory limit of a consumer. A prefetch limits the number of messages; this limits their
 * bytes. */
#include "amqp/room.h"

enum {
	/* a large message counts until about this many smaller ones have come */
	MEMORY = 64,
	/* Smallest factor by which the prefetch grows, since each step is a new subscription. */
	STEP = 4,
	QUARTER = 4,
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
	if (r->seen < r->prefetch)
		r->seen++;
}

/* The number of messages that fit, if each is as large as the largest. */
static size_t
fitting(const struct eg_room *r)
{
	size_t n = r->largest > 0 ? EG_ROOM_BYTES / r->largest : r->most;

	if (n > r->start)
		n = n / QUARTER > r->start ? n / QUARTER : r->start;
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
	eg_room_use(r, (unsigned)n);
}

unsigned
eg_room_larger(const struct eg_room *r)
{
	size_t n = fitting(r), step = (size_t)r->prefetch * STEP;

	if (r->seen < r->prefetch || n <= r->prefetch)
		return 0;
	return n >= step || n == r->start || n == r->most ? (unsigned)n : 0;
}

void
eg_room_use(struct eg_room *r, unsigned prefetch)
{
	r->prefetch = prefetch < r->most ? prefetch : r->most;
	r->seen = 0;
}
