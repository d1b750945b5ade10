/* SPDX-License-Identifier: MIT */
#include "plot/text.h"

#include "plot/text_parts.h"

int
eg_text_draw(FILE *out, const struct eg_figure *f, int width, int height, struct eg_error *e)
{
	if (f->title != NULL) {
		eg_figure_put_text(out, f->title, width);
		(void)putc('\n', out);
	}
	eg_figure_put_text(out, f->caption, width);
	(void)putc('\n', out);
	if (f->type == EG_FIGURE_CURVES)
		return eg_text_curves(out, f, width, f->title != NULL && height > 1 ? height - 1 : height,
		    e);
	return f->type == EG_FIGURE_BARS
	    ? eg_text_bars(out, f, width, e) : eg_text_grid(out, f, width, e);
}
