/* SPDX-License-Identifier: MIT */
/* Failures of one thing that is tried again and again, told without a flood. */
#ifndef EG_BACKOFF_LOG_H
#define EG_BACKOFF_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/backoff.h"

/* Zeroed but for retry's base and max it is ready for use. */
struct eg_backoff_log {
	struct eg_backoff retry;
	bool told; /* of this row of failures */
	int kind;  /* of the failure told last */
	int64_t at;
	unsigned untold; /* failures of this kind since then */
};

/* Notes a failure of some kind (not 0) and sets retry.due. Warns: once in a row of
 * failures of one kind, and when the rows are short not more than every ten seconds. */
void eg_backoff_log_failed(struct eg_backoff_log *c, int kind, int64_t now, const char *text);

/* Notes a success; says that name is back when its absence was told. */
void eg_backoff_log_over(struct eg_backoff_log *c, int64_t now, const char *name);

#endif
