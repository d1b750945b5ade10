/* SPDX-License-Identifier: MIT */
#include "modbus/device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/diag.h"
#include "modbus/value.h"
#include "record/record.h"

/* Writes a time in ms: the time of an answer is not known more exactly. */
static size_t
put_time(int64_t ns, char out[EG_TIME_SIZE])
{
	return eg_time_format(ns - ns % EG_NS_PER_MS, out);
}

static void
tell_range(struct eg_modbus_device *d, size_t i, const struct eg_modbus_entry *r)
{
	if (!d->told[i])
		eg_warn("%s/%s: the value or its scale factor is out of range; no record is made", d->name,
		    r->name);
	d->told[i] = true;
}

/* Appends the record of entry i of the plan. */
static int
put_record(struct eg_modbus_device *d, const struct eg_modbus_link *l,
    const struct eg_modbus_block *b, size_t i, struct eg_modbus_records *out)
{
	const struct eg_modbus_entry *r = d->plan.entry[i];
	char sensor[EG_SENSOR_MAX + 1], time[EG_TIME_SIZE], value[EG_VALUE_MAX];
	uint16_t sf = r->sf != EG_MODBUS_SF_NONE ? l->reg[r->sf - b->start] : 0;
	enum eg_modbus_result got;
	size_t len = 0;
	int n;

	got = eg_modbus_value(r, l->reg + (r->address - b->start), sf, value, &len);
	if (got == EG_MODBUS_RANGE) {
		out->out_of_range++;
		tell_range(d, i, r);
	}
	if (got != EG_MODBUS_OK)
		return 0;
	if (!eg_buf_grow(&out->text, &out->room, out->len + EG_LINE_MAX, 1))
		return -1;
	n = snprintf(sensor, sizeof(sensor), "%s/%s", d->name, r->name);
	out->len = (size_t)(eg_record_put(out->text + out->len, (struct eg_slice){ sensor, (size_t)n },
	    (struct eg_slice){ time, put_time(l->ns, time) }, (struct eg_slice){ value, len }) -
	    out->text);
	out->text[out->len++] = '\n';
	out->made++;
	return 0;
}

static int
put_block(struct eg_modbus_device *d, const struct eg_modbus_link *l,
    const struct eg_modbus_block *b, struct eg_modbus_records *out)
{
	for (size_t i = b->first; i < b->first + b->n; i++)
		if (put_record(d, l, b, i, out) != 0)
			return -1;
	return 0;
}

static void
tell_refused(struct eg_modbus_device *d, const struct eg_modbus_link *l,
    const struct eg_modbus_block *b)
{
	if (!d->refused[d->next])
		eg_warn("'%s' unit %d refuses %s registers %d to %d: exception %d, %s", l->target, d->unit,
		    b->table == EG_MODBUS_HOLDING ? "holding" : "input", b->start, b->start + b->count - 1,
		    l->exception, eg_modbus_exception(l->exception));
	d->refused[d->next] = true;
}

/* Writes a description of outcome got of l to text. */
static void
describe(const struct eg_modbus_device *d, const struct eg_modbus_link *l,
    enum eg_modbus_outcome got, char *text, size_t size)
{
	if (got == EG_MODBUS_UNREACHABLE)
		(void)snprintf(text, size, "cannot connect to '%s': %s", l->target, l->why);
	else if (got == EG_MODBUS_EXCEPTION)
		(void)snprintf(text, size, "'%s' unit %d: exception %d, %s", l->target, d->unit,
		    l->exception, eg_modbus_exception(l->exception));
	else
		(void)snprintf(text, size, "'%s' unit %d: %s", l->target, d->unit,
		    got == EG_MODBUS_READ ? EG_MODBUS_NO_MARK : l->why);
}

static enum eg_modbus_round
wait_for_it(struct eg_modbus_device *d, const struct eg_modbus_link *l, enum eg_modbus_outcome got,
    int64_t after_ms)
{
	char text[320];

	describe(d, l, got, text, sizeof(text));
	eg_backoff_log_failed(&d->trouble, (int)got + 1, eg_mono_ms(), after_ms, text);
	if (d->map->sunspec) { /* it may be another device now, or have restarted */
		d->placed = false;
		d->walk = (struct eg_modbus_walk){ .at = 0 };
		d->next = 0;
	}
	return EG_MODBUS_AGAIN;
}

