/* SPDX-License-Identifier: MIT */
/* Reads the operands of a verb from standard input, one per line, in batches of the lines that
 * have arrived. */
#ifndef EG_STORE_FEED_H
#define EG_STORE_FEED_H

#include "store/store_verb_io.h"

enum { EG_FEED_SIZE = EG_LINE_MAX };

/* How a verb handles its lines. */
struct eg_verb_feed {
	const char *rest; /* text that makes a line a record when appended; NULL: lines are
			   * records with `:when` */
	bool echo;        /* take changes the store, and each line is printed after the commit */
	/* Handles one line. Returns NULL, or the reason for refusing it. A failure that ends the
	 * verb is stored in r->e. */
	const char *(*take)(struct eg_verb *r, const struct eg_record *rec);
};

/* Reads lines until the end of standard input. Each batch is one transaction, and its output is
 * written before the next batch is read. Blank lines and comments are skipped; an order line
 * sets r->order. A line with a fault is refused: this warns, and sets r->status to EG_REFUSED.
 * Failures are stored in r->e. */
void eg_verb_feed(struct eg_verb *r, const struct eg_verb_feed *f);

#endif
