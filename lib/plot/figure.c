/* SPDX-License-Identifier: MIT */
#include "plot/figure.h"

#include <math.h>
#include <stdlib.h>

void
eg_figure_free(struct eg_figure *f)
{
	for (size_t i = 0; i < f->curves; i++)
		free(f->curve[i].point);
	free(f->curve);
	free(f->value);
	free(f->label);
	free(f->part);
	free(f->before);
	*f = (struct eg_figure){ 0 };
}

double
eg_figure_row_total(const struct eg_figure *f, size_t row)
{
	double sum = NAN;

	for (size_t k = 0; k < f->columns; k++) {
		double v = f->value[row * f->columns + k];

		if (!isnan(v))
			sum = isnan(sum) ? v : sum + v;
	}
	return sum;
}

int
eg_figure_length(const char *s)
{
	int n = 0;

	for (; *s != '\0'; s++)
		n += (*s & 0xc0) != 0x80; /* count the bytes that begin a character */
	return n;
}

/* The position after so many characters of s. */
static const char *
skip_characters(const char *s, int n)
{
	for (; n > 0 && *s != '\0'; n--)
		do {
			s++;
		} while ((*s & 0xc0) == 0x80);
	return s;
}

int
eg_figure_put_text(FILE *out, const char *s, int most)
{
	int n = eg_figure_length(s), head = (most - 1) / 2;

	if (n <= most) {
		(void)fputs(s, out);
		return n;
	}
	(void)fwrite(s, 1, (size_t)(skip_characters(s, head) - s), out);
	(void)fputs("…", out);
	(void)fputs(skip_characters(s, n - (most - 1 - head)), out);
	return most;
}
