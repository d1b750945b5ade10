/* SPDX-License-Identifier: MIT */
/* Warnings about one operation that fails and is tried again. Limits how often they appear. */
#include "base/backoff_log.h"

#include <stdio.h>

#include "base/diag.h"

enum { QUIET_MS = 10 * 1000 };

void
eg_backoff_log_failed(struct eg_backoff_log *l, int kind, int64_t now, int64_t at_least_ms,
    const char *text)
{
	bool first = eg_backoff_failed(&l->retry, now, at_least_ms);
	char more[64] = "";

	if (kind == l->kind && (!first || now < l->warned_ms + QUIET_MS)) {
		l->unsaid++;
		eg_info("%s", text);
		return;
	}
	if (kind == l->kind && l->unsaid > 0)
		(void)snprintf(more, sizeof(more), " (as %u times more in between)", l->unsaid);
	eg_warn("%s; trying again%s", text, more);
	l->warned = true;
	l->kind = kind;
	l->warned_ms = now;
	l->unsaid = 0;
}

void
eg_backoff_log_over(struct eg_backoff_log *l, int64_t now, const char *what)
{
	int64_t away = eg_backoff_ok(&l->retry, now);

	if (away >= 0 && l->warned)
		eg_warn("%s after %.1f s", what, (double)away / 1000);
	l->warned = false;
}
