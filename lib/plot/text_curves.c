/* SPDX-License-Identifier: MIT */
/* Draws curves as text, one below the other, with the same scale. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "plot/canvas.h"
#include "plot/text_parts.h"

enum { HEIGHT = 24, ROWS_MIN = 2, ROWS_MANY = 5 };

struct panel {
	const struct eg_figure *f;
	struct eg_canvas canvas;
	int margin; /* number of characters left of the axis */
};

static int
dot_at(double v, const struct eg_axis *a, int dots)
{
	double at = (v - a->from) / (a->to - a->from) * (dots - 1);

	return (int)lround(fmin(fmax(at, 0), dots - 1));
}

static int
x_of(const struct panel *p, double x)
{
	return dot_at(x, &p->f->x, 2 * p->canvas.columns);
}

static int
y_of(const struct panel *p, double y)
{
	return dot_at(y, &p->f->y, 4 * p->canvas.rows);
}

/* Draws the range from low to high between two points, with every second dot. */
static void
draw_band(struct panel *p, const struct eg_point *a, const struct eg_point *b)
{
	int from = x_of(p, a->x), to = x_of(p, b->x);

	for (int x = from; x <= to; x++) {
		double part = to > from ? (double)(x - from) / (to - from) : 0;
		int low = y_of(p, a->low + (b->low - a->low) * part);
		int high = y_of(p, a->high + (b->high - a->high) * part);

		for (int y = low; y <= high; y++)
			if ((x + y) % 2 == 0)
				eg_canvas_dot(&p->canvas, x, y);
	}
}

static void
draw_curve(struct panel *p, const struct eg_curve *c)
{
	for (size_t i = 0; p->f->band && i < c->points; i++)
		draw_band(p, &c->point[i > 0 && !c->point[i].apart ? i - 1 : i], &c->point[i]);
	for (size_t i = 0; i < c->points; i++) {
		const struct eg_point *b = &c->point[i], *a = i > 0 && !b->apart ? b - 1 : b;

		eg_canvas_line(&p->canvas, x_of(p, a->x), y_of(p, a->y), x_of(p, b->x), y_of(p, b->y));
	}
}

static void
put_head(FILE *out, const struct eg_figure *f, const struct eg_curve *c, int width)
{
	char text[128 + EG_UNIT_SIZE], number[3][EG_NUMBER_SIZE];
	int n, room;

	n = snprintf(text, sizeof(text), "  from %s to %s, mean %s",
	    eg_unit_number(c->least, number[0]),
	    eg_unit_number(c->most, number[1]), eg_unit_number(c->mean, number[2]));
	if (*f->unit != '\0')
		(void)snprintf(text + n, sizeof(text) - (size_t)n, " %s", f->unit);
	room = width - eg_figure_length(text);
	if (room >= 8 || eg_figure_length(c->name) <= room) {
		eg_figure_put_text(out, c->name, room);
		(void)fputs(text, out);
	} else {
		eg_figure_put_text(out, c->name, width);
	}
	(void)putc('\n', out);
}

/* The mark of the y axis in a row of characters; NULL: none. If labels would be less than two
 * rows apart, only every second, third ... is used, or only the first and the last. */
static const struct eg_tick *
tick_in(const struct panel *p, int row)
{
	const struct eg_axis *y = &p->f->y;
	int steps = (int)y->ticks - 1, step = 1;

	while (step < steps && ((p->canvas.rows - 1) * step < 2 * steps || steps % step != 0))
		step++;
	for (int i = 0; i <= steps; i += step > 0 ? step : 1)
		if (p->canvas.rows - 1 - y_of(p, y->tick[i].at) / 4 == row)
			return &y->tick[i];
	return NULL;
}

static void
put_panel(FILE *out, const struct panel *p)
{
	for (int row = 0; row < p->canvas.rows; row++) {
		const struct eg_tick *t = tick_in(p, row);

		fprintf(out, "%*s%s", p->margin, t != NULL ? t->label : "", t != NULL ? "┤" : "│");
		eg_canvas_put(&p->canvas, row, out);
		(void)putc('\n', out);
	}
}

static int
put_x_axis(FILE *out, const struct panel *p, struct eg_error *e)
{
	const struct eg_axis *x = &p->f->x;
	int columns = p->canvas.columns, room = p->margin + 1 + columns;
	char *row = malloc((size_t)(3 * (room + 1))), *mark = row, *label, *second;

	if (row == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	label = mark + room + 1;
	second = label + room + 1;
	memset(row, ' ', (size_t)(3 * (room + 1)));
	mark[room] = label[room] = second[room] = '\0';
	for (size_t i = 0; i < x->ticks; i++) {
		int at = p->margin + 1 + x_of(p, x->tick[i].at) / 2;

		mark[at] = '+';
		eg_text_place(label, room, at - (int)strlen(x->tick[i].label) / 2, x->tick[i].label);
		eg_text_place(second, room, at - (int)strlen(x->tick[i].label) / 2, x->tick[i].second);
	}
	fprintf(out, "%*s└", p->margin, "");
	for (int i = p->margin + 1; i < room; i++)
		(void)fputs(mark[i] == '+' ? "┬" : "─", out);
	(void)putc('\n', out);
	eg_text_row(out, label);
	if (strspn(second, " ") < (size_t)room)
		eg_text_row(out, second);
	free(row);
	return 0;
}

static int
margin_of(const struct eg_figure *f)
{
	int most = 0;

	for (size_t i = 0; i < f->y.ticks; i++) {
		int len = (int)strlen(f->y.tick[i].label);

		most = len > most ? len : most;
	}
	return most;
}

int
eg_text_curves(FILE *out, const struct eg_figure *f, int width, int height, struct eg_error *e)
{
	struct panel p = { .f = f, .margin = margin_of(f) };
	int curves = (int)f->curves, rows, columns = width - p.margin - 1, rc = 0;

	/* Subtract the caption, the three rows of the x axis, and one heading per curve. */
	rows = ((height > 0 ? height : HEIGHT) - 4 - curves) / curves;
	if (height == 0 && rows < ROWS_MANY)
		rows = ROWS_MANY;
	rows = rows < ROWS_MIN ? ROWS_MIN : rows;
	for (size_t i = 0; i < f->curves; i++) {
		if (!eg_canvas_open(&p.canvas, columns > 2 ? columns : 2, rows))
			return eg_fail(e, EG_BUG, "out of memory");
		put_head(out, f, &f->curve[i], width);
		draw_curve(&p, &f->curve[i]);
		put_panel(out, &p);
		if (i + 1 == f->curves && put_x_axis(out, &p, e) != 0)
			rc = -1;
		eg_canvas_close(&p.canvas);
	}
	return rc;
}
