/* SPDX-License-Identifier: MIT */
/* Shared by the files of eg_child. */
#ifndef EG_CHILD_PARTS_H
#define EG_CHILD_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/backoff_log.h"
#include "base/process.h"
#include "stage/child.h"
#include "stage/inflight.h"

/* ENDING: the pipes are closed, and the process group is being ended. */
enum eg_child_state { EG_CHILD_GONE, EG_CHILD_RUNNING, EG_CHILD_ENDING };

struct eg_child {
	char *const *argv;
	const char *name; /* for messages */
	struct eg_inflight window;
	struct eg_process process;
	enum eg_child_state state;
	bool reaped;  /* in state ENDING: the process has ended, others of its group may still
		       * run */
	bool closing; /* close its input after the chunks before `stop` (NULL: all) are written */
	bool closed;  /* the input was closed in this run */
	bool deaf;    /* the child has closed its standard input */
	const struct eg_chunk *stop, *closed_behind;
	int64_t kill_at; /* time for SIGKILL; 0: never */
	int64_t now;     /* time of the current eg_child_work call, on eg_mono_ms's clock */
	bool warns;      /* eg_child_warn_quiet was called */
	bool quiet;      /* it has warned, and no receipt has come since */
	int64_t heard;   /* time of the last receipt, or of the start */
	int64_t moved;   /* time when a byte was last written or a receipt was read */
	uint64_t starts;
	struct eg_backoff_log trouble;
};

/* Closes the pipes and ends the process group: SIGTERM now and SIGKILL after grace_ms, or
 * SIGKILL now if grace_ms is 0. Lines that are neither safe nor refused are kept for the next
 * run. Does not wait. */
void eg_child_end_run(struct eg_child *c, int64_t grace_ms);

/* The time to warn that the child gives no receipt; INT64_MAX: never. */
int64_t eg_child_quiet_due(const struct eg_child *c);

/* Warns at that time. */
void eg_child_check_quiet(struct eg_child *c);

/* Writes as much to the child's input pipe as is possible without blocking. Then closes the pipe
 * if `closing` is set. */
void eg_child_feed(struct eg_child *c);

#endif
