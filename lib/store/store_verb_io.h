/* SPDX-License-Identifier: MIT */
/* Shared by the verbs of a store: their operands and their output. */
#ifndef EG_STORE_VERB_IO_H
#define EG_STORE_VERB_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/output.h"
#include "store/store.h"

enum { EG_VERB_OUT = 128 * 1024 };

/* The state of a running verb. The caller sets the first part, and zeroes the rest. */
struct eg_verb {
	const char *path;
	bool deletions, inclusive, json, written; /* values of the options */
	int64_t keep_ns;

	char **arg; /* the operands */
	int args;
	int64_t now; /* wall clock in nanoseconds, read once for all operands */
	int64_t order; /* number in the last order line on standard input; 0: none */
	int64_t when;  /* the time that follows the record on its line */
	struct eg_store *store;
	struct eg_output out;
	char buf[EG_VERB_OUT];
	size_t len; /* bytes of buf that are not written yet */
	struct eg_error e;
	enum eg_status status; /* exit status if there is no error */
};

/* These functions store failures in r->e. */

/* Opens the store at r->path. */
bool eg_verb_open(struct eg_verb *r, enum eg_store_mode mode);

/* Whether operands are read from standard input: `-` is the only operand. */
bool eg_verb_fed(const struct eg_verb *r);

/* Parse an operand: a key as eg_store_key_parse does, or a time as eg_time_arg_parse does. 0, or
 * -1 (EG_USAGE). */
int eg_verb_key(struct eg_verb *r, const char *key, char buf[EG_STORE_KEY_SIZE],
    struct eg_record *rec);
int eg_verb_time(struct eg_verb *r, const char *text, int64_t *ns);

/* Parses nanoseconds since 1970 that are less than EG_WHEN_MAX. */
bool eg_verb_ns(const char *text, size_t len, int64_t *ns);

/* Writes text to standard output, through r->buf. Returns 0; 1 if the reader is gone; -1.
 * eg_verb_print has the type of struct eg_store_out's function: ctx is the verb, e is its r->e. */
int eg_verb_print(void *ctx, const char *text, size_t len, struct eg_error *e);
void eg_verb_print_text(struct eg_verb *r, const char *text);

/* Writes the content of r->buf; blocks until standard output accepts it. */
int eg_verb_flush(struct eg_verb *r);

#endif
