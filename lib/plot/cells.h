/* SPDX-License-Identifier: MIT */
/* The readings of one sensor, combined in cells of time. A sparse table, indexed by the cell's
 * key. */
#ifndef EG_PLOT_CELLS_H
#define EG_PLOT_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The combined readings of one cell. */
struct eg_cell {
	int64_t key;         /* number of the cell, defined by the caller */
	uint64_t n;          /* number of readings; 0: a free place in the table */
	double sum, least, most;
	int64_t first, last; /* earliest and latest reading, nanoseconds since 1970 */
};

/* All zero: empty. It is a hash table until eg_cells_sort, and then an array sorted by key. */
struct eg_cells {
	struct eg_cell *cell;
	size_t room, used;
	size_t latest; /* index of the cell of the last reading */
};

/* Adds a reading to the cell with that key. Returns false if memory runs out. */
bool eg_cells_add(struct eg_cells *c, int64_t key, int64_t ns, double value);

/* Removes an earlier value from the cell of the reading that was added last, because that
 * reading replaces it. The minimum and maximum of the cell are not changed. */
void eg_cells_replace(struct eg_cells *c, double before);

/* Computes minimum and maximum again: first forgets those of all cells, then takes the value of
 * each reading. A key without a cell is ignored. */
void eg_cells_forget_range(struct eg_cells *c);
void eg_cells_take_range(struct eg_cells *c, int64_t key, double value);

/* Changes the key of each cell to the result of wider(), and joins cells with the same new key.
 * Returns false if memory runs out. */
bool eg_cells_widen(struct eg_cells *c, int64_t (*wider)(void *ctx, int64_t key), void *ctx);

/* Sorts the cells by key: they are then cell[0] to cell[used - 1]. Add nothing afterwards. */
void eg_cells_sort(struct eg_cells *c);

/* Adds the readings of `from` to *to, which keeps its key. */
void eg_cell_join(struct eg_cell *to, const struct eg_cell *from);

void eg_cells_free(struct eg_cells *c);

#endif
