/* SPDX-License-Identifier: MIT */
/* What the files that read rules share. */
#ifndef EG_WATCH_RULES_PARTS_H
#define EG_WATCH_RULES_PARTS_H

#include "watch/rules.h"

enum { EG_WATCH_RULES_MAX = 1000 };

/* Reads the words behind the kind into *line, with days and hours; line->week is the
 * caller's to free. -1 with EG_CONFIG. */
int eg_watch_condition(const struct eg_config *c, enum eg_watch_kind kind,
    struct eg_watch_line *line, char *rest, struct eg_error *e);

#endif
