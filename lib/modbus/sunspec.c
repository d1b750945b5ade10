/* SPDX-License-Identifier: MIT */
#include "modbus/sunspec.h"

#include <stdbool.h>

enum { MARK_HIGH = 0x5375, MARK_LOW = 0x6e53, END = 0xffff, HEAD = 2, LAST = 65535 };

static const int places[] = { 40000, 0, 50000 };

struct eg_modbus_request
eg_modbus_walk_request(const struct eg_modbus_walk *w, int unit)
{
	return (struct eg_modbus_request){ .unit = unit, .table = EG_MODBUS_HOLDING,
		.start = w->at != 0 ? w->at : places[w->place], .count = HEAD };
}

static enum eg_modbus_walked
take_mark(struct eg_modbus_walk *w, const uint16_t *reg)
{
	if (reg != NULL && reg[0] == MARK_HIGH && reg[1] == MARK_LOW) {
		w->at = places[w->place] + HEAD;
		return EG_MODBUS_WALK_ON;
	}
	return ++w->place < sizeof(places) / sizeof(places[0])
	    ? EG_MODBUS_WALK_ON : EG_MODBUS_WALK_NONE;
}

enum eg_modbus_walked
eg_modbus_walk_take(struct eg_modbus_walk *w, const uint16_t *reg)
{
	struct eg_modbus_models *m = &w->models;

	if (w->at == 0)
		return take_mark(w, reg);
	if (reg == NULL || reg[0] == END) /* some devices end without the end's mark */
		return EG_MODBUS_WALK_ENDED;
	m->at[m->n].id = reg[0];
	m->at[m->n].address = w->at;
	m->at[m->n++].count = HEAD + reg[1];
	w->at += HEAD + reg[1];
	return w->at < LAST && m->n < EG_MODBUS_WALK_MAX ? EG_MODBUS_WALK_ON : EG_MODBUS_WALK_ENDED;
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
		if (begin + r->address + eg_modbus_width(r->type) > end || begin + r->sf >= end ||
		    end > LAST + 1)
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
