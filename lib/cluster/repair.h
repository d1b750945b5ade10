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

/* One repair: totals of all rounds, and the state of the current round. */
struct eg_repair {
	const struct eg_cluster *c;
	int64_t timeout_ms;
	uint64_t nodes;   /* nodes that take part, as a bit mask by index */
	uint64_t takers;  /* nodes that accept records but do not answer verbs */
	uint64_t undated; /* stores of an older version, which do not save the time of writing */
	bool majority;    /* --majority: of records without time of writing, keep the one that
			   * most nodes have */
	/* For records without time of writing: if a node ignored a deletion in the first round,
	 * its record is newer. So from the second round on, records win over deletions. */
	bool records_win;
	struct eg_sorted_lines digest[EG_NODES_MAX];
	struct eg_sorted_lines sensors; /* sensors that differ or are misplaced, one per line */
	struct eg_sorted_lines spans;   /* days of these sensors, `sensor:YYYY-MM-DD` */
	uint64_t *span_nodes; /* per span: nodes that have records or deletions in it */
	uint64_t sent, tombstones, evicted; /* lines in all rounds */
	uint64_t left;                  /* misplaced records of this round that could not be
					 * moved */
	uint64_t by_majority;           /* keys decided by majority, in all rounds */
	struct eg_sorted_lines undecided; /* undecided keys of this round, one per line */
};

/* Gets from all nodes a digest of each sensor, and lists the sensors that differ or are
 * misplaced. A node that does not answer is excluded from the repair, with a warning. */
int eg_repair_sensors(struct eg_repair *r, struct eg_error *e);

/* Does the same for the days of the sensors from..to, and lists the spans. */
int eg_repair_days(struct eg_repair *r, size_t from, size_t to, struct eg_error *e);

/* Reads the spans from..to, sends each node the records that it lacks, then removes misplaced
 * ones. */
int eg_repair_spans(struct eg_repair *r, size_t from, size_t to, struct eg_error *e);

/* The lines that a verb prints: its input again; records; records with the time of writing
 * appended (`:WHEN`); or deletions. */
enum eg_repair_form { EG_FORM_ECHO, EG_FORM_RECORDS, EG_FORM_DATED, EG_FORM_DELETIONS };

/* Runs a verb (args ends with NULL) on a node with this input, and adds its output to lines,
 * with sensor and time as the key. lines is NULL for EG_FORM_ECHO. -1 with *e; then *status,
 * unless NULL, is the exit status of the command. */
int eg_repair_run(const struct eg_repair *r, size_t node, const char *const args[],
    const char *in, size_t len, enum eg_repair_form form, struct eg_sorted_lines *lines,
    int *status, struct eg_error *e);

void eg_repair_clear(struct eg_repair *r);

#endif
