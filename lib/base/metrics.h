/* SPDX-License-Identifier: MIT */
/* Counters of a program: in = out + refused + pending, shown on SIGUSR1, each
 * second with --progress, at the end with -v, and in the file of --metrics. */
#ifndef EG_METRICS_H
#define EG_METRICS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct eg_common;
struct eg_error;

/* A counter (or gauge) of the program's own, beside the three fates. */
struct eg_metric {
	const char *name; /* "reconnects": exported as energyguard_reconnects_total */
	const char *help;
	const uint64_t *value;
	bool gauge; /* exported without the _total */
};

struct eg_metrics {
	uint64_t in, out, refused;
	const struct eg_metric *extra; /* ends with name NULL; may be NULL */
	const char *path;              /* of the file, NULL: none */
	bool progress;
	int64_t next; /* when the next tick is due, on eg_mono_ms's clock */
	int64_t last_ms;
	uint64_t last_out;
	bool complained;
};

/* Takes --metrics and --progress over and writes the file for the first time, so
 * that a wrong path is seen at once. */
int eg_metrics_open(struct eg_metrics *m, const struct eg_common *c, struct eg_error *e);

/* Writes all in Prometheus' text format. */
void eg_metrics_print(FILE *f, const struct eg_metrics *m);

/* Call at least when m->next is due (INT64_MAX: never) and after a signal: writes
 * file and progress each second, the line on SIGUSR1. A file that cannot be
 * written any more is warned of once. Costs a clock reading when nothing is due. */
void eg_metrics_tick(struct eg_metrics *m, int64_t now);

/* At the end: the file once more, and the line when verbose. */
void eg_metrics_close(struct eg_metrics *m, int verbose);

#endif
