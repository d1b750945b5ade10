/* SPDX-License-Identifier: MIT */
/* Shared by the files that build figures. */
#include "plot/build_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"

double
eg_build_value(const struct eg_cell *cell, enum eg_plot_fold fold)
{
	switch (fold) {
	case EG_PLOT_SUM:
		return cell->sum;
	case EG_PLOT_LEAST:
		return cell->least;
	case EG_PLOT_MOST:
		return cell->most;
	case EG_PLOT_AUTO:
	case EG_PLOT_MEAN:
		break;
	}
	return cell->sum / (double)cell->n;
}

void
eg_build_add(double *total, double value)
{
	*total = isnan(*total) ? value : *total + value;
}

double
eg_build_unit(const struct eg_build *b, struct eg_figure *f, double most, const char *span)
{
	static const char *const done[] = { "", "", "mean", "minimum", "maximum" };
	double factor = eg_unit_scale(b->unit, most, f->unit);
	const char *unit = *f->unit != '\0' ? f->unit : "values";

	if (span == NULL)
		(void)snprintf(f->what, sizeof(f->what), "%s", unit);
	else if (b->fold == EG_PLOT_SUM)
		(void)snprintf(f->what, sizeof(f->what), "%s %s %s", unit, *span == 'h' ? "an" : "a", span);
	else
		(void)snprintf(f->what, sizeof(f->what), "%s, %s of the %s%s", unit, done[b->fold], span,
		    f->band ? ", least to most" : "");
	return factor;
}

const char *
eg_build_span(const char *every)
{
	static const char *const word[][2] = { { "15m", "quarter-hour" }, { "1h", "hour" },
		{ "60m", "hour" }, { "1d", "day" }, { "1w", "week" }, { "1mo", "month" },
		{ "1y", "year" } };

	for (size_t i = 0; i < sizeof(word) / sizeof(word[0]); i++)
		if (strcmp(every, word[i][0]) == 0)
			return word[i][1];
	return every;
}

int
eg_build_table(struct eg_figure *f, struct eg_error *e)
{
	size_t n = f->rows * f->columns;

	f->value = calloc(n + 1, sizeof(*f->value));
	f->label = calloc(f->rows + 1, sizeof(*f->label));
	if (f->value == NULL || f->label == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	for (size_t i = 0; i < n; i++)
		f->value[i] = NAN;
	return 0;
}
