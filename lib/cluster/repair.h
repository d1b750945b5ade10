/* SPDX-License-Identifier: MIT */
/* Makes the stores of a cluster equal, and moves what is misplaced. */
#ifndef EG_REPAIR_H
#define EG_REPAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cluster/cluster.h"
#include "cluster/sorted_lines.h"

struct eg_error;

/* What a round does. */
struct eg_repair {
	const struct eg_cluster *c;
	int64_t timeout_ms;
	uint64_t nodes; /* those that take part, as bits by index */
	uint64_t takers; /* those that take records, but cannot be asked for them */
	uint64_t undated; /* stores of an older version, which do not date what they take in */
	bool majority;    /* values that cannot be ordered: keep that of most nodes */
	/* A tombstone that a node has passed over was older than its record: from the second
	 * round on such a record counts, where records have no dates. */
	bool records_win;
	struct eg_sorted_lines digest[EG_NODES_MAX];
	struct eg_sorted_lines sensors; /* those that differ or are misplaced, a line each */
	struct eg_sorted_lines spans;   /* `sensor:YYYY-MM-DD` of theirs, likewise */
	uint64_t *span_nodes; /* who has something of each */
	uint64_t sent, buried, evicted; /* lines, of all rounds */
	uint64_t left;                  /* misplaced lines that could not be moved */
	uint64_t by_majority;           /* keys decided so, of all rounds */
	struct eg_sorted_lines undecided; /* a line each key, of this round */
};

/* Asks all nodes for a digest of each sensor, and finds the sensors that have to be looked
 * at. A node that does not answer is warned of and takes no part any more. */
int eg_repair_sensors(struct eg_repair *r, struct eg_error *e);

/* The same of the days of the sensors from..to: finds the spans. */
int eg_repair_days(struct eg_repair *r, size_t from, size_t to, struct eg_error *e);

/* Reads the spans from..to, and sends to each node what it lacks; then takes away what
 * is misplaced. */
int eg_repair_spans(struct eg_repair *r, size_t from, size_t to, struct eg_error *e);

/* What the lines that a verb prints are: those of its input again, records, records with
 * `:WHEN` behind them, deletions. */
enum eg_repair_form { EG_FORM_ECHO, EG_FORM_RECORDS, EG_FORM_DATED, EG_FORM_DELETIONS };

/* Runs a verb (NULL-terminated args) on a node with this input, and adds its lines to lot
 * (key: sensor and instant; when), which is NULL for EG_FORM_ECHO. -1 with *e, and the exit
 * status of the command in *status unless that is NULL. */
int eg_repair_run(const struct eg_repair *r, size_t node, const char *const args[],
    const char *in, size_t len, enum eg_repair_form form, struct eg_sorted_lines *lot,
    int *status, struct eg_error *e);

void eg_repair_clear(struct eg_repair *r);

#endif
