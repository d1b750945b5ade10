/* SPDX-License-Identifier: MIT */
/* An order line and the record lines after it, shared by reference counting. */
#include <stdlib.h>
#include <string.h>

#include "cluster/node.h"
#include "record/record.h"

struct eg_text *
eg_text_new(int64_t order, size_t len)
{
	char line[EG_ORDER_SIZE];
	size_t head = order > 0 ? eg_order_put(order, line) : 0;
	struct eg_text *t = malloc(sizeof(*t) + head + len);

	if (t == NULL)
		return NULL;
	*t = (struct eg_text){ .refs = 1, .head = head, .len = head + len };
	memcpy(t->bytes, line, head);
	return t;
}

struct eg_text *
eg_text_copy(const char *bytes, size_t len)
{
	const char *end = memchr(bytes, '\n', len);
	struct eg_text *t = eg_text_new(0, len);
	int64_t order;

	if (t == NULL)
		return NULL;
	memcpy(t->bytes, bytes, len);
	if (end != NULL && eg_order_parse(bytes, (size_t)(end - bytes), &order))
		t->head = (size_t)(end - bytes) + 1;
	return t;
}

void
eg_text_drop(struct eg_text *t)
{
	if (t != NULL && --t->refs == 0)
		free(t);
}
