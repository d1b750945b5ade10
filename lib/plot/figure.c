/* SPDX-License-Identifier: MIT */
#include "plot/figure.h"

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
