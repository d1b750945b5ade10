/* SPDX-License-Identifier: MIT */
/* The sensors of a picture, by name, and their cells. */
#ifndef EG_PLOT_SERIES_H
#define EG_PLOT_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plot/cells.h"
#include "record/names.h"

struct eg_series {
	char *name;
	const char *label; /* for people: the name, or that of the meters' file */
	const char *unit;  /* of its values; owned by someone else */
	bool below;        /* drawn below 0 in bars: it is fed into the grid */
	uint64_t n;        /* readings */
	double sum;        /* of their values */
	struct eg_cells cells;
	bool drawn;        /* true until it is left out of the picture */
};

/* Zeroed: empty. In the order of the first readings. */
struct eg_series_list {
	struct eg_series *at;
	size_t n, room;
	struct eg_names names; /* their numbers are indices into at */
};

/* The sensor of that name (1 to 255 bytes); *is_new: it was added. Valid until the next call.
 * NULL: out of memory. */
struct eg_series *eg_series_get(struct eg_series_list *l, const char *name, size_t len, bool *is_new);
void eg_series_free(struct eg_series_list *l);

#endif
