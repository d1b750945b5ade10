/* SPDX-License-Identifier: MIT */
/* Output lines of a node, sorted by key, so that they can be compared with those of other nodes. */
#include "base/buf.h"
#include "cluster/sorted_lines.h"

#include <stdlib.h>
#include <string.h>

int
eg_sorted_lines_add(struct eg_sorted_lines *l, const char *line, size_t len, size_t key_len,
    int64_t ns)
{
	if (!eg_buf_grow(&l->text, &l->room, l->len + len + 1, 1) ||
	    !eg_buf_grow(&l->item, &l->items, l->n + 1, sizeof(*l->item)))
		return -1;
	l->item[l->n++] = (struct eg_item){ .at = l->len, .len = len, .key_len = key_len, .ns = ns,
		.record_len = len };
	memcpy(l->text + l->len, line, len);
	l->text[l->len + len] = '\n';
	l->len += len + 1;
	return 0;
}

int
eg_item_compare(const struct eg_item *a, const struct eg_item *b)
{
	size_t least = a->key_len < b->key_len ? a->key_len : b->key_len;
	int rc = memcmp(a->line, b->line, least);

	if (rc != 0)
		return rc;
	if (a->key_len != b->key_len)
		return a->key_len < b->key_len ? -1 : 1;
	return a->ns < b->ns ? -1 : a->ns > b->ns;
}

static int
compare_items(const void *a, const void *b)
{
	return eg_item_compare(a, b);
}

void
eg_sorted_lines_sort(struct eg_sorted_lines *l)
{
	for (size_t i = 0; i < l->n; i++)
		l->item[i].line = l->text + l->item[i].at;
	if (l->n > 0)
		qsort(l->item, l->n, sizeof(*l->item), compare_items);
}

void
eg_sorted_lines_clear(struct eg_sorted_lines *l)
{
	free(l->text);
	free(l->item);
	*l = (struct eg_sorted_lines){ 0 };
}
