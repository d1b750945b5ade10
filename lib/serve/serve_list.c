/* SPDX-License-Identifier: MIT */
/* Lists of requests: those that wait for receipts, for their answer, or for events. */
#include "serve/serve_parts.h"

void
eg_serve_list_add(struct eg_serve_list *l, struct eg_serve_request *v)
{
	v->list = l;
	v->before = l->last;
	v->after = NULL;
	*(l->last != NULL ? &l->last->after : &l->first) = v;
	l->last = v;
	l->n++;
}

void
eg_serve_list_remove(struct eg_serve_request *v)
{
	struct eg_serve_list *l = v->list;

	if (l == NULL)
		return;
	*(v->before != NULL ? &v->before->after : &l->first) = v->after;
	*(v->after != NULL ? &v->after->before : &l->last) = v->before;
	l->n--;
	v->list = NULL;
}
