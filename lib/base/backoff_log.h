/* SPDX-License-Identifier: MIT */
/* Warnings about one thing that fails and is tried again, limited in number. */
#ifndef EG_BACKOFF_LOG_H
#define EG_BACKOFF_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/backoff.h"

/* Set retry's base_ms and max_ms, and zero the rest. */
struct eg_backoff_log {
	struct eg_backoff retry;
	/* eg_backoff_log's own: */
	bool warned;       /* a failure since the last success was warned of */
	int kind;          /* of the last failure that was warned of */
	int64_t warned_ms; /* when that was */
	unsigned unsaid;   /* failures of this kind since that warning */
};

/* Records a failure of a kind (not 0) and sets retry.due, at least at_least_ms from now. Warns
 * `TEXT; trying again` if the kind is new, or if it is the first failure after a success and the
 * last warning is 10 s old. Other failures are shown with -v only. */
void eg_backoff_log_failed(struct eg_backoff_log *l, int kind, int64_t now, int64_t at_least_ms,
    const char *text);

/* Records a success. Warns `WHAT after 3.2 s` (what: "'x' is back") if a failure before it was
 * warned of. */
void eg_backoff_log_over(struct eg_backoff_log *l, int64_t now, const char *what);

#endif
