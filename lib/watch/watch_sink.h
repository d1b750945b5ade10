/* SPDX-License-Identifier: MIT */
/* eg-watch with a command, as a sink for lib/stage. A record is passed on when the command has
 * given receipts for all its edges and the state is on disk. */
#ifndef EG_WATCH_SINK_H
#define EG_WATCH_SINK_H

#include <stdbool.h>
#include <stdint.h>

struct eg_error;
struct eg_metric;
struct eg_sink;
struct eg_watch_rules;
struct eg_watch_sink;

struct eg_watch_sink_config {
	const struct eg_watch_rules *rules;
	const char *state;     /* path of the state file; NULL: no state is saved */
	bool live;             /* silence is measured by the clock */
	char *const *command;  /* its argv, NULL-terminated */
	int64_t quiet_ms;      /* after this time without a receipt, closes the command's input,
			        * so that it ends and its status settles the remaining edges */
};

/* Loads the state; starts no command yet. cfg is copied; what it points to must outlive the
 * sink. NULL with *e. */
struct eg_watch_sink *eg_watch_sink_open(const struct eg_watch_sink_config *cfg,
    struct eg_error *e);

/* Closes the command's input, waits up to grace_ms for it to end, then kills it. */
void eg_watch_sink_close(struct eg_watch_sink *s, int64_t grace_ms);

/* The sink for eg_stage_run, and its counters. Both live as long as s. */
struct eg_sink *eg_watch_sink(struct eg_watch_sink *s);
const struct eg_metric *eg_watch_sink_metrics(struct eg_watch_sink *s);

#endif
