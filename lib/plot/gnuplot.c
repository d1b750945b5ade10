/* SPDX-License-Identifier: MIT */
/* Writes a figure as a script for gnuplot. */
#include "plot/gnuplot.h"

#include <math.h>
#include <string.h>

enum { NAME_MAX_SHOWN = 40, TEXT_MAX = 200 }; /* in characters */

static const char *const colour[] = { "#3b6fb6", "#e08a2e", "#4f9d4f", "#c44e52", "#8561b0",
	"#2a9d9d", "#b0903a", "#d977a8", "#6b7a8f", "#1f3f77", "#9c5a12", "#2d6a2d", "#8a2a2e",
	"#553a80", "#14696b", "#6e5a1e" };

static const char *
colour_of(size_t i)
{
	return colour[i % (sizeof(colour) / sizeof(colour[0]))];
}

/* Texts are lines of a data block, $text, which gnuplot does not interpret. Each begins with
 * '|', so that none can end the block. Single quotes are unsafe: gnuplot 5.4 misreads two
 * escaped quotes in a row. */
enum { TEXT_TITLE = 1, TEXT_X, TEXT_WHAT, TEXT_NAMES };

/* Writes one line of at most so many characters. In a longer text the middle is left out, since
 * names often differ at their ends. */
static void
put_quoted(FILE *out, const char *s, int most)
{
	(void)putc('|', out);
	(void)eg_figure_put_text(out, s, most);
	(void)putc('\n', out);
}

static void
put_texts(FILE *out, const struct eg_figure *f)
{
	(void)fputs("$text << EOD\n", out);
	put_quoted(out, f->title != NULL ? f->title : "", TEXT_MAX);
	put_quoted(out, f->by, TEXT_MAX);
	put_quoted(out, f->what, TEXT_MAX);
	for (size_t i = 0; i < f->curves; i++)
		put_quoted(out, f->curve[i].name, NAME_MAX_SHOWN);
	for (size_t i = 0; f->type == EG_FIGURE_BARS && i < f->columns; i++)
		put_quoted(out, f->part[i], NAME_MAX_SHOWN);
	(void)fputs("EOD\n", out);
}

/* Marks contain only our own words and numbers, so they need no data block. */
static void
put_tics(FILE *out, const char *axis, const struct eg_axis *a)
{
	fprintf(out, "set %stics (", axis);
	for (size_t i = 0; i < a->ticks; i++)
		fprintf(out, "%s\"%s%s%s\" %.10g", i > 0 ? ", " : "", a->tick[i].label,
		    a->tick[i].second[0] != '\0' ? "\\n" : "", a->tick[i].second, a->tick[i].at);
	(void)fputs(")\n", out);
}

static void
put_head(FILE *out, const struct eg_figure *f, const struct eg_plot_options *o)
{
	size_t len = strlen(o->output);
	const char *terminal = len > 4 && strcmp(o->output + len - 4, ".svg") == 0 ? "svg" : "pngcairo";

	fprintf(out, "set encoding utf8\n"
	    "set terminal %s noenhanced rounded size %d,%d background rgb 'white' font 'sans,10'\n",
	    terminal, o->width, o->height);
	if (f->title != NULL)
		fprintf(out, "set title $text[%d][2:*]\n", TEXT_TITLE);
	fprintf(out, "set xlabel $text[%d][2:*]\n", TEXT_X);
	for (size_t i = 0; i < f->x.ticks; i++)
		if (f->x.tick[i].second[0] != '\0') {
			(void)fputs("set xlabel offset 0,-1\nset bmargin 5\n", out);
			break;
		}
	(void)fputs("set border 3 lc rgb '#888888'\nset tics nomirror out textcolor rgb '#333333'\n"
	    "set key outside top center horizontal reverse Left\n", out);
	put_tics(out, "x", &f->x);
}

