/* SPDX-License-Identifier: MIT */
/* The verbs of a store: what they take, and what they print. */
#ifndef EG_STORE_VERBS_H
#define EG_STORE_VERBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/output.h"
#include "store/store.h"

enum { EG_VERB_OUT = 128 * 1024, EG_FEED_SIZE = EG_LINE_MAX };

/* The caller sets the first part and leaves the rest zero. */
struct eg_verb {
	const char *path;
	bool deletions, inclusive, json, written; /* the options */
	int64_t keep_ns;

	char **arg; /* operands */
	int args;
	int64_t now;
	int64_t order; /* of the last order line on standard input; 0: none */
	int64_t when;  /* what stood behind the record on its line */
	struct eg_store *store;
	struct eg_output out;
	char buf[EG_VERB_OUT];
	size_t len;
	struct eg_error e;
	enum eg_status status; /* when there is no error */
};

/* Runs arg[0] with the operands behind it, args in all, on standard output (and where
 * they are `-`, standard input). Returns the exit status; with r->e filled, r->e.text says
 * what it was. Ignores SIGPIPE from here on. */
enum eg_status eg_verb_run(struct eg_verb *r, char *arg[], int args);

/* For the verbs themselves: failures go to r->e. */
bool eg_verb_open(struct eg_verb *r, enum eg_store_mode mode);
int eg_verb_key(struct eg_verb *r, const char *key, char buf[EG_STORE_KEY_SIZE],
    struct eg_record *rec);
int eg_verb_time(struct eg_verb *r, const char *text, int64_t *ns);
int eg_verb_flush(struct eg_verb *r);

/* Takes operands from standard input, a line each, in batches of what has arrived: each
 * is a transaction, behind which its output is flushed. A line that is blank or begins
 * with '#' is skipped; one that has a fault is refused. */
struct eg_verb_feed {
	const char *rest; /* a line with this behind it is a record; NULL: one without `:when` is */
	bool echo;        /* take writes, and lines come out when that is safe */
	/* NULL, or why the line is refused; r->e when the verb has to end. */
	const char *(*take)(struct eg_verb *r, const struct eg_record *rec);
};
/* Parses nanoseconds since the epoch that are less than EG_STORE_WHEN_MAX. */
bool eg_verb_ns(const char *text, size_t len, int64_t *ns);
void eg_verb_feed(struct eg_verb *r, const struct eg_verb_feed *f);

/* Whether the operands are `-`. */
bool eg_verb_fed(const struct eg_verb *r);

void eg_verb_delete(struct eg_verb *r);
void eg_verb_evict(struct eg_verb *r);
void eg_verb_merge(struct eg_verb *r);
void eg_verb_expire(struct eg_verb *r);

#endif
