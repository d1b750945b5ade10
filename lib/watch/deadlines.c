/* SPDX-License-Identifier: MIT */
/* Deadlines in a binary heap. */
#include "watch/deadlines.h"

#include <stdlib.h>

#include "base/buf.h"

static bool
before(const struct eg_deadline *a, const struct eg_deadline *b)
{
	return a->at != b->at ? a->at < b->at : a->number < b->number;
}

bool
eg_deadlines_push(struct eg_deadlines *d, int64_t at, uint32_t number)
{
	const struct eg_deadline one = { at, number };
	size_t i = d->n;

	if (!eg_buf_grow(&d->heap, &d->room, d->n + 1, sizeof(*d->heap)))
		return false;
	d->n++;
	for (; i > 0 && before(&one, &d->heap[(i - 1) / 2]); i = (i - 1) / 2)
		d->heap[i] = d->heap[(i - 1) / 2];
	d->heap[i] = one;
	return true;
}

struct eg_deadline
eg_deadlines_pop(struct eg_deadlines *d)
{
	const struct eg_deadline first = d->heap[0], last = d->heap[--d->n];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < d->n) {
		if (child + 1 < d->n && before(&d->heap[child + 1], &d->heap[child]))
			child++;
		if (!before(&d->heap[child], &last))
			break;
		d->heap[i] = d->heap[child];
		i = child;
	}
	d->heap[i] = last;
	return first;
}

void
eg_deadlines_close(struct eg_deadlines *d)
{
	free(d->heap);
	*d = (struct eg_deadlines){ 0 };
}
