/* SPDX-License-Identifier: MIT */
/* The sums in each slot of an expression, and the results written from them. */
#ifndef EG_CELLS_H
#define EG_CELLS_H

#include <stddef.h>
#include <stdint.h>

#include "base/wide.h"
#include "sum/sum.h"

struct eg_filter;

/* The sums above and below the '/' at an instant, in units of 10^-18. */
struct eg_cell {
	int64_t ns;
	struct eg_wide above, below;
	uint32_t members; /* values added so far; 0: the cell is not used */
};

/* Results that were left out: a division by 0; a time that eg_shift_apply does not move. */
struct eg_cells_left {
	uint64_t no_quotient, no_time;
};

/* Writes the results of one expression. cell: n cells, which are sorted and changed. members: the
 * number of values in a complete cell. Adds to *left. */
int eg_cells_write(const struct eg_sum_options *o, const struct eg_expr *x, struct eg_cell *cell,
    size_t n, uint32_t members, struct eg_cells_left *left, struct eg_filter *f,
    struct eg_error *e);

#endif
