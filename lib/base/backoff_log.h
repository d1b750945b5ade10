/* SPDX-License-Identifier: MIT */
/* Warnings about one thing that fails and is tried again, without a flood. */
#ifndef EG_BACKOFF_LOG_H
#define EG_BACKOFF_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/backoff.h"

/* Set retry's base_ms and max_ms, and zero the rest. */
struct eg_backoff_log {
	struct eg_backoff retry;
	/* eg_backoff_log's own: */
	bool warned;       /* of the failures since the last success */
	int kind;          /* of the last failure that was warned of */
	int64_t warned_ms; /* when that was */
	unsigned unsaid;   /* failures of this kind since then */
};

/* Notes a failure of some kind (not 0) and sets retry.due, which is at least at_least_ms away
 * (0: no wish). Warns `TEXT; trying again` when the kind is new, and of the same kind once
 * until the next success, but not more often than every 10 s; else the text is eg_info's. */
void eg_backoff_log_failed(struct eg_backoff_log *l, int kind, int64_t now, int64_t at_least_ms,
    const char *text);

/* Notes a success. Warns `WHAT after 3.2 s` (what: "'x' is back") when a failure before it
 * was warned of. */
void eg_backoff_log_over(struct eg_backoff_log *l, int64_t now, const char *what);

#endif
