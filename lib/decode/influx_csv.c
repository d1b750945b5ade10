/* SPDX-License-Identifier: MIT */
/* A table in InfluxDB's annotated CSV: its header lines and rows. */
#include "decode/influx_csv.h"

#include <string.h>

/* Copies the text in quotes that begins at *at to out, and moves *at past the quotes. */
static const char *
take_quoted(const char **at, const char *end, char *out, size_t *n)
{
	for (const char *p = *at + 1; p < end; p++) {
		if (*p == '"' && (p + 1 == end || p[1] != '"')) {
			*at = p + 1;
			return p + 1 < end && p[1] != ',' ? "text follows a closing quote" : NULL;
		}
		p += *p == '"';
		out[(*n)++] = *p;
	}
	return "a quote is not closed";
}

/* Adds the cell at *at; its text is written to row->text + *used. Returns NULL, or the reason
 * for the failure. */
static const char *
take_cell(struct eg_influx_csv_row *row, size_t *used, const char **at, const char *end)
{
	char *out = row->text + *used;
	const char *why = NULL;
	size_t n = 0;

	if (row->n == EG_INFLUX_CSV_COLUMNS)
		return "the line has more than 256 columns";
	if (*at < end && **at == '"')
		why = take_quoted(at, end, out, &n);
	else
		for (; *at < end && **at != ','; ++*at)
			out[n++] = **at;
	row->cell[row->n++] = (struct eg_slice){ out, n };
	*used += n;
	return why;
}

const char *
eg_influx_csv_split(struct eg_influx_csv_row *row, const char *line, size_t len)
{
	const char *at = line, *end = line + len, *why;
	size_t used = 0;

	row->n = 0;
	if (len > sizeof(row->text))
		return "the line is longer than 8192 bytes";
	for (;; at++) {
		why = take_cell(row, &used, &at, end);
		if (why != NULL || at == end)
			return why;
	}
}

struct eg_slice
eg_influx_csv_head(const struct eg_influx_csv *t, enum eg_influx_csv_head head, size_t column)
{
	const struct eg_influx_csv_row *row = &t->head[head];

	return column < row->n ? row->cell[column] : (struct eg_slice){ "", 0 };
}

struct eg_slice
eg_influx_csv_cell(const struct eg_influx_csv *t, size_t column)
{
	struct eg_slice cell = t->row.cell[column];

	return cell.len > 0 ? cell : eg_influx_csv_head(t, EG_INFLUX_CSV_PRESETS, column);
}

bool
eg_slice_is(struct eg_slice cell, const char *text)
{
	return cell.len == strlen(text) && memcmp(cell.s, text, cell.len) == 0;
}

int
eg_influx_csv_find(const struct eg_influx_csv *t, const char *name)
{
	for (size_t i = 0; i < t->head[EG_INFLUX_CSV_NAMES].n; i++)
		if (eg_slice_is(t->head[EG_INFLUX_CSV_NAMES].cell[i], name))
			return (int)i;
	return -1;
}
