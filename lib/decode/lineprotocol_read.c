/* SPDX-License-Identifier: MIT */
/* Reads InfluxDB's line protocol as records. */
#include "decode/lineprotocol_read.h"

#include <string.h>

#include "base/clock.h"
#include "base/swar.h"
#include "record/record.h"
#include "decode/lineprotocol_line.h"

/* The state of reading a body. Many points have the same time, so its text is kept. */
struct reader {
	const struct eg_lineprotocol_reader *p;
	const struct eg_lineprotocol_taker *t;
	struct eg_slice whole; /* the text of the current point, for messages */
	int64_t ns;
	bool subsecond;  /* ns is not a whole second */
	size_t time_len; /* 0: no time yet */
	char time[EG_TIME_SIZE + 8]; /* so much is copied */
	struct eg_time_day day;
};

/* The point's time in nanoseconds, exact; false if it is out of range. */
static bool
instant(const struct reader *rd, const struct eg_point *pt, int64_t *ns)
{
	int64_t n = pt->time, unit = rd->p->unit;

	if (unit == EG_LINEPROTOCOL_AUTO) {
		int64_t size = n < 0 ? -n : n;

		unit = size < INT64_C(100000000000) ? EG_NS_PER_S :
		    size < INT64_C(100000000000000) ? 1000000 :
		    size < INT64_C(100000000000000000) ? 1000 : 1;
	}
	return !pt->time_large && !__builtin_mul_overflow(n, unit, ns);
}

static void
refuse(const struct reader *rd, const char *reason)
{
	rd->t->refuse(rd->t->ctx, rd->whole.s, rd->whole.len, reason);
}

static void
set_time(struct reader *rd, int64_t ns)
{
	if (rd->time_len > 0 && ns == rd->ns)
		return;
	rd->time_len = eg_time_format_near(&rd->day, ns, rd->time);
	rd->ns = ns;
	rd->subsecond = ns % EG_NS_PER_S != 0;
}

/* Whether no byte of a word is a colon or not printable ASCII. At least 8 bytes can be read behind
 * it. */
static __attribute__((noinline)) bool
is_plain_word(struct eg_slice w)
{
	size_t at = 0, n;

	do
		at += n = eg_swar_prefix(w.s + at, "::::");
	while (n == 8 && at < w.len);
	return at >= w.len;
}

/* The fast way for a plain field: writes its sensor, without a colon and a '#' in front, and 8
 * bytes behind it. known: there is no colon. Returns its length, or 0 for all else. */
static inline size_t
put_plain_name(struct eg_slice series, bool known, struct eg_slice field, char *name)
{
	size_t more = eg_field_is_value(field) ? 0 : field.len + 1;

	if (series.len + more > EG_SENSOR_MAX || *series.s == '#' || (!known && !is_plain_word(series)))
		return 0;
	eg_swar_copy(name, series.s, series.len);
	if (more == 0)
		return series.len;
	name[series.len] = '/';
	memcpy(name + series.len + 1, field.s, field.len);
	return is_plain_word(field) ? series.len + more : 0;
}

/* Writes `:time:value` behind the sensor, n bytes at line, and passes the record on. plain: it
 * needs no further check, and 8 bytes can be read behind value. */
static inline void
add_record(struct reader *rd, char *line, size_t n, struct eg_slice value, bool plain)
{
	struct eg_record r = { .line = line, .ns = rd->ns, .subsecond = rd->subsecond,
		.sensor_len = (uint8_t)n };

	line[n++] = ':';
	eg_swar_copy(line + n, rd->time, rd->time_len);
	n += rd->time_len;
	line[n++] = ':';
	if (plain)
		eg_swar_copy(line + n, value.s, value.len);
	else
		memcpy(line + n, value.s, value.len);
	r.value_at = (uint16_t)n;
	r.len = (uint16_t)(n + value.len);
	rd->t->take(rd->t->ctx, line, r.len, plain ? &r : NULL);
}

/* Adds a numeric field of a point as a record. */
static void
add_number(struct reader *rd, const struct eg_point *pt, const struct eg_field *f)
{
	char own[EG_SENSOR_MAX + EG_TIME_SIZE + EG_VALUE_MAX + 3 + EG_RECORD_AHEAD],
	    *line = rd->t->room != NULL ? rd->t->room(rd->t->ctx, own) : own;
	struct eg_slice series = pt->named ? pt->sensor : pt->series;
	size_t n = f->plain ? put_plain_name(series, pt->plain_sensor, f->name, line) : 0;
	bool plain = n > 0;

	if (n == 0)
		n = eg_lineprotocol_name(pt->named, series, f->name, line);
	if (n == 0) {
		refuse(rd, eg_fault_text(EG_FAULT_SENSOR_LONG));
	} else if (f->value.len > EG_VALUE_MAX) {
		refuse(rd, eg_fault_text(EG_FAULT_VALUE_LONG));
	} else {
		if (!pt->timed)
			set_time(rd, rd->t->time(rd->t->ctx, line, n));
		add_record(rd, line, n, f->value, plain);
	}
}

static void
add_field(struct reader *rd, const struct eg_point *pt, const struct eg_field *f)
{
	if (f->kind == EG_FIELD_NUMBER)
		add_number(rd, pt, f);
	else if (!rd->p->skip_text)
		refuse(rd, "a field is text, not a number");
	else if (rd->t->text != NULL)
		rd->t->text(rd->t->ctx, f->name.s, f->name.len);
}

static void
add_point(struct reader *rd, const struct eg_point *pt)
{
	struct eg_point_cursor c = { pt->more.s, pt->more.s + pt->more.len, NULL };
	struct eg_field f;
	int64_t ns;

	if (pt->timed && !(pt->same_time && rd->time_len > 0)) {
		if (!instant(rd, pt, &ns)) {
			rd->time_len = 0;
			refuse(rd, eg_fault_text(EG_FAULT_TIME_RANGE));
			return;
		}
		set_time(rd, ns);
	}
	for (size_t i = 0; i < pt->fields; i++)
		add_field(rd, pt, &pt->field[i]);
	while (c.s < c.end) {
		eg_point_field(&c, &f);
		add_field(rd, pt, &f);
	}
}

/* Reads the next point. Returns false if there is none. */
static inline bool
next_point(struct reader *rd, struct eg_point_cursor *c, struct eg_slice tag, struct eg_point *pt)
{
	if (eg_point_scan(c, tag, pt, &rd->whole))
		return true;
	if (!eg_point_next(c, rd->t->index))
		return false;
	rd->whole = eg_point_read(c, tag, pt);
	return true;
}

void
eg_lineprotocol_read(const struct eg_lineprotocol_reader *p,
    const struct eg_lineprotocol_taker *t, const char *body, size_t len, size_t *unparsed)
{
	const struct eg_slice tag = { p->tag, strlen(p->tag) };
	struct eg_point_cursor c = { body, body + len, NULL };
	struct reader rd = { .p = p, .t = t };
	struct eg_point pt = { .named = false };

	while (t->more(t->ctx) && next_point(&rd, &c, tag, &pt)) {
		if (c.bad == NULL) {
			add_point(&rd, &pt);
		} else {
			refuse(&rd, c.bad);
			if (unparsed != NULL)
				++*unparsed;
		}
		++*t->index;
	}
}
