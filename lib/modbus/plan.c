/* SPDX-License-Identifier: MIT */
#include "modbus/plan.h"

#include <stdlib.h>

#include "base/diag.h"

/* The registers of a value and of its scale factor: from begin up to, not including, end. */
static int
begin_of(const struct eg_modbus_entry *r)
{
	return r->sf != EG_MODBUS_SF_NONE && r->sf < r->address ? r->sf : r->address;
}

static int
end_of(const struct eg_modbus_entry *r)
{
	int end = r->address + eg_modbus_width(r->type);

	return r->sf >= end ? r->sf + 1 : end;
}

static int
by_address(const void *x, const void *y)
{
	const struct eg_modbus_entry *const *a = x, *const *b = y;

	if ((*a)->table != (*b)->table)
		return (*a)->table < (*b)->table ? -1 : 1;
	if (begin_of(*a) != begin_of(*b))
		return begin_of(*a) < begin_of(*b) ? -1 : 1;
	return (*a)->line < (*b)->line ? -1 : 1;
}

/* Whether the entry joins the block: it then reads at most gap registers without need. */
static bool
joins(const struct eg_modbus_map *m, const struct eg_modbus_block *b,
    const struct eg_modbus_entry *r)
{
	return b->n > 0 && r->table == b->table && begin_of(r) <= b->start + b->count + m->gap &&
	    end_of(r) - b->start <= m->limit;
}

static void
take_entry(struct eg_modbus_plan *p, const struct eg_modbus_map *m, size_t i)
{
	const struct eg_modbus_entry *r = p->entry[i];
	struct eg_modbus_block *b = p->n > 0 ? &p->block[p->n - 1] : p->block;

	if (!joins(m, b, r)) {
		b = &p->block[p->n++];
		*b = (struct eg_modbus_block){ .table = r->table, .start = begin_of(r), .first = i };
	}
	if (end_of(r) > b->start + b->count)
		b->count = end_of(r) - b->start;
	b->n++;
}

int
eg_modbus_plan_make(struct eg_modbus_plan *p, const struct eg_modbus_map *m, struct eg_error *e)
{
	*p = (struct eg_modbus_plan){ .n = 0 };
	p->entry = calloc(m->n, sizeof(void *)); /* clang-tidy takes sizeof(*p->entry) for a slip */
	p->block = calloc(m->n, sizeof(*p->block));
	if (p->entry == NULL || p->block == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	for (size_t i = 0; i < m->n; i++) {
		p->entry[i] = &m->entry[i];
		if (end_of(&m->entry[i]) - begin_of(&m->entry[i]) > m->limit)
			return eg_fail(e, EG_CONFIG, "%s:%u: the value and its scale factor are not within %d "
			    "registers, the limit of a request", m->file.path, m->entry[i].line, m->limit);
	}
	qsort(p->entry, m->n, sizeof(void *), by_address);
	for (size_t i = 0; i < m->n; i++)
		take_entry(p, m, i);
	return 0;
}

void
eg_modbus_plan_free(struct eg_modbus_plan *p)
{
	free(p->entry);
	free(p->block);
	*p = (struct eg_modbus_plan){ .n = 0 };
}
