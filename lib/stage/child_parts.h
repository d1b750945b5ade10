/* SPDX-License-Identifier: MIT */
/* What the files of eg_child share. */
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
	bool reaped;  /* ENDING: the process has ended, others of its group may not have */
	bool closing; /* close its input when all before the chunk stop (NULL: all chunks) is written */
	bool closed;  /* closing has been carried out in this run */
	bool deaf;    /* the child has closed its standard input */
	const struct eg_chunk *stop, *closed_behind;
	int64_t kill_at; /* send SIGKILL then; 0: never */
	int64_t now;     /* time of the current eg_child_work call, on eg_mono_ms's clock */
	int64_t moved;   /* when a byte was last written or a receipt read */
	uint64_t starts;
	struct eg_backoff_log trouble;
};

/* Closes the pipes and ends the process group: SIGTERM now and SIGKILL after grace_ms, or
 * SIGKILL now (0). Lines that are neither safe nor refused are kept for the next run. Does not
 * wait. */
void eg_child_end_run(struct eg_child *c, int64_t grace_ms);

/* Writes to the child's input pipe as much as does not block. Closes the pipe if closing asks
 * for it. */
void eg_child_feed(struct eg_child *c);

#endif
