/* SPDX-License-Identifier: MIT */
/* The sensors of a picture with their cells, by name. */
#ifndef EG_PLOT_SERIES_H
#define EG_PLOT_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plot/cells.h"
#include "record/names.h"

struct eg_series {
	char *name;
	const char *label; /* displayed name: from the file of meters, else the sensor's name */
	const char *unit;  /* unit of its values; owned elsewhere */
	bool below;        /* bars are drawn below 0, since it is fed into the grid */
	uint64_t n;        /* number of readings */
	double sum;        /* sum of their values */
	struct eg_cells cells;
	bool drawn;        /* false: left out of the picture */
};

/* All zero: empty. In the order of their first readings. */
struct eg_series_list {
	struct eg_series *at;
	size_t n, room;
	struct eg_names names; /* the numbers of names are indices into at */
};

/* Finds or adds the sensor with that name (1 to 255 bytes). *is_new: it was added. Valid until
 * the next call. NULL if memory runs out. */
struct eg_series *eg_series_get(struct eg_series_list *l, const char *name, size_t len,
    bool *is_new);
void eg_series_free(struct eg_series_list *l);

#endif
