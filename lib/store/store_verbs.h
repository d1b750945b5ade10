/* SPDX-License-Identifier: MIT */
/* The verbs of a store: their table, operands and options. */
#ifndef EG_STORE_VERBS_H
#define EG_STORE_VERBS_H

#include "store/store_verb_io.h"

/* Runs arg[0] with the operands behind it, args in all, on standard output (and where
 * they are `-`, standard input). Returns the exit status; with r->e filled, r->e.text is the
 * reason. Ignores SIGPIPE from here on. */
enum eg_status eg_verb_run(struct eg_verb *r, char *arg[], int args);

#endif