static void
put_axes(FILE *out, const struct eg_figure *f)
{
	fprintf(out, "set ylabel $text[%d][2:*]\n", TEXT_WHAT);
	fprintf(out, "set xrange [%.10g:%.10g]\nset yrange [%.10g:%.10g]\n", f->x.from, f->x.to,
	    f->y.from, f->y.to);
	put_tics(out, "y", &f->y);
	(void)fputs("set grid lt 1 lw 0.5 lc rgb '#e2e2e2'\n", out);
	if (f->y.from < 0 && f->y.to > 0)
		(void)fputs("set xzeroaxis lt 1 lw 1 lc rgb '#888888'\n", out);
}

static void
put_point(FILE *out, double x, const struct eg_point *p)
{
	fprintf(out, "%.10g %.9g %.9g %.9g\n", x, p->y, p->low, p->high);
}

/* An empty line breaks the curve. A single point is drawn as a short line, to be visible. */
static void
put_curve_points(FILE *out, const struct eg_curve *c, double dot)
{
	for (size_t i = 0; i < c->points; i++) {
		const struct eg_point *p = &c->point[i];

		if (p->apart && i > 0)
			(void)putc('\n', out);
		if (p->apart && (i + 1 == c->points || p[1].apart)) {
			put_point(out, p->x - dot / 2, p);
			put_point(out, p->x + dot / 2, p);
		} else {
			put_point(out, p->x, p);
		}
	}
}

static void
put_curves(FILE *out, const struct eg_figure *f, const struct eg_plot_options *o)
{
	double dot = 3 * (f->x.to - f->x.from) / o->width;
	const char *comma = "plot ";

	for (size_t i = 0; i < f->curves; i++) {
		fprintf(out, "$curve%zu << EOD\n", i);
		put_curve_points(out, &f->curve[i], dot);
		(void)fputs("EOD\n", out);
	}
	for (size_t i = 0; f->band && i < f->curves; i++, comma = ", \\\n     ")
		fprintf(out,
		    "%s$curve%zu using 1:3:4 with filledcurves fc rgb '%s' fs transparent solid 0.25 "
		    "noborder notitle", comma, i, colour_of(i));
	for (size_t i = 0; i < f->curves; i++, comma = ", \\\n     ") {
		fprintf(out, "%s$curve%zu using 1:2 with lines lw 1.6 lc rgb '%s' title $text[%zu][2:*]",
		    comma, i, colour_of(i), TEXT_NAMES + i);
	}
	(void)putc('\n', out);
}

static void
put_box(FILE *out, double x, double half, double low, double high)
{
	fprintf(out, "%.10g %.9g %.10g %.10g %.9g %.9g\n", x, high, x - half, x + half, low, high);
}

/* The boxes of one part: on top of the parts before it, or beside them. */
static void
put_subplot(FILE *out, const struct eg_figure *f, size_t part)
{
	double width = 0.8 / (double)f->columns;

	for (size_t row = 0; row < f->rows; row++) {
		const double *value = f->value + row * f->columns;
		double from = 0, x = (double)row - 0.4 + ((double)part + 0.5) * width;

		for (size_t k = 0; k < part; k++)
			if (value[k] * value[part] > 0) /* negative values have a stack of their
							 * own */
				from += value[k];
		if (isnan(value[part]))
			continue;
		if (f->stacked)
			put_box(out, (double)row, 0.4, from, from + value[part]);
		else
			put_box(out, x, width / 2, 0, value[part]);
	}
}

