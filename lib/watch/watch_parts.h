/* SPDX-License-Identifier: MIT */
/* What the files of the engine share. */
#ifndef EG_WATCH_PARTS_H
#define EG_WATCH_PARTS_H

#include "record/names.h"
#include "watch/deadlines.h"
#include "watch/unusual.h"
#include "watch/watch.h"

/* What is known of a sensor. */
struct eg_watch_sensor {
	int64_t last;    /* time of its newest reading */
	int64_t arrived; /* live: when that came */
	uint32_t cell;   /* the first of its cells */
	uint32_t cells;
	bool seen;       /* last is known */
};

/* What is known of a sensor by a rule. */
struct eg_watch_cell {
	int64_t since; /* on: the time of the edge. Else over, under: since when it holds; stuck:
	                * since when the value is ref */
	double ref;    /* stuck: the value; step: the value before */
	uint32_t sensor;
	uint32_t set;  /* where its lines are in sets: how many, and which */
	uint16_t rule;
	bool on;       /* the last edge was 1 */
	bool known;    /* since and ref hold something */
	bool queued;   /* silent: it is among the deadlines */
	struct eg_unusual *history; /* unusual; NULL: none yet */
};

struct eg_watch {
	const struct eg_watch_rules *rules;
	bool live;
	eg_watch_edge *edge;
	void *ctx;
	struct eg_names names;
	struct eg_watch_sensor *sensor; /* numbered as the names are */
	size_t sensor_room;
	struct eg_watch_cell *cell;
	size_t cells, cell_room;
	uint32_t *sets; /* of lines that match the same sensors */
	size_t sets_len, sets_room;
	uint32_t *last_set; /* of each rule, where the set made last begins; 0: none */
	struct eg_deadlines deadlines;
	int64_t now;    /* of eg_watch_tick, or the time of the record at hand */
	int64_t newest; /* of all records */
	int64_t minute_of; /* the second that minute is of */
	int minute;
	struct eg_watch_counts counts;
};

/* The number of the sensor, with its cells if it is new; EG_NAMES_NONE with *e. */
uint32_t eg_watch_sensor_of(struct eg_watch *w, const char *name, size_t len, struct eg_error *e);

/* The line of a cell that holds at the instant; NULL: none does. */
const struct eg_watch_line *eg_watch_line_at(struct eg_watch *w, const struct eg_watch_cell *c,
    int64_t ns);

/* Puts a cell of the kind silent among the deadlines, unless it is on or there already. */
int eg_watch_queue(struct eg_watch *w, uint32_t cell, struct eg_error *e);

#endif
