/* SPDX-License-Identifier: MIT */
/* Applies the rules to readings, and emits edges. */
#include "watch/watch.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/number.h"
#include "record/record.h"
#include "watch/watch_parts.h"

#define MINUTE_NS (60 * EG_NS_PER_S)
#define HOUR_NS (60 * MINUTE_NS)

struct eg_watch *
eg_watch_new(const struct eg_watch_rules *rules, bool live, eg_watch_edge *edge, void *ctx,
    struct eg_error *e)
{
	struct eg_watch *w = calloc(1, sizeof(*w));

	if (w != NULL) {
		*w = (struct eg_watch){ .rules = rules, .live = live, .edge = edge, .ctx = ctx,
			.newest = INT64_MIN, .minute = -1, .sets_room = 64, .lock = -1 };
		w->last_set = calloc(rules->n, sizeof(*w->last_set));
		w->sets = calloc(w->sets_room, sizeof(*w->sets));
		w->sets_len = 1; /* index 0 means: no set */
	}
	if (w != NULL && w->last_set != NULL && w->sets != NULL)
		return w;
	eg_fail(e, EG_BUG, "out of memory");
	eg_watch_free(w);
	return NULL;
}

void
eg_watch_free(struct eg_watch *w)
{
	if (w == NULL)
		return;
	for (size_t i = 0; i < w->cells; i++)
		free(w->cell[i].history);
	eg_names_close(&w->names);
	eg_deadlines_close(&w->deadlines);
	free(w->sensor);
	free(w->cell);
	free(w->sets);
	free(w->last_set);
	free(w->changes);
	if (w->lock >= 0)
		(void)close(w->lock);
	free(w);
}

const struct eg_watch_counts *
eg_watch_counts(const struct eg_watch *w)
{
	return &w->counts;
}

static int
emit_edge(struct eg_watch *w, const struct eg_watch_cell *c, int64_t ns, bool on,
    struct eg_error *e)
{
	char line[EG_LINE_MAX + 1], *o = line;
	const char *rule = w->rules->rule[c->rule].name, *name;
	size_t len;

	o = mempcpy(o, "watch/", 6);
	o = mempcpy(o, rule, strlen(rule));
	*o++ = '/';
	name = eg_names_text(&w->names, c->sensor, &len);
	o = mempcpy(o, name, len);
	*o++ = ':';
	o += eg_time_format(ns, o);
	o = mempcpy(o, on ? ":1\n" : ":0\n", 3);
	w->counts.edges++;
	return w->edge(w->ctx, line, (size_t)(o - line), e);
}

/* Sets whether the rule holds now, and emits an edge if that changed. An end is at least 1 ns
 * after its begin. If there is no later time, it has the same time, and its record replaces that
 * of the begin. */
static int
set(struct eg_watch *w, struct eg_watch_cell *c, bool on, int64_t ns, struct eg_error *e)
{
	if (on == c->on)
		return 0;
	if (eg_watch_changed(w, c->sensor, e) != 0)
		return -1;
	if (!on && ns <= c->since)
		ns = c->since < INT64_MAX ? c->since + 1 : INT64_MAX;
	c->on = on;
	c->since = ns;
	c->known = false;
	return emit_edge(w, c, ns, on, e);
}

/* Whether at least `time` ns lie between since and ns (since <= ns). */
static bool
passed(int64_t since, int64_t ns, int64_t time)
{
	return (uint64_t)ns - (uint64_t)since >= (uint64_t)time;
}

/* Rules of the kinds over and under. */
static int
judge_limit(struct eg_watch *w, struct eg_watch_cell *c, const struct eg_watch_line *line,
    double value, int64_t ns, struct eg_error *e)
{
	bool under = w->rules->rule[c->rule].kind == EG_WATCH_UNDER;
	bool beyond = under ? value < line->limit : value > line->limit;

	if (c->on) {
		bool ended = under ? value >= line->until : value <= line->until;

		return ended ? set(w, c, false, ns, e) : 0;
	}
	if (!beyond) {
		c->known = false;
		return 0;
	}
	if (!c->known)
		c->since = ns;
	c->known = true;
	return passed(c->since, ns, line->ns) ? set(w, c, true, ns, e) : 0;
}

/* Whether two values differ by more than the limit. Values are decimals: 0.8 - 0.7 is not more than
 * 0.1, although it is as doubles. Of numbers with 15 digits no smaller difference is possible. */
static bool
differs(double a, double b, double limit)
{
	double size = fmax(fmax(fabs(a), fabs(b)), limit);

	return fabs(a - b) - limit > 4 * DBL_EPSILON * size;
}

