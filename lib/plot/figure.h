/* SPDX-License-Identifier: MIT */
/* A picture before it is drawn: what gnuplot and the text of a terminal are both made from. */
#ifndef EG_PLOT_FIGURE_H
#define EG_PLOT_FIGURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "plot/ticks.h"
#include "plot/units.h"

enum eg_figure_type {
	EG_FIGURE_CURVES,
	EG_FIGURE_BARS,
	EG_FIGURE_GRID,
};

struct eg_point {
	double x, y;
	double low, high; /* of the readings that y is the mean of */
	bool apart;       /* no line leads here from the point before */
};

struct eg_curve {
	const char *name; /* owned by the collection */
	struct eg_point *point;
	size_t points;
	double least, mean, most;
};

#define EG_LABEL_SIZE 24

/* Owned by its builder's caller: eg_figure_free. Values are in `unit`, NAN: there is none. */
struct eg_figure {
	enum eg_figure_type type;
	const char *title;         /* NULL: none */
	char unit[EG_UNIT_SIZE];
	char what[128];            /* the unit, and of what: "kWh a day" */
	char by[128];              /* the x axis: "time, UTC" */
	char caption[320];         /* both, for text */
	struct eg_axis x, y;       /* of a grid and of bars x counts columns from 0 */

	/* Curves. */
	struct eg_curve *curve;
	size_t curves;
	bool band;                 /* low and high are shown */

	/* Bars: a row for each, a column for each part. Grid: as it is seen, the first row on top. */
	size_t rows, columns;
	double *value;             /* value[row * columns + column] */
	char (*label)[EG_LABEL_SIZE]; /* a row's */
	double least, most;        /* of the grid's values */

	/* Bars. */
	char (*part)[256];         /* a part's name */
	bool stacked;              /* else side by side */
	double *before;            /* a row's total a year earlier; NULL: not shown */
};

void eg_figure_free(struct eg_figure *f);

/* How many characters the UTF-8 text s has. */
int eg_figure_length(const char *s);

/* Writes at most `most` (3 or more) characters of s: of a longer text its middle is left out for
 * an ellipsis, since names differ at their ends. Returns how many were written. */
int eg_figure_put_text(FILE *out, const char *s, int most);

#endif
