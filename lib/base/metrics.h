/* SPDX-License-Identifier: MIT */
/* Counters of a program: in = out + refused + pending, shown on SIGUSR1, each
 * second with --progress, at the end with -v, in the file of --metrics, and at the port of
 * --listen. */
#ifndef EG_METRICS_H
#define EG_METRICS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/flow.h"
#include "base/watched.h"

struct eg_common;
struct eg_error;
struct eg_reject_kinds;

/* How the printed counters begin and end. */
#define EG_METRICS_BEGIN "# HELP energyguard_records_in_total "
#define EG_METRICS_END "# EOF\n"

#define EG_METRIC_UNKNOWN UINT64_MAX

/* A counter or gauge of one program, in addition to in, out and refused. */
struct eg_metric {
	const char *name; /* without prefix: "reconnects" is exported as
			   * energyguard_reconnects_total */
	const char *help;
	const uint64_t *value; /* EG_METRIC_UNKNOWN: it is left out */
	bool gauge; /* a gauge: exported without _total */
};

struct eg_metrics {
	uint64_t in, out, refused;
	uint64_t refused_unsent; /* of refused: lines refused when they were read, which never waited */
	struct eg_flow *flow;    /* see flow.h; NULL: the program gives no receipts */
	const struct eg_metric *extra; /* the last entry has name NULL; NULL: no extra counters */
	const char *path;              /* path of the metrics file; NULL: none */
	struct eg_watched watched;     /* what serves them for --listen */
	const struct eg_reject_kinds *reasons; /* refusals by their reason; NULL: unknown */
	int64_t peer_since; /* since when the peer is unavailable, on eg_mono_ms's clock; 0: it is
			     * there */
	bool progress;
	int64_t next; /* time of the next tick, on eg_mono_ms's clock */
	int64_t last_ms;
	uint64_t last_out;
	bool complained;
};

/* Takes --metrics, --listen and --progress from c, which must stay valid. Writes the metrics file
 * once, and begins to listen, so that a wrong path or a port in use fails at the start. -1 with
 * *e: it cannot be written; with EG_USAGE: it holds something else than counters, which would be
 * lost. */
int eg_metrics_open(struct eg_metrics *m, const struct eg_common *c, struct eg_error *e);

/* Writes all counters in Prometheus' text format, from EG_METRICS_BEGIN to EG_METRICS_END. */
void eg_metrics_print(FILE *f, const struct eg_metrics *m);

/* Notes in the flow what was taken up to the time now. eg_metrics_tick does so as well; call it
 * before, if the records may be settled before that. */
void eg_metrics_taken(struct eg_metrics *m, int64_t now);

/* Notes in the flow what was taken and settled. Writes the metrics file, the counters for --listen
 * and the progress line once a second, and the line of counters after SIGUSR1. Call it in each
 * round of a loop with a flow; without one, at m->next (INT64_MAX: never) and after each signal.
 * Warns once if the file cannot be written. */
void eg_metrics_tick(struct eg_metrics *m, int64_t now);

/* Notes in the flow what was settled last. Writes the metrics file a last time, ends what serves
 * --listen, and prints the line of counters when verbose. */
void eg_metrics_close(struct eg_metrics *m, int verbose);

#endif