static int
judge_stuck(struct eg_watch *w, struct eg_watch_cell *c, const struct eg_watch_line *line,
    double value, int64_t ns, struct eg_error *e)
{
	bool same = (c->known || c->on) && !differs(value, c->ref, line->limit);

	if (same)
		return !c->on && passed(c->since, ns, line->ns) ? set(w, c, true, ns, e) : 0;
	if (set(w, c, false, ns, e) != 0)
		return -1;
	c->ref = value;
	c->since = ns;
	c->known = true;
	return 0;
}

/* last: time of the sensor's previous reading; its value is c->ref. */
static int
judge_step(struct eg_watch *w, struct eg_watch_cell *c, const struct eg_watch_line *line,
    double value, int64_t last, int64_t ns, struct eg_error *e)
{
	double hours = (double)((uint64_t)ns - (uint64_t)last) / (double)HOUR_NS;
	double most = line->per_hour > 0 ? line->per_hour * hours : line->limit;
	bool wrong = c->known &&
	    ((line->per_hour > 0 && value < c->ref) || differs(value, c->ref, most));
	int rc = set(w, c, wrong, ns, e);

	c->ref = value;
	c->known = true;
	return rc;
}

/* Ends the hour that is complete: compares it with the usual values, and learns it. */
static int
close_hour(struct eg_watch *w, struct eg_watch_cell *c, struct eg_error *e)
{
	struct eg_unusual *u = c->history;
	const struct eg_watch_line *line, *first = &w->rules->rule[c->rule].line[w->sets[c->set + 1]];
	int64_t from, to;
	bool unusual;

	/* Skip the first and last hours of the int64_t range: they are not whole hours. */
	if (__builtin_mul_overflow(u->hour, HOUR_NS, &from) ||
	    __builtin_add_overflow(from, HOUR_NS, &to)) {
		u->n = 0;
		return 0;
	}
	line = eg_watch_line_at(w, c, from);
	if (line != NULL)
		first = line;
	unusual = eg_unusual_close(u, eg_watch_minute(w->rules, from) / 60, first->weeks, first->limit);
	return set(w, c, unusual && line != NULL, to, e);
}

static int
judge_unusual(struct eg_watch *w, struct eg_watch_cell *c, double value, int64_t ns,
    struct eg_error *e)
{
	int64_t hour = ns / HOUR_NS - (ns % HOUR_NS < 0);

	if (c->history == NULL && (c->history = calloc(1, sizeof(*c->history))) == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	if (c->history->n > 0 && c->history->hour != hour && close_hour(w, c, e) != 0)
		return -1;
	eg_unusual_add(c->history, hour, value);
	return 0;
}

/* The time at which the rule silent begins if the last reading was at ns. Outside the line's
 * days and hours it is postponed to their next start. */
static int64_t
silent_at(struct eg_watch *w, const struct eg_watch_cell *c, int64_t ns)
{
	const struct eg_watch_line *line = &w->rules->rule[c->rule].line[w->sets[c->set + 1]];
	int64_t at;

	if (__builtin_add_overflow(ns, line->ns, &at))
		return INT64_MAX;
	/* A change to or from summer time can shift the result: check it again, up to 4 times. */
	for (int tries = 0; line->week != NULL && tries < 4; tries++) {
		int minutes = eg_week_wait(line->week, eg_watch_minute(w->rules, at));

		if (minutes <= 0)
			break;
		at -= at % MINUTE_NS;
		if (__builtin_add_overflow(at, minutes * MINUTE_NS, &at))
			return INT64_MAX;
	}
	return at;
}

int
eg_watch_queue(struct eg_watch *w, uint32_t cell, struct eg_error *e)
{
	struct eg_watch_cell *c = &w->cell[cell];
	const struct eg_watch_sensor *s = &w->sensor[c->sensor];

	if (c->on || c->queued)
		return 0;
	c->queued = true;
	return eg_deadlines_push(&w->deadlines, silent_at(w, c, w->live ? s->arrived : s->last), cell)
	    ? 0 : eg_fail(e, EG_BUG, "out of memory");
}

/* Emits the sensors whose silence began before w->now. A cell has one deadline in the heap. If
 * a later reading has arrived, the deadline is computed again and goes back into the heap. */
static int
pass_deadlines(struct eg_watch *w, struct eg_error *e)
{
	while (w->deadlines.n > 0 && w->deadlines.heap[0].at < w->now) {
		struct eg_deadline d = eg_deadlines_pop(&w->deadlines);
		struct eg_watch_cell *c = &w->cell[d.number];
		const struct eg_watch_sensor *s = &w->sensor[c->sensor];
		int64_t at = silent_at(w, c, w->live ? s->arrived : s->last);

		c->queued = false;
		if (at > d.at ? eg_watch_queue(w, d.number, e) != 0
		              : set(w, c, true, silent_at(w, c, s->last), e) != 0)
			return -1;
	}
	return 0;
}

/* A reading ends a silence. last: time of the sensor's previous reading. */
static int
take_silent(struct eg_watch *w, uint32_t cell, bool seen, int64_t last, int64_t ns,
    struct eg_error *e)
{
	struct eg_watch_cell *c = &w->cell[cell];
	int64_t at = seen && !c->on ? silent_at(w, c, last) : INT64_MAX;

