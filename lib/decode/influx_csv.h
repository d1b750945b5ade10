/* SPDX-License-Identifier: MIT */
/* A table of InfluxDB's annotated CSV: what the lines in front of its rows say. */
#ifndef EG_INFLUX_CSV_H
#define EG_INFLUX_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

enum { EG_INFLUX_CSV_COLUMNS = 256, EG_INFLUX_CSV_LINE = 8192 };

/* The lines in front of the rows. */
enum eg_influx_csv_head {
	EG_INFLUX_CSV_NAMES,
	EG_INFLUX_CSV_TYPES,
	EG_INFLUX_CSV_GROUPS,
	EG_INFLUX_CSV_PRESETS,
	EG_INFLUX_CSV_HEADS,
};

/* A row, split. text holds what the cells point into. Zeroed it is empty. */
struct eg_influx_csv_row {
	size_t n;
	struct eg_slice cell[EG_INFLUX_CSV_COLUMNS];
	char text[EG_INFLUX_CSV_LINE];
};

/* Zeroed it is empty: the next row is a table's names. */
struct eg_influx_csv {
	bool begun; /* its names were read */
	bool failed; /* it is a table of errors */
	struct eg_influx_csv_row head[EG_INFLUX_CSV_HEADS];
	struct eg_influx_csv_row row;
};

/* Splits a line without its end (RFC 4180). Returns NULL, or why it cannot (static). */
const char *eg_influx_csv_split(struct eg_influx_csv_row *row, const char *line, size_t len);

/* The cell of a column in a line of the head; empty where the line is missing or shorter. */
struct eg_slice eg_influx_csv_head(const struct eg_influx_csv *t, enum eg_influx_csv_head head,
    size_t column);

/* The cell of the row at hand; the default of its column where it is empty. */
struct eg_slice eg_influx_csv_cell(const struct eg_influx_csv *t, size_t column);

/* The column of this name, from 0; -1: there is none. */
int eg_influx_csv_find(const struct eg_influx_csv *t, const char *name);

/* Whether the cell is this text. */
bool eg_slice_is(struct eg_slice cell, const char *text);

#endif
