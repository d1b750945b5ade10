/* SPDX-License-Identifier: MIT */
#include "modbus/sunspec.h"

#include <stdio.h>

#include "modbus/answer.h"

enum { MARK_HIGH = 0x5375, MARK_LOW = 0x6e53, END = 0xffff, HEAD = 2, LAST = 65535 };

/* Reads two holding registers. */
static enum eg_modbus_outcome
read_pair(struct eg_modbus_link *l, int unit, int start)
{
	struct eg_modbus_request q = { .unit = unit, .table = EG_MODBUS_HOLDING, .start = start,
		.count = 2 };

	return eg_modbus_link_read(l, &q);
}

/* Looks for the mark `SunS`. *at: where the first model is, 0 when there is none. */
static enum eg_modbus_outcome
find_mark(struct eg_modbus_link *l, int unit, int *at)
{
	static const int places[] = { 40000, 0, 50000 };
	enum eg_modbus_outcome got = EG_MODBUS_READ;

	*at = 0;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		got = read_pair(l, unit, places[i]);
		if (got == EG_MODBUS_READ && l->reg[0] == MARK_HIGH && l->reg[1] == MARK_LOW) {
			*at = places[i] + HEAD;
			return EG_MODBUS_READ;
		}
		if (got != EG_MODBUS_READ && (got != EG_MODBUS_EXCEPTION || !eg_modbus_lasting(l->exception)))
			return got;
	}
	(void)snprintf(l->why, sizeof(l->why), "no SunSpec registers at 40000, 0 or 50000");
	return EG_MODBUS_TROUBLE;
}

enum eg_modbus_outcome
eg_modbus_sunspec_walk(struct eg_modbus_link *l, int unit, struct eg_modbus_models *out)
{
	int at;
	enum eg_modbus_outcome got = find_mark(l, unit, &at);

	out->n = 0;
	while (got == EG_MODBUS_READ && at < LAST && out->n < EG_MODBUS_WALK_MAX) {
		got = read_pair(l, unit, at);
		/* Some devices end without the end's mark. */
		if (got == EG_MODBUS_EXCEPTION && eg_modbus_lasting(l->exception))
			return EG_MODBUS_READ;
		if (got != EG_MODBUS_READ || l->reg[0] == END)
			break;
		out->at[out->n].id = l->reg[0];
		out->at[out->n].address = at;
		out->at[out->n++].count = HEAD + l->reg[1];
		at += HEAD + l->reg[1];
	}
	return got;
}

static bool
is_model_of(const struct eg_modbus_entry *r, int id)
{
	for (int i = 0; i < r->models; i++)
		if (r->model[i] == id)
			return true;
	return false;
}

/* Sets the address of r within the first of its models. False: there is none. */
static bool
place(struct eg_modbus_entry *r, const struct eg_modbus_models *models)
{
	for (size_t i = 0; i < models->n; i++) {
		int begin = models->at[i].address, end = begin + models->at[i].count;

		if (!is_model_of(r, models->at[i].id))
			continue;
		if (begin + r->address + eg_modbus_width(r->type) > end || begin + r->sf >= end || end > LAST + 1)
			return false;
		r->address += begin;
		r->sf += r->sf != EG_MODBUS_SF_NONE ? begin : 0;
		return true;
	}
	return false;
}

size_t
eg_modbus_sunspec_place(const struct eg_modbus_map *m, const struct eg_modbus_models *models,
    struct eg_modbus_entry *out)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n; i++) {
		out[n] = m->entry[i];
		n += out[n].models == 0 || place(&out[n], models);
	}
	return n;
}
