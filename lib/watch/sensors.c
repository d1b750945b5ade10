/* SPDX-License-Identifier: MIT */
/* The watched sensors, and the rule lines that match each of them. */
#include <fnmatch.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/diag.h"
#include "record/record.h"
#include "watch/watch_parts.h"

static const char own[] = "watch/";

static bool
matches(const struct eg_watch_line *line, const char *name, size_t len)
{
	return line->glob ? fnmatch(line->pattern, name, 0) == 0
	                  : line->len == len && memcmp(line->pattern, name, len) == 0;
}

static bool
add_number(struct eg_watch *w, uint32_t number)
{
	if (!eg_buf_grow(&w->sets, &w->sets_room, w->sets_len + 1, sizeof(*w->sets)))
		return false;
	w->sets[w->sets_len++] = number;
	return true;
}

/* Finds the lines of a rule that match the sensor's name. *set: index of their list in
 * w->sets; 0: no line matches. A list equal to the rule's newest one is shared, which saves
 * memory. */
static bool
find_set(struct eg_watch *w, size_t rule, const char *name, size_t len, uint32_t *set)
{
	const struct eg_watch_rule *r = &w->rules->rule[rule];
	size_t start = w->sets_len, bytes;
	uint32_t before = w->last_set[rule];

	*set = 0;
	if (!add_number(w, 0))
		return false;
	for (size_t i = 0; i < r->n; i++)
		if (matches(&r->line[i], name, len) && !add_number(w, (uint32_t)i))
			return false;
	w->sets[start] = (uint32_t)(w->sets_len - start - 1);
	bytes = (w->sets_len - start) * sizeof(*w->sets);
	if (w->sets[start] == 0) {
		w->sets_len = start;
	} else if (before != 0 && w->sets[before] == w->sets[start] &&
	    memcmp(&w->sets[before], &w->sets[start], bytes) == 0) {
		w->sets_len = start;
		*set = before;
	} else {
		*set = w->last_set[rule] = (uint32_t)start;
	}
	return true;
}

static int
new_cell(struct eg_watch *w, uint32_t sensor, size_t rule, uint32_t set, struct eg_error *e)
{
	if (w->cells == UINT32_MAX ||
	    !eg_buf_grow(&w->cell, &w->cell_room, w->cells + 1, sizeof(*w->cell)))
		return eg_fail(e, EG_BUG, "out of memory");
	w->cell[w->cells++] = (struct eg_watch_cell){ .sensor = sensor, .set = set,
		.rule = (uint16_t)rule };
	w->sensor[sensor].cells++;
	return 0;
}

/* Adds a cell for each rule with a line that matches the sensor. */
static int
add_cells(struct eg_watch *w, uint32_t sensor, const char *name, size_t len, struct eg_error *e)
{
	uint32_t set;

	w->sensor[sensor] = (struct eg_watch_sensor){ .cell = (uint32_t)w->cells };
	/* Do not watch our own edges: they may be read back from the store. */
	if (len >= sizeof(own) - 1 && memcmp(name, own, sizeof(own) - 1) == 0)
		return 0;
	for (size_t i = 0; i < w->rules->n; i++) {
		const char *rule = w->rules->rule[i].name;

		if (!find_set(w, i, name, len, &set))
			return eg_fail(e, EG_BUG, "out of memory");
		if (set == 0)
			continue;
		if (sizeof(own) + strlen(rule) + len > EG_SENSOR_MAX) {
			eg_warn("'%s' is too long for an edge of the rule '%s', which does not watch it", name,
			    rule);
			continue;
		}
		if (new_cell(w, sensor, i, set, e) != 0)
			return -1;
	}
	return 0;
}

uint32_t
eg_watch_sensor_of(struct eg_watch *w, const char *name, size_t len, struct eg_error *e)
{
	uint32_t before = w->names.n, number = eg_names_add(&w->names, name, len);
	char text[EG_SENSOR_MAX + 1];

	if (number != EG_NAMES_NONE && number < before)
		return number;
	if (number == EG_NAMES_NONE || 
	    !eg_buf_grow(&w->sensor, &w->sensor_room, number + 1, sizeof(*w->sensor))) {
		eg_fail(e, EG_BUG, "out of memory");
		return EG_NAMES_NONE;
	}
	memcpy(text, name, len);
	text[len] = '\0';
	w->counts.sensors = w->names.n;
	return add_cells(w, number, text, len, e) == 0 ? number : EG_NAMES_NONE;
}

void
eg_watch_ahead(struct eg_watch *w, const struct eg_record *r, size_t n)
{
	uint32_t number[EG_NAMES_AHEAD];

	if (!eg_names_ahead(&w->names, r, n, number))
		return;
	for (size_t i = 0; i < n; i++)
		if (number[i] != EG_NAMES_NONE)
			eg_prefetch(&w->sensor[number[i]], sizeof(*w->sensor));
	/* This needs what the loop before has fetched. */
	for (size_t i = 0; i < n; i++)
		if (number[i] != EG_NAMES_NONE && w->sensor[number[i]].cells > 0)
			eg_prefetch(&w->cell[w->sensor[number[i]].cell], sizeof(*w->cell));
}

int
eg_watch_changed(struct eg_watch *w, uint32_t sensor, struct eg_error *e)
{
	if (w->sensor[sensor].changed)
		return 0;
	if (!eg_buf_grow(&w->changes, &w->changes_room, w->changes_n + 1, sizeof(*w->changes)))
		return eg_fail(e, EG_BUG, "out of memory");
	w->sensor[sensor].changed = true;
	w->changes[w->changes_n++] = sensor;
	return 0;
}

const struct eg_watch_line *
eg_watch_line_at(struct eg_watch *w, const struct eg_watch_cell *c, int64_t ns)
{
	const struct eg_watch_rule *r = &w->rules->rule[c->rule];
	const uint32_t *set = &w->sets[c->set];
	int64_t second = ns / EG_NS_PER_S - (ns % EG_NS_PER_S < 0);

	for (uint32_t i = 1; i <= set[0]; i++) {
		const struct eg_watch_line *line = &r->line[set[i]];

		if (line->week == NULL)
			return line;
		if (w->minute < 0 || w->minute_of != second) {
			w->minute = eg_watch_minute(w->rules, ns);
			w->minute_of = second;
		}
		if (eg_week_has(line->week, w->minute))
			return line;
	}
	return NULL;
}
