/* SPDX-License-Identifier: MIT */
/* A table in InfluxDB's annotated CSV: its header lines and rows. */
#ifndef EG_INFLUX_CSV_H
#define EG_INFLUX_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

enum { EG_INFLUX_CSV_COLUMNS = 256, EG_INFLUX_CSV_LINE = 8192 };

/* The header lines before the rows. */
enum eg_influx_csv_head {
	EG_INFLUX_CSV_NAMES,
	EG_INFLUX_CSV_TYPES,
	EG_INFLUX_CSV_GROUPS,
	EG_INFLUX_CSV_PRESETS,
	EG_INFLUX_CSV_HEADS,
};

/* A row, split into cells that point into text. All zero: empty. */
struct eg_influx_csv_row {
	size_t n;
	struct eg_slice cell[EG_INFLUX_CSV_COLUMNS];
	char text[EG_INFLUX_CSV_LINE];
};

/* A table. All zero: empty; the next row then holds the names of columns. */
struct eg_influx_csv {
	bool begun; /* the names of columns were read */
	bool failed; /* the table reports errors */
	struct eg_influx_csv_row head[EG_INFLUX_CSV_HEADS];
	struct eg_influx_csv_row row;
};

/* Splits a line without its line end (RFC 4180). Returns NULL, or the reason for the failure
 * (static storage). */
const char *eg_influx_csv_split(struct eg_influx_csv_row *row, const char *line, size_t len);

/* The cell of a column in a header line; empty if the line is missing or shorter. */
struct eg_slice eg_influx_csv_head(const struct eg_influx_csv *t, enum eg_influx_csv_head head,
    size_t column);

/* The cell of the current row; if it is empty, the default of its column. */
struct eg_slice eg_influx_csv_cell(const struct eg_influx_csv *t, size_t column);

/* The column with this name, from 0; -1 if there is none. */
int eg_influx_csv_find(const struct eg_influx_csv *t, const char *name);

/* Whether the cell equals this text. */
bool eg_slice_is(struct eg_slice cell, const char *text);

#endif
