/* SPDX-License-Identifier: MIT */
/* eg-watch with a command, as a sink for lib/stage: a record comes out when the command has
 * given its receipts for the edges that it led to, and the state is on disk. */
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
	const char *state;     /* the file; NULL: none */
	bool live;             /* the clock tells of silence */
	char *const *command;  /* NULL-terminated */
	int64_t quiet_ms;      /* without a receipt for so long, the command's input is ended, so
	                        * that its status tells of the rest */
};

/* Reads the state; starts no command yet. cfg is copied, what it points to is kept by
 * reference. NULL with *e. */
struct eg_watch_sink *eg_watch_sink_open(const struct eg_watch_sink_config *cfg,
    struct eg_error *e);

/* Ends the input of the command and waits for its end, grace_ms at most; then it is killed. */
void eg_watch_sink_close(struct eg_watch_sink *s, int64_t grace_ms);

/* The sink for eg_stage_run, and its counters. Both live as long as s. */
struct eg_sink *eg_watch_sink(struct eg_watch_sink *s);
const struct eg_metric *eg_watch_sink_metrics(struct eg_watch_sink *s);

#endif
