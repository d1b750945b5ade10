/* SPDX-License-Identifier: MIT */
/* Draws bars and grids as text, one row per line. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "plot/text_parts.h"

enum { CELL_MAX = 3 };

static const char *const part_mark[] = { "█", "▓", "▒", "░", "·" };

/* Layout of bars: widths of the columns, and the scale. */
struct bars {
	const struct eg_figure *f;
	int label, value, bar; /* widths in characters */
	int decimals;
	bool exponent;         /* values are written with an exponent */
	double low, high;      /* values at the left and right ends of the bars */
};

static void
span_bars(struct bars *b)
{
	const struct eg_figure *f = b->f;

	for (size_t i = 0; i < f->rows; i++) {
		double up = 0, down = 0;

		for (size_t k = 0; k < f->columns; k++) {
			double v = f->value[i * f->columns + k];

			up = f->stacked ? up + fmax(v, 0) : fmax(up, v);
			down = f->stacked ? down + fmin(v, 0) : fmin(down, v);
		}
		b->high = fmax(b->high, f->before != NULL ? fmax(up, f->before[i]) : up);
		b->low = fmin(b->low, f->before != NULL ? fmin(down, f->before[i]) : down);
	}
	if (b->high <= b->low)
		b->high = b->low + 1;
}

static void
measure(struct bars *b, int width)
{
	double most = fmax(b->high, -b->low);
	int digits = most >= 1 ? (int)log10(most) : 0, before = b->f->before != NULL ? 2 : 1;
	char text[EG_NUMBER_SIZE];

	b->decimals = digits >= 3 ? 0 : 3 - digits;
	for (size_t i = 0; i < b->f->rows; i++) {
		int len = (int)strlen(b->f->label[i]);

		b->label = len > b->label ? len : b->label;
	}
	b->exponent = most >= 1e9 || most < 1e-3;
	b->value = b->exponent
	    ? 10 : snprintf(text, sizeof(text), "%.*f", b->decimals, b->low < 0 ? -most : most);
	b->bar = width - b->label - 1 - before * (b->value + 1);
	b->bar = b->bar < 4 ? 4 : b->bar;
}

/* The position of a value, in characters from the left end. */
static double
position_of(const struct bars *b, double v)
{
	return (v - b->low) / (b->high - b->low) * b->bar;
}

/* Fills cell[i] between two values with a mark. */
static void
mark_cells(const struct bars *b, const char **cell, double from, double to, const char *mark)
{
	int left = (int)lround(position_of(b, fmin(from, to))),
	    right = (int)lround(position_of(b, fmax(from, to)));

	for (int i = left; i < right && i < b->bar; i++)
		cell[i] = mark;
}

/* Draws one value from 0 on. If it is positive, it is exact to an eighth of a character. */
static void
fill_one(const struct bars *b, const char **cell, double v)
{
	static const char *const eighth[] = { "", "▏", "▎", "▍", "▌", "▋", "▊", "▉" };
	int zero = (int)lround(position_of(b, 0)), eighths;

	if (v < 0) {
		mark_cells(b, cell, v, 0, "█");
		return;
	}
	eighths = (int)lround(v / (b->high - b->low) * b->bar * 8);
	for (int i = zero; i < zero + eighths / 8 && i < b->bar; i++)
		cell[i] = "█";
	if (eighths % 8 > 0 && zero + eighths / 8 < b->bar)
		cell[zero + eighths / 8] = eighth[eighths % 8];
}

static void
fill_stack(const struct bars *b, const char **cell, const double *value)
{
	double up = 0, down = 0;

	for (size_t k = 0; k < b->f->columns; k++) {
		double *from = value[k] < 0 ? &down : &up;

		if (isnan(value[k]))
			continue;
		mark_cells(b, cell, *from, *from + value[k], part_mark[k]);
		*from += value[k];
	}
}

static void
print_value(FILE *out, const struct bars *b, double v)
{
	if (isnan(v))
		fprintf(out, " %*s", b->value, "-");
	else if (b->exponent)
		fprintf(out, " %*.3g", b->value, v);
	else
		fprintf(out, " %*.*f", b->value, b->decimals, v);
}

