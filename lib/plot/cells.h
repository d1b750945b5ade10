/* SPDX-License-Identifier: MIT */
/* Readings of one sensor, put together in cells of time: a sparse table by the cell's number. */
#ifndef EG_PLOT_CELLS_H
#define EG_PLOT_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is kept of the readings that fall into one cell. */
struct eg_cell {
	int64_t key;         /* which cell: the caller's number */
	uint64_t n;          /* how many readings; 0: a free place */
	double sum, least, most;
	int64_t first, last; /* the earliest and the latest, nanoseconds since the epoch */
};

/* Zeroed: empty. Until eg_cells_sort a hash table, then an array in the order of the keys. */
struct eg_cells {
	struct eg_cell *cell;
	size_t room, used;
	size_t latest; /* where the reading before went */
};

/* Adds a reading to the cell of that key. False: out of memory. */
bool eg_cells_add(struct eg_cells *c, int64_t key, int64_t ns, double value);

/* Takes an earlier value out of the cell of the reading that was added last, which replaces it.
 * The cell's least and most stay. */
void eg_cells_replace(struct eg_cells *c, double before);

/* Gives each cell the key that wider() makes of its own, and puts those of the same key
 * together. False: out of memory. */
bool eg_cells_widen(struct eg_cells *c, int64_t (*wider)(void *ctx, int64_t key), void *ctx);

/* Sorts by key: cell[0] to cell[used - 1] are the cells. Nothing can be added after it. */
void eg_cells_sort(struct eg_cells *c);

/* Makes *to hold the readings of both cells; its key stays. */
void eg_cell_join(struct eg_cell *to, const struct eg_cell *from);

void eg_cells_free(struct eg_cells *c);

#endif
