/* SPDX-License-Identifier: MIT */
/* The verbs of a store: their table, operands and options. */
#ifndef EG_STORE_VERBS_H
#define EG_STORE_VERBS_H

#include "store/store_verb_io.h"

/* Runs the verb arg[0] with the operands after it; args is the length of arg. Writes to standard
 * output; reads standard input for the operand `-`. Returns the exit status; if r->e is set,
 * r->e.text is the reason. Ignores SIGPIPE from then on. */
enum eg_status eg_verb_run(struct eg_verb *r, char *arg[], int args);

#endif
