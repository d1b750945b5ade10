/* SPDX-License-Identifier: MIT */
/* Records which deliveries of a channel are settled, and up to which tag they can be
 * acknowledged at once. */
#include "amqp/delivery_tags.h"

#include <stdbool.h>
#include <stdlib.h>

enum { FIRST_SIZE = 1024 };

/* the state of tag k; stored at index k % size */
struct eg_mark {
	bool settled;
	struct eg_position at;
};

/* Doubles the ring. A fixed size is not enough: a stream delivers whole chunks regardless of the
 * prefetch. */
static int
grow_tags(struct eg_delivery_tags *t)
{
	size_t size = t->size > 0 ? 2 * t->size : FIRST_SIZE;
	struct eg_mark *mark = calloc(size, sizeof(*mark));

	if (mark == NULL)
		return -1;
	for (uint64_t k = t->done + 1; t->size > 0 && k <= t->last; k++)
		mark[k % size] = t->mark[k % t->size];
	free(t->mark);
	t->mark = mark;
	t->size = size;
	return 0;
}

int
eg_delivery_tags_add(struct eg_delivery_tags *t, struct eg_position at)
{
	if (t->last - t->done >= t->size && grow_tags(t) != 0)
		return -1;
	t->last++;
	t->mark[t->last % t->size] = (struct eg_mark){ .at = at };
	t->pending++;
	return 0;
}

void
eg_delivery_tags_skip_first(struct eg_delivery_tags *t)
{
	t->acked = t->done = t->last = 1;
}

void
eg_delivery_tags_settle(struct eg_delivery_tags *t, uint64_t tag)
{
	t->mark[tag % t->size].settled = true;
	t->pending--;
	while (t->done < t->last && t->mark[(t->done + 1) % t->size].settled) {
		t->done++;
		if (t->mark[t->done % t->size].at.offset >= 0)
			t->at = t->mark[t->done % t->size].at;
	}
}

void
eg_delivery_tags_reset(struct eg_delivery_tags *t)
{
	t->acked = t->done = t->last = 0;
	t->pending = 0;
}

void
eg_delivery_tags_free(struct eg_delivery_tags *t)
{
	free(t->mark);
	t->mark = NULL;
}
