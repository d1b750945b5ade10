/* SPDX-License-Identifier: MIT */
/* InfluxDB's line protocol in messages, as Telegraf sends it. */
#include "decode/emit.h"
#include "decode/lineprotocol_read.h"

struct points {
	struct eg_emit *s;
	uint32_t index;
	bool refused;
};

static void
take_point(void *ctx, char *line, size_t len, const struct eg_record *known)
{
	struct points *p = ctx;
	enum eg_fault fault = EG_FAULT_NONE;
	struct eg_record r;

	if (p->refused)
		return;
	if (known != NULL)
		r = *known;
	else
		fault = eg_record_parse(line, len, &r);
	if (fault != EG_FAULT_NONE)
		(void)eg_emit_refuse(p->s, "line %u: %s", p->index + 1, eg_fault_text(fault));
	p->refused = fault != EG_FAULT_NONE ||
	    eg_emit_name(p->s, line, r.sensor_len) != 0 ||
	    eg_emit_put(p->s, NULL, "", line + r.value_at, r.len - (size_t)r.value_at, r.ns) != 0;
}

static void
refuse_point(void *ctx, const char *text, size_t len, const char *reason)
{
	struct points *p = ctx;

	(void)text;
	(void)len;
	if (!p->refused)
		(void)eg_emit_refuse(p->s, "line %u: %s", p->index + 1, reason);
	p->refused = true;
}

static void
pass_over_text(void *ctx, const char *name, size_t len)
{
	struct points *p = ctx;

	eg_emit_pass_over(p->s, name, len);
}

static int64_t
time_of_arrival(void *ctx, const char *sensor, size_t len)
{
	const struct points *p = ctx;

	(void)sensor;
	(void)len;
	return p->s->m->arrived;
}

static bool
wants_point(void *ctx)
{
	const struct points *p = ctx;

	return !p->refused;
}

int
eg_decode_influx(struct eg_emit *s)
{
	struct points p = { .s = s };
	struct eg_lineprotocol_reader reader = { .tag = s->cfg->sensor_tag, .unit = 1,
		.skip_text = true };
	const struct eg_lineprotocol_taker taker = { .ctx = &p, .take = take_point,
	    .refuse = refuse_point,
		.text = pass_over_text, .time = time_of_arrival, .more = wants_point,
		.index = &p.index };

	if (reader.tag == NULL)
		reader.tag = "sensor";
	if (s->cfg->time_unit != NULL)
		(void)eg_lineprotocol_precision(s->cfg->time_unit, false, &reader.unit);
	eg_lineprotocol_read(&reader, &taker, s->m->body, s->m->len, NULL);
	return p.refused ? -1 : 0;
}