	if (at < ns && set(w, c, true, at, e) != 0)
		return -1;
	if (set(w, c, false, ns, e) != 0)
		return -1;
	return eg_watch_queue(w, cell, e);
}

static int
judge_cell(struct eg_watch *w, uint32_t cell, double value, int64_t ns, int64_t last,
    struct eg_error *e)
{
	struct eg_watch_cell *c = &w->cell[cell];
	enum eg_watch_kind kind = w->rules->rule[c->rule].kind;
	const struct eg_watch_line *line;

	if (kind == EG_WATCH_UNUSUAL)
		return judge_unusual(w, c, value, ns, e);
	line = eg_watch_line_at(w, c, ns);
	if (line == NULL) {
		c->known = false;
		return set(w, c, false, ns, e);
	}
	if (kind == EG_WATCH_STUCK)
		return judge_stuck(w, c, line, value, ns, e);
	if (kind == EG_WATCH_STEP)
		return judge_step(w, c, line, value, last, ns, e);
	return judge_limit(w, c, line, value, ns, e);
}

int
eg_watch_take(struct eg_watch *w, const struct eg_record *r, struct eg_error *e)
{
	uint32_t number = eg_watch_sensor_of(w, r->line, r->sensor_len, e), cell, end;
	struct eg_watch_sensor *s = number != EG_NAMES_NONE ? &w->sensor[number] : NULL;
	double value;
	int64_t last;
	bool seen;

	if (s == NULL)
		return -1;
	if (r->ns > w->newest)
		w->newest = r->ns;
	s->arrived = w->now;
	if (s->seen && r->ns <= s->last) {
		w->counts.late++;
		return 0;
	}
	if (!w->live) {
		w->now = r->ns;
		if (pass_deadlines(w, e) != 0)
			return -1;
	}
	if (eg_watch_changed(w, number, e) != 0)
		return -1;
	seen = s->seen;
	last = s->last;
	s->seen = true;
	s->last = r->ns;
	value = s->cells > 0
	    ? eg_decimal_value(r->line + r->value_at, (size_t)(r->len - r->value_at)) : 0;
	for (cell = s->cell, end = s->cell + s->cells; cell < end; cell++)
		if ((w->rules->rule[w->cell[cell].rule].kind == EG_WATCH_SILENT
		        ? take_silent(w, cell, seen, last, r->ns, e)
		        : judge_cell(w, cell, value, r->ns, last, e)) != 0)
			return -1;
	return 0;
}

/* After the system clock was set by step ns: the readings arrived at other times of it. The
 * deadlines follow from these. */
static int
move_arrivals(struct eg_watch *w, int64_t step, struct eg_error *e)
{
	size_t n = w->deadlines.n;

	for (size_t i = 0; i < w->names.n; i++)
		if (__builtin_add_overflow(w->sensor[i].arrived, step, &w->sensor[i].arrived))
			w->sensor[i].arrived = step < 0 ? INT64_MIN : INT64_MAX;
	w->deadlines.n = 0;
	for (size_t i = 0; i < n; i++) {
		uint32_t cell = w->deadlines.heap[i].number; /* not overwritten yet: n <= i */

		w->cell[cell].queued = false;
		if (eg_watch_queue(w, cell, e) != 0)
			return -1;
	}
	return 0;
}

int
eg_watch_tick(struct eg_watch *w, int64_t now, int64_t steady, struct eg_error *e)
{
	int64_t offset = now - steady, step;

	if (w->ticked && !__builtin_sub_overflow(offset, w->offset, &step) &&
	    (step >= EG_NS_PER_S || step <= -EG_NS_PER_S) && move_arrivals(w, step, e) != 0)
		return -1;
	w->offset = offset;
	w->ticked = true;
	w->now = now;
	return pass_deadlines(w, e);
}

int64_t
eg_watch_due(const struct eg_watch *w)
{
	int64_t left, now = eg_mono_ms();

	if (!w->live || w->deadlines.n == 0)
		return INT64_MAX;
	if (__builtin_sub_overflow(w->deadlines.heap[0].at, eg_wall_ns(), &left) || left > MINUTE_NS)
		left = MINUTE_NS;
	/* Round up by 1 ms, so that the deadline is over when the caller wakes. */
	return left < 0 ? now : now + left / EG_NS_PER_MS + 1;
}

int
eg_watch_end(struct eg_watch *w, struct eg_error *e)
{
	if (w->live)
		return 0;
	w->now = w->newest;
	return pass_deadlines(w, e);
}