/* Draws one line: a stack, or one value of a row. */
static void
put_bar(FILE *out, const struct bars *b, size_t row, size_t part, const char **cell)
{
	const struct eg_figure *f = b->f;
	const double *value = f->value + row * f->columns;

	for (int i = 0; i < b->bar; i++)
		cell[i] = " ";
	if (f->stacked)
		fill_stack(b, cell, value);
	else if (!isnan(value[part]) && f->columns == 1)
		fill_one(b, cell, value[part]);
	else if (!isnan(value[part]))
		mark_cells(b, cell, 0, value[part], part_mark[part]);
	if (f->before != NULL && !isnan(f->before[row])) {
		int at = (int)lround(position_of(b, f->before[row]));

		cell[at < b->bar ? at : b->bar - 1] = "│";
	}
	fprintf(out, "%-*s ", b->label, part == 0 ? f->label[row] : "");
	for (int i = 0; i < b->bar; i++)
		(void)fputs(cell[i], out);
	print_value(out, b, f->stacked ? eg_figure_row_total(f, row) : value[part]);
	if (f->before != NULL)
		print_value(out, b, f->before[row]);
	(void)putc('\n', out);
}

/* The legend: the mark of each sensor, in lines of `width` characters. */
static void
put_parts(FILE *out, const struct eg_figure *f, int width)
{
	int at = 0;

	for (size_t k = 0; f->columns > 1 && k < f->columns; k++) {
		int len = eg_figure_length(f->part[k]) + 2;

		if (at > 0 && at + 2 + len > width) {
			(void)putc('\n', out);
			at = 0;
		}
		fprintf(out, "%s%s ", at > 0 ? "  " : "", part_mark[k]);
		at += at > 0 ? 2 + len : len;
		eg_figure_put_text(out, f->part[k], width - 2);
	}
	if (f->columns > 1)
		(void)putc('\n', out);
	if (f->before != NULL)
		(void)fputs("│ and the second number: a year before\n", out);
}

int
eg_text_bars(FILE *out, const struct eg_figure *f, int width, struct eg_error *e)
{
	struct bars b = { .f = f };
	const char **cell;

	span_bars(&b);
	measure(&b, width);
	cell = calloc((size_t)b.bar, sizeof(*cell));
	if (cell == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	put_parts(out, f, width);
	for (size_t row = 0; row < f->rows; row++)
		for (size_t part = 0; part < (f->stacked ? 1 : f->columns); part++)
			put_bar(out, &b, row, part, cell);
	free(cell);
	return 0;
}

static void
put_grid_row(FILE *out, const struct eg_figure *f, size_t row, int label, int width)
{
	static const char *const level[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
	size_t last = f->columns;

	while (last > 0 && isnan(f->value[row * f->columns + last - 1]))
		last--;
	fprintf(out, "%-*s", last > 0 ? label : 0, f->label[row]);
	for (size_t k = 0; k < last; k++) {
		double v = f->value[row * f->columns + k];
		double part = f->most > f->least ? (v - f->least) / (f->most - f->least) : 0;

		for (int i = 0; i < width; i++)
			(void)fputs(isnan(v) ? " " : level[(int)(part * 7.999)], out);
	}
	(void)putc('\n', out);
}

int
eg_text_grid(FILE *out, const struct eg_figure *f, int width, struct eg_error *e)
{
	char number[2][EG_NUMBER_SIZE], *head;
	int label = 0, cell;

	for (size_t i = 0; i < f->rows; i++) {
		int len = (int)strlen(f->label[i]) + 1;

		label = len > label ? len : label;
	}
	cell = (width - label) / (int)f->columns;
	cell = cell < 1 ? 1 : cell > CELL_MAX ? CELL_MAX : cell;
	width = label + cell * (int)f->columns;
	head = malloc((size_t)width + 1);
	if (head == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	memset(head, ' ', (size_t)width);
	head[width] = '\0';
	for (size_t i = 0; i < f->x.ticks; i++)
		eg_text_place(head, width, label + cell * (int)f->x.tick[i].at, f->x.tick[i].label);
	eg_text_row(out, head);
	free(head);
	for (size_t row = 0; row < f->rows; row++)
		put_grid_row(out, f, row, label, cell);
	fprintf(out, "▁ from %s, █ to %s%s%s\n", eg_unit_number(f->least, number[0]),
	    eg_unit_number(f->most, number[1]), *f->unit != '\0' ? " " : "", f->unit);
	return 0;
}