static void
put_bars(FILE *out, const struct eg_figure *f)
{
	const char *comma = "plot ";

	if (f->before != NULL) {
		(void)fputs("$before << EOD\n", out);
		for (size_t row = 0; row < f->rows; row++)
			if (!isnan(f->before[row]))
				put_box(out, (double)row - 0.12, 0.4, 0, f->before[row]);
		(void)fputs("NaN NaN NaN NaN NaN NaN\nEOD\n", out);
	}
	for (size_t k = 0; k < f->columns; k++) {
		fprintf(out, "$part%zu << EOD\n", k);
		put_subplot(out, f, k);
		(void)fputs("NaN NaN NaN NaN NaN NaN\nEOD\n", out);
	}
	(void)fputs("set style fill solid 1 noborder\n", out);
	if (f->before != NULL) {
		fprintf(out,
		    "%s$before using 1:2:3:4:5:6 with boxxyerror lc rgb '#c9ced6' title 'a year before'",
		    comma);
		comma = ", \\\n     ";
	}
	for (size_t k = 0; k < f->columns; k++, comma = ", \\\n     ") {
		fprintf(out,
		    "%s$part%zu using 1:2:3:4:5:6 with boxxyerror lc rgb '%s' title $text[%zu][2:*]",
		    comma, k, colour_of(k), TEXT_NAMES + k);
	}
	(void)putc('\n', out);
}

/* Colours from the minimum to the maximum. If there are values on both sides of 0, white is 0. */
static void
put_colours(FILE *out, const struct eg_figure *f)
{
	double most = fmax(fabs(f->least), fabs(f->most));

	fprintf(out, "set cblabel $text[%d][2:*]\n", TEXT_WHAT);
	if (f->least < 0 && f->most > 0)
		fprintf(out,
		    "set palette defined (-1 '#2c5e9e', 0 '#f4f4f4', 1 '#c8452c')\nset cbrange [%.9g:%.9g]\n",
		    -most, most);
	else
		fprintf(out, "set palette defined (0 '#2c3e73', 1 '#3b8ea5', 2 '#a8c97f', 3 '#f5c04a', "
		    "4 '#d9483b')\nset cbrange [%.9g:%.9g]\n", f->least, f->most > f->least ? f->most
		    : f->least + fmax(fabs(f->least), 1));
}

/* Half the width or height of a box, with `n` boxes side by side in so many pixels. */
static double
half(size_t n, int pixels, bool tiles)
{
	double size = fmax(pixels, 10) / (double)n;

	return tiles ? 0.5 - 1 / size : fmin(0.5 + 0.6 / size, 1);
}

static void
put_grid(FILE *out, const struct eg_figure *f, const struct eg_plot_options *o)
{
	const char *comma = "";
	int across = o->width - 220, up = o->height - 80;
	bool tiles = across / (int)f->columns > 15 && up / (int)f->rows > 15 && f->columns < 100;

	put_colours(out, f);
	fprintf(out, "unset key\nset xrange [-0.5:%zu.5]\nset yrange [%zu.5:-0.5]\nset ytics (",
	    f->columns - 1, f->rows - 1);
	for (size_t row = 0; row < f->rows; row++)
		if (f->label[row][0] != '\0') {
			fprintf(out, "%s\"%s\" %zu", comma, f->label[row], row);
			comma = ", ";
		}
	(void)fputs(")\n$grid << EOD\n", out);
	for (size_t row = 0; row < f->rows; row++)
		for (size_t column = 0; column < f->columns; column++)
			if (!isnan(f->value[row * f->columns + column]))
				fprintf(out, "%zu %zu %.9g\n", column, row, f->value[row * f->columns + column]);
	/* Each cell is a box of its own, so that a missing cell stays white. Narrow boxes
	 * overlap, so that the background does not show between them; wide ones do not. */
	fprintf(out,
	    "EOD\nplot $grid using 1:2:(%.3g):(%.3g):3 with boxxyerror fs solid noborder lc palette\n",
	    half(f->columns, across, tiles), half(f->rows, up, tiles));
}

void
eg_gnuplot_script(FILE *out, const struct eg_figure *f, const struct eg_plot_options *o)
{
	put_texts(out, f);
	put_head(out, f, o);
	if (f->type == EG_FIGURE_GRID) {
		put_grid(out, f, o);
		return;
	}
	put_axes(out, f);
	if (f->type == EG_FIGURE_BARS)
		put_bars(out, f);
	else
		put_curves(out, f, o);
}
