/* SPDX-License-Identifier: MIT */
/* Reads a verb's operands from standard input, one per line, in batches of the lines that have
 * arrived. */
#ifndef EG_STORE_FEED_H
#define EG_STORE_FEED_H

#include "store/store_verb_io.h"

enum { EG_FEED_SIZE = EG_LINE_MAX };

/* How a verb takes its lines. */
struct eg_verb_feed {
	const char *rest; /* appended to a line, it makes a record; NULL: lines are records with `:when` */
	bool echo;        /* take changes the store; each line is printed after the commit */
	/* Takes one line. Returns NULL, or why the line is refused. On a failure that ends the
	 * verb fills r->e. */
	const char *(*take)(struct eg_verb *r, const struct eg_record *rec);
};

/* Reads lines until the end of standard input. Each batch is a transaction, and its output is
 * written before the next one is read. Blank lines and comments are skipped; an order line
 * sets r->order. A line with a fault is refused: a warning, and r->status is EG_REFUSED.
 * Failures go to r->e. */
void eg_verb_feed(struct eg_verb *r, const struct eg_verb_feed *f);

#endif
