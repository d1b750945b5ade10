/* SPDX-License-Identifier: MIT */
/* Shared by the files that parse rules. */
#ifndef EG_WATCH_RULES_PARTS_H
#define EG_WATCH_RULES_PARTS_H

#include "watch/rules.h"

enum { EG_WATCH_RULES_MAX = 1000 };

/* Parses what follows the kind: the condition, then days and hours. Fills *line; the caller
 * frees line->week. -1 with EG_CONFIG. */
int eg_watch_condition(const struct eg_config *c, enum eg_watch_kind kind,
    struct eg_watch_line *line, char *rest, struct eg_error *e);

#endif
