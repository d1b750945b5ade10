/* SPDX-License-Identifier: MIT */
/* Failures of one thing that is tried again and again, told without a flood. */
#include "base/backoff_log.h"

#include <stdio.h>

#include "base/diag.h"

enum { QUIET_MS = 10 * 1000 };

void
eg_backoff_log_failed(struct eg_backoff_log *c, int kind, int64_t now, const char *text)
{
	bool first = eg_backoff_failed(&c->retry, now, 0);
	char more[64] = "";

	if (kind == c->kind && (!first || now < c->at + QUIET_MS)) {
		c->untold++;
		return;
	}
	if (kind == c->kind && c->untold > 0)
		(void)snprintf(more, sizeof(more), " (as %u times more in between)", c->untold);
	eg_warn("%s; trying again%s", text, more);
	c->told = true;
	c->kind = kind;
	c->at = now;
	c->untold = 0;
}

void
eg_backoff_log_over(struct eg_backoff_log *c, int64_t now, const char *name)
{
	int64_t away = eg_backoff_ok(&c->retry, now);

	if (away >= 0 && c->told)
		eg_warn("'%s' gives receipts again after %.1f s", name, (double)away / 1000);
	c->told = false;
}
