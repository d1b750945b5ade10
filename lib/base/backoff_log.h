/* SPDX-License-Identifier: MIT */
/* Warnings about one operation that fails and is tried again. Limits how often they appear. */
#ifndef EG_BACKOFF_LOG_H
#define EG_BACKOFF_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/backoff.h"

/* Set retry's base_ms and max_ms, and zero the rest. */
struct eg_backoff_log {
	struct eg_backoff retry;
	/* private to eg_backoff_log: */
	bool warned;       /* the user was warned of a failure since the last success */
	int kind;          /* kind of the failure in the last warning */
	int64_t warned_ms; /* time of the last warning */
	unsigned unsaid;   /* failures of this kind since the last warning */
};

/* Records a failure of a kind (not 0) and sets retry.due, at least at_least_ms from now. Warns
 * `TEXT; trying again` in two cases: the kind is new, or this is the first failure after a
 * success and the last warning is at least 10 s old. Other failures are shown with -v only. */
void eg_backoff_log_failed(struct eg_backoff_log *l, int kind, int64_t now, int64_t at_least_ms,
    const char *text);

/* Records a success. If the failure before it was shown as a warning, warns `WHAT after 3.2 s`
 * (what is, for example, "'x' is back"). */
void eg_backoff_log_over(struct eg_backoff_log *l, int64_t now, const char *what);

#endif
