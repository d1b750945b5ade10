/* SPDX-License-Identifier: MIT */
/* The order in which a batch is written: by sensor. */
#include <stdlib.h>

#include "base/diag.h"
#include "store/store_db.h"

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS };

static int
reserve(struct eg_store_batch *b, size_t n, struct eg_error *e)
{
	if (n <= b->room)
		return 0;
	eg_store_batch_close(b);
	b->sensor = calloc(n, sizeof(struct eg_store_sensor *));
	b->order = calloc(n, sizeof(*b->order));
	b->spare = calloc(n, sizeof(*b->spare));
	if (b->sensor == NULL || b->order == NULL || b->spare == NULL) {
		eg_store_batch_close(b);
		return eg_fail(e, EG_BUG, "out of memory");
	}
	b->room = n;
	return 0;
}

void
eg_store_batch_close(struct eg_store_batch *b)
{
	free(b->sensor);
	free(b->order);
	free(b->spare);
	*b = (struct eg_store_batch){ .room = 0 };
}

/* Sorts by one digit of the sensors' numbers. Records with the same digit keep their order. */
static void
sort_by_digit(struct eg_store_batch *b, size_t n, unsigned shift)
{
	uint32_t start[DIGITS] = { 0 }, sum = 0, *sorted = b->spare;

	for (size_t i = 0; i < n; i++)
		start[(uint64_t)b->sensor[i]->id >> shift & (DIGITS - 1)]++;
	for (size_t d = 0; d < DIGITS; d++) {
		uint32_t count = start[d];

		start[d] = sum;
		sum += count;
	}
	for (size_t i = 0; i < n; i++)
		sorted[start[(uint64_t)b->sensor[b->order[i]]->id >> shift & (DIGITS - 1)]++] = b->order[i];
	b->spare = b->order;
	b->order = sorted;
}

int
eg_store_sort(struct eg_store *s, const struct eg_record *rec, size_t n, struct eg_error *e)
{
	struct eg_store_batch *b = &s->batch;
	uint64_t highest = 0;
	bool sorted = true;

	if (reserve(b, n, e) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		b->sensor[i] = eg_store_sensor(s, rec[i].line, rec[i].sensor_len, true, e);
		if (b->sensor[i] == NULL)
			return -1;
		b->order[i] = (uint32_t)i;
		sorted &= i == 0 || b->sensor[i]->id >= b->sensor[i - 1]->id;
		if ((uint64_t)b->sensor[i]->id > highest)
			highest = (uint64_t)b->sensor[i]->id;
	}
	for (unsigned shift = 0; !sorted && shift < 64 && highest >> shift != 0; shift += DIGIT_BITS)
		sort_by_digit(b, n, shift);
	return 0;
}
