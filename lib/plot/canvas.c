/* SPDX-License-Identifier: MIT */
#include "plot/canvas.h"

#include <stdlib.h>

bool
eg_canvas_open(struct eg_canvas *c, int columns, int rows)
{
	*c = (struct eg_canvas){ .columns = columns, .rows = rows };
	c->cell = calloc((size_t)columns * (size_t)rows, sizeof(*c->cell));
	return c->cell != NULL;
}

void
eg_canvas_close(struct eg_canvas *c)
{
	free(c->cell);
	c->cell = NULL;
}

void
eg_canvas_dot(struct eg_canvas *c, int x, int y)
{
	/* Unicode, chapter 21.1: from the top, dots 1 2 3 7 are the left column, and dots 4 5 6
	 * 8 the right one. */
	static const unsigned char bit[2][4] = { { 0x40, 0x04, 0x02, 0x01 },
	    { 0x80, 0x20, 0x10, 0x08 } };

	if (x < 0 || y < 0 || x >= 2 * c->columns || y >= 4 * c->rows)
		return;
	c->cell[(c->rows - 1 - y / 4) * c->columns + x / 2] |= bit[x % 2][y % 4];
}

/* Bresenham's algorithm. */
void
eg_canvas_line(struct eg_canvas *c, int x0, int y0, int x1, int y1)
{
	int dx = abs(x1 - x0), dy = -abs(y1 - y0), error = dx + dy;

	for (;;) {
		int twice = 2 * error;

		eg_canvas_dot(c, x0, y0);
		if (x0 == x1 && y0 == y1)
			return;
		if (twice >= dy) {
			error += dy;
			x0 += x0 < x1 ? 1 : -1;
		}
		if (twice <= dx) {
			error += dx;
			y0 += y0 < y1 ? 1 : -1;
		}
	}
}

void
eg_canvas_put(const struct eg_canvas *c, int row, FILE *out)
{
	const unsigned char *cell = c->cell + row * c->columns;
	int last = c->columns;

	while (last > 0 && cell[last - 1] == 0)
		last--;
	for (int i = 0; i < last; i++) {
		unsigned char dots = cell[i];

		if (dots == 0)
			(void)putc(' ', out);
		else /* U+2800 plus the dots, in UTF-8 */
			fprintf(out, "\xe2%c%c", 0xa0 | dots >> 6, 0x80 | (dots & 0x3f));
	}
}
