/* SPDX-License-Identifier: MIT */
/* A picture before it is drawn, for gnuplot or as text. */
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
	double low, high; /* minimum and maximum of the readings whose mean is y */
	bool apart;       /* no line leads from the previous point to this one */
};

struct eg_curve {
	const char *name; /* owned by the collection */
	struct eg_point *point;
	size_t points;
	double least, mean, most;
};

#define EG_LABEL_SIZE 24

/* A figure; free it with eg_figure_free. Values are in `unit`; NAN: no value. */
struct eg_figure {
	enum eg_figure_type type;
	const char *title;         /* NULL: none */
	char unit[EG_UNIT_SIZE];
	char what[128];            /* unit and quantity: "kWh a day" */
	char by[128];              /* label of the x axis: "time, UTC" */
	char caption[320];         /* what and by together, for text */
	struct eg_axis x, y;       /* for a grid and for bars, x counts columns from 0 */

	/* For curves: */
	struct eg_curve *curve;
	size_t curves;
	bool band;                 /* low and high are drawn */

	/* For bars: a row per bar, a column per part. For a grid: as displayed, row 0 at the
	 * top. */
	size_t rows, columns;
	double *value;             /* value[row * columns + column] */
	char (*label)[EG_LABEL_SIZE]; /* per row: its label */
	double least, most;        /* minimum and maximum of a grid's values */

	/* For bars: */
	char (*part)[256];         /* per part: its name */
	bool stacked;              /* false: side by side */
	double *before;            /* per row: its total a year earlier; NULL: not shown */
};

void eg_figure_free(struct eg_figure *f);

/* The sum of the values in a row; NAN if it has none. */
double eg_figure_row_total(const struct eg_figure *f, size_t row);

/* The number of characters in the UTF-8 text s. */
int eg_figure_length(const char *s);

/* Writes at most `most` (3 or more) characters of s. In a longer text, an ellipsis replaces the
 * middle, since names often differ at their ends. Returns the number of characters written. */
int eg_figure_put_text(FILE *out, const char *s, int most);

#endif
