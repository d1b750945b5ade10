/* SPDX-License-Identifier: MIT */
/* The process that serves a program's counters over HTTP, see eg-health(1). It is a process of its
 * own, so that no client can hold up the readings. */
#ifndef EG_WATCHED_H
#define EG_WATCHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/process.h"

struct eg_common;
struct eg_error;

/* Zero: none was started. */
struct eg_watched {
	const struct eg_common *common; /* NULL: none was started */
	struct eg_process process;      /* pid 0: it has ended */
	int64_t again;                  /* when to start it again, on eg_mono_ms's clock */
	int64_t read;                   /* when it had read all counters, on that clock; 0: long ago,
	                                 * and it was warned of */
	bool starting;                  /* it was started, and does not listen yet */
	bool ending;                    /* it was killed, and has not ended yet */
};

/* Starts eg-health with --listen and --unhealthy of c, which must stay valid, and waits until it
 * listens, ten seconds at most, or until a signal asks to end: call it before any reading is
 * taken. eg-health is searched in the folder of the running program, then in PATH. -1 with *e:
 * EG_USAGE or EG_CONFIG if it cannot listen, after its own message; EG_TEMPORARY if it does not
 * answer. */
int eg_watched_start(struct eg_watched *w, const struct eg_common *c, struct eg_error *e);

/* Hands it the counters. Does not block: counters are dropped while it does not read. Warns, once
 * in a row, when it has read none for ten seconds, and when it reads again. If it has ended, warns
 * and starts it again, once in ten seconds at most; if it then does not listen for ten seconds,
 * it is ended and started again. */
void eg_watched_show(struct eg_watched *w, const char *text, size_t len, int64_t now);

/* Ends it; waits for EG_PROCESS_END_MS at most. */
void eg_watched_end(struct eg_watched *w);

#endif
