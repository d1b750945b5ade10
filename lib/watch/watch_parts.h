/* SPDX-License-Identifier: MIT */
/* Data structures of the watch, for the files of this room only. */
#ifndef EG_WATCH_PARTS_H
#define EG_WATCH_PARTS_H

#include "record/names.h"
#include "watch/deadlines.h"
#include "watch/unusual.h"
#include "watch/watch.h"

/* State of one sensor. */
struct eg_watch_sensor {
	int64_t last;    /* time of its newest reading, ns since 1970 */
	int64_t arrived; /* live: when its newest reading arrived, ns since 1970 */
	uint32_t cell;   /* index of its first cell; its cells are adjacent */
	uint32_t cells;
	bool seen;       /* last is valid */
	bool changed;    /* is in the watch's list of changes */
};

/* State of one rule for one sensor. */
struct eg_watch_cell {
	/* On: time of the edge. Otherwise, over and under: since when the value is beyond the limit;
	 * stuck: since when the value is ref. */
	int64_t since;
	double ref;    /* stuck: the value that does not change; step: the previous value */
	uint32_t sensor;
	uint32_t set;  /* index in sets of a count, followed by the numbers of the matching lines */
	uint16_t rule;
	bool on;       /* the last edge was 1: the rule holds */
	bool known;    /* since and ref are valid */
	bool queued;   /* silent: its deadline is in the heap */
	struct eg_unusual *history; /* kind unusual only; NULL: no reading yet */
};

struct eg_watch {
	const struct eg_watch_rules *rules;
	bool live;
	eg_watch_edge *edge;
	void *ctx;
	struct eg_names names;
	struct eg_watch_sensor *sensor; /* by sensor number, as in names */
	size_t sensor_room;
	struct eg_watch_cell *cell;
	size_t cells, cell_room;
	uint32_t *sets; /* lists of matching lines; cells with equal lists share one */
	size_t sets_len, sets_room;
	uint32_t *last_set; /* by rule: index in sets of its newest list; 0: none */
	struct eg_deadlines deadlines;
	int64_t now;    /* live: time of the last eg_watch_tick; otherwise time of the current record */
	/* live: of the system clock from the steady one, at the last eg_watch_tick, ns */
	int64_t offset;
	bool ticked;    /* offset is valid */
	int64_t newest; /* latest time of all records */
	int64_t minute_of; /* the second for which minute was computed */
	int minute;
	uint32_t *changes; /* numbers of the sensors that changed since the state was saved */
	size_t changes_n, changes_room;
	int lock;          /* descriptor of the lock of the state; -1: none */
	size_t file_size;  /* size of the state file; 0: not written yet */
	size_t whole_size; /* size of its part that holds all sensors */
	struct eg_watch_counts counts;
};

/* The sensor's number. A new sensor gets its cells. EG_NAMES_NONE with *e. */
uint32_t eg_watch_sensor_of(struct eg_watch *w, const char *name, size_t len, struct eg_error *e);

/* The cell's first line that applies at time ns (days and hours); NULL: none applies. */
const struct eg_watch_line *eg_watch_line_at(struct eg_watch *w, const struct eg_watch_cell *c,
    int64_t ns);

/* Adds the sensor to the list of changes. */
int eg_watch_changed(struct eg_watch *w, uint32_t sensor, struct eg_error *e);

/* Adds the deadline of a cell of the kind silent to the heap, unless it is there or the rule
 * already holds. */
int eg_watch_queue(struct eg_watch *w, uint32_t cell, struct eg_error *e);

#endif
