/* SPDX-License-Identifier: MIT */
#include "plot/cells.h"

#include <math.h>
#include <stdlib.h>

enum { ROOM_MIN = 64 };

/* The place of key in the table, or the free place for it. room is a power of two. */
static size_t
find_cell(const struct eg_cell *cell, size_t room, int64_t key)
{
	/* Fibonacci hashing (Knuth, TAOCP 6.4); the upper half has the better distribution. */
	size_t i = (size_t)((uint64_t)key * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (room - 1);

	while (cell[i].n > 0 && cell[i].key != key)
		i = (i + 1) & (room - 1);
	return i;
}

void
eg_cell_join(struct eg_cell *to, const struct eg_cell *from)
{
	bool empty = to->n == 0;

	to->n += from->n;
	to->sum += from->sum;
	to->least = empty || from->least < to->least ? from->least : to->least;
	to->most = empty || from->most > to->most ? from->most : to->most;
	to->first = empty || from->first < to->first ? from->first : to->first;
	to->last = empty || from->last > to->last ? from->last : to->last;
}

static int64_t
same(void *ctx, int64_t key)
{
	(void)ctx;
	return key;
}

/* Builds the table again with other keys. */
static bool
rebuild(struct eg_cells *c, size_t room, int64_t (*other)(void *ctx, int64_t key), void *ctx)
{
	struct eg_cells new = { .cell = calloc(room, sizeof(*new.cell)), .room = room };

	if (new.cell == NULL)
		return false;
	for (size_t i = 0; i < c->room; i++) {
		const struct eg_cell *from = &c->cell[i];
		struct eg_cell *to;
		int64_t key;

		if (from->n == 0)
			continue;
		key = other(ctx, from->key);
		to = &new.cell[find_cell(new.cell, room, key)];
		new.used += to->n == 0;
		to->key = key;
		eg_cell_join(to, from);
	}
	free(c->cell);
	*c = new;
	return true;
}

bool
eg_cells_add(struct eg_cells *c, int64_t key, int64_t ns, double value)
{
	const struct eg_cell reading = { key, 1, value, value, value, ns, ns };
	struct eg_cell *to;

	if (c->used * 4 >= c->room * 3 && !rebuild(c, c->room > 0 ? 2 * c->room : ROOM_MIN, same, NULL))
		return false;
	to = &c->cell[c->latest];
	if (to->n == 0 || to->key != key) {
		c->latest = find_cell(c->cell, c->room, key);
		to = &c->cell[c->latest];
	}
	c->used += to->n == 0;
	to->key = key;
	eg_cell_join(to, &reading);
	return true;
}

void
eg_cells_replace(struct eg_cells *c, double before)
{
	c->cell[c->latest].n--;
	c->cell[c->latest].sum -= before;
}

void
eg_cells_forget_range(struct eg_cells *c)
{
	for (size_t i = 0; i < c->room; i++) {
		c->cell[i].least = HUGE_VAL;
		c->cell[i].most = -HUGE_VAL;
	}
}

void
eg_cells_take_range(struct eg_cells *c, int64_t key, double value)
{
	struct eg_cell *cell = c->room > 0 ? &c->cell[find_cell(c->cell, c->room, key)] : NULL;

	if (cell == NULL || cell->n == 0)
		return;
	cell->least = fmin(cell->least, value);
	cell->most = fmax(cell->most, value);
}

bool
eg_cells_widen(struct eg_cells *c, int64_t (*wider)(void *ctx, int64_t key), void *ctx)
{
	return c->room == 0 || rebuild(c, c->room, wider, ctx);
}

static int
by_key(const void *a, const void *b)
{
	const struct eg_cell *x = a, *y = b;

	return (x->key > y->key) - (x->key < y->key);
}

void
eg_cells_sort(struct eg_cells *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->room; i++)
		if (c->cell[i].n > 0)
			c->cell[n++] = c->cell[i];
	if (n > 0)
		qsort(c->cell, n, sizeof(*c->cell), by_key);
}

void
eg_cells_free(struct eg_cells *c)
{
	free(c->cell);
	*c = (struct eg_cells){ 0 };
}
