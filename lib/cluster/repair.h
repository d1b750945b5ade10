/* SPDX-License-Identifier: MIT */
/* Repair: makes the stores of a cluster equal, and moves misplaced records. */
#ifndef EG_REPAIR_H
#define EG_REPAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cluster/cluster.h"
#include "cluster/sorted_lines.h"

struct eg_error;

/* A repair: all rounds, and the state of the current one. */
struct eg_repair {
	const struct eg_cluster *c;
	int64_t timeout_ms;
	uint64_t nodes;   /* that take part, as a bit mask by index */
	uint64_t takers;  /* that take records but do not answer verbs */
	uint64_t undated; /* stores of an older version, which do not date records */
	bool majority;    /* of values without dates, keep the one that most nodes have */
	/* Without dates: a node that ignored a tombstone in the first round has a newer record,
	 * so from the second round on records win. */
	bool records_win;
	struct eg_sorted_lines digest[EG_NODES_MAX];
	struct eg_sorted_lines sensors; /* that differ or are misplaced, a line each */
	struct eg_sorted_lines spans;   /* their days, `sensor:YYYY-MM-DD` */
	uint64_t *span_nodes; /* the nodes that have records or deletions of each */
	uint64_t sent, tombstones, evicted; /* lines, of all rounds */
	uint64_t left;                  /* misplaced records that could not be moved, of this round */
	uint64_t by_majority;           /* keys decided so, of all rounds */
	struct eg_sorted_lines undecided; /* a line each key, of this round */
};

/* Asks all nodes for a digest of each sensor, and finds those that differ or are misplaced.
 * A node that does not answer takes no part any more, with a warning. */
int eg_repair_sensors(struct eg_repair *r, struct eg_error *e);

/* The same for the days of the sensors from..to: finds the spans. */
int eg_repair_days(struct eg_repair *r, size_t from, size_t to, struct eg_error *e);

/* Reads the spans from..to, sends each node what it lacks, then removes what is misplaced. */
int eg_repair_spans(struct eg_repair *r, size_t from, size_t to, struct eg_error *e);

/* The form of the lines that a verb prints: its input again, records, records with `:WHEN`
 * appended, deletions. */
enum eg_repair_form { EG_FORM_ECHO, EG_FORM_RECORDS, EG_FORM_DATED, EG_FORM_DELETIONS };

/* Runs a verb (NULL-terminated args) on a node with this input, and adds its lines to lines
 * (key: sensor and instant; when), which is NULL for EG_FORM_ECHO. -1 with *e, and the exit
 * status of the command in *status unless that is NULL. */
int eg_repair_run(const struct eg_repair *r, size_t node, const char *const args[],
    const char *in, size_t len, enum eg_repair_form form, struct eg_sorted_lines *lines,
    int *status, struct eg_error *e);

void eg_repair_clear(struct eg_repair *r);

#endif
