/* SPDX-License-Identifier: MIT */
#include "plot/series.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

static struct eg_series *
add_series(struct eg_series_list *l, const char *name, size_t len)
{
	struct eg_series *s;

	if (!eg_buf_grow(&l->at, &l->room, l->n + 1, sizeof(*l->at)))
		return NULL;
	s = &l->at[l->n];
	*s = (struct eg_series){ .name = strndup(name, len), .drawn = true };
	s->label = s->name;
	if (s->name == NULL)
		return NULL;
	l->n++;
	return s;
}

struct eg_series *
eg_series_get(struct eg_series_list *l, const char *name, size_t len, bool *is_new)
{
	uint32_t number = eg_names_add(&l->names, name, len);

	*is_new = number != EG_NAMES_NONE && number == l->n;
	if (*is_new)
		return add_series(l, name, len);
	return number != EG_NAMES_NONE ? &l->at[number] : NULL;
}

void
eg_series_free(struct eg_series_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->at[i].name);
		eg_cells_free(&l->at[i].cells);
	}
	free(l->at);
	eg_names_close(&l->names);
	*l = (struct eg_series_list){ 0 };
}