static void
back_again(struct eg_modbus_device *d, const struct eg_modbus_link *l)
{
	char text[320];

	(void)snprintf(text, sizeof(text), "'%s' unit %d answers again", l->target, d->unit);
	eg_backoff_log_over(&d->trouble, eg_mono_ms(), text);
}

static void
tell_lacking(struct eg_modbus_device *d, const struct eg_modbus_link *l)
{
	size_t lacking = d->map->n - d->here.n;

	if (lacking > 0 && !d->lacking)
		eg_warn("'%s' unit %d has no SunSpec model for %zu of %zu values", l->target, d->unit,
		    lacking, d->map->n);
	d->lacking = lacking > 0;
}

int
eg_modbus_device_place(struct eg_modbus_device *d, const struct eg_modbus_models *models,
    struct eg_error *e)
{
	struct eg_modbus_entry *entry = calloc(d->map->n, sizeof(*entry));

	eg_modbus_plan_free(&d->plan);
	free(d->here.entry);
	d->here = *d->map;
	d->here.entry = entry;
	if (entry == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	d->here.n = eg_modbus_sunspec_place(d->map, models, entry);
	d->placed = true;
	return eg_modbus_plan_make(&d->plan, &d->here, e);
}

bool
eg_modbus_device_request(const struct eg_modbus_device *d, struct eg_modbus_request *q)
{
	const struct eg_modbus_block *b;

	if (!d->placed) {
		*q = eg_modbus_walk_request(&d->walk, d->unit);
		return true;
	}
	if (d->next >= d->plan.n)
		return false;
	b = &d->plan.block[d->next];
	*q = (struct eg_modbus_request){ .unit = d->unit, .table = b->table, .start = b->start,
		.count = b->count };
	return true;
}

static enum eg_modbus_round
out_of_memory(struct eg_error *e)
{
	eg_fail(e, EG_BUG, "out of memory");
	return EG_MODBUS_ERROR;
}

/* Continues the round after a block. */
static enum eg_modbus_round
next_block(struct eg_modbus_device *d, const struct eg_modbus_link *l)
{
	if (d->next < d->plan.n)
		return EG_MODBUS_MORE;
	back_again(d, l);
	d->next = 0;
	return EG_MODBUS_DONE;
}

static enum eg_modbus_round
take_models(struct eg_modbus_device *d, const struct eg_modbus_link *l, bool refused,
    int64_t after_ms, struct eg_error *e)
{
	switch (eg_modbus_walk_take(&d->walk, refused ? NULL : l->reg)) {
	case EG_MODBUS_WALK_NONE:
		return wait_for_it(d, l, EG_MODBUS_READ, after_ms);
	case EG_MODBUS_WALK_ENDED:
		if (eg_modbus_device_place(d, &d->walk.models, e) != 0)
			return EG_MODBUS_ERROR;
		tell_lacking(d, l);
		return next_block(d, l);
	default:
		return EG_MODBUS_MORE;
	}
}

enum eg_modbus_round
eg_modbus_device_take(struct eg_modbus_device *d, const struct eg_modbus_link *l,
    enum eg_modbus_outcome got, int64_t after_ms, struct eg_modbus_records *out, struct eg_error *e)
{
	bool refused = got == EG_MODBUS_EXCEPTION && eg_modbus_lasting(l->exception);

	if (got != EG_MODBUS_READ && !refused)
		return wait_for_it(d, l, got, after_ms);
	if (!d->placed)
		return take_models(d, l, refused, after_ms, e);
	if (refused)
		tell_refused(d, l, &d->plan.block[d->next]);
	else if (put_block(d, l, &d->plan.block[d->next], out) != 0)
		return out_of_memory(e);
	d->refused[d->next++] = refused;
	return next_block(d, l);
}

void
eg_modbus_device_free(struct eg_modbus_device *d)
{
	eg_modbus_plan_free(&d->plan);
	free(d->here.entry);
	free(d->refused);
	free(d->told);
}
