/* SPDX-License-Identifier: MIT */
/* A batch on its way to an InfluxDB: its body, its halves, its keys. */
#ifndef EG_WRITE_REQUEST_H
#define EG_WRITE_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/keyset.h"

struct eg_batch;
struct eg_lineprotocol;

enum eg_write_request_state {
	EG_WRITE_REQUEST_FREE,
	EG_WRITE_REQUEST_CLASHING, /* waits until another that holds one of its keys has landed */
	EG_WRITE_REQUEST_READY,    /* to be posted, perhaps again */
	EG_WRITE_REQUEST_POSTED,
};

struct eg_write_request {
	struct eg_batch *batch;
	enum eg_write_request_state state;
	uint64_t number; /* grows from batch to batch */
	char *body;   /* the caller's buffer */
	size_t len;   /* of the body: lines of the records from..to */
	size_t lines; /* how many; some records have no spelling */
	bool ns;      /* their times are in nanoseconds */
	size_t from, to;
	size_t wrong, wrongs; /* the caller's: refused up to here, so many */
	int64_t posted_ms;

	/* What comes after from..to: from it to ends[depth - 1], then to the one before.
	 * 16 halvings leave one record of the largest batch, each adds at most three. */
	size_t ends[64];
	size_t depth;

	/* For clashes: instants in the batch; keys of some of them, from..to (none when
	 * from is later), once another batch comes near in time. */
	int64_t oldest, newest;
	struct eg_keyset keys;
	int64_t keys_from, keys_to;
};

/* Takes b in and sees to it that no range is under way. */
void eg_write_request_start(struct eg_write_request *f, struct eg_batch *b);

/* Sets the range and writes its lines, as far as most bytes hold them (one record
 * always fits); to becomes the end of what is written. */
void eg_write_request_build(struct eg_write_request *f, const struct eg_lineprotocol *p, size_t from, size_t to,
    size_t most);

/* Splits the range: afterwards eg_write_request_next gives its front half, then its back half,
 * then what was behind it. */
void eg_write_request_split(struct eg_write_request *f);

/* Builds the next range that has lines, as far as most bytes hold them; false when
 * there is none. */
bool eg_write_request_next(struct eg_write_request *f, const struct eg_lineprotocol *p, size_t most);

/* Refuses the batch's records that have no spelling. */
void eg_write_request_refuse_unfit(struct eg_write_request *f, const struct eg_lineprotocol *p);

/* The index of f's first record before n whose key g holds, or n. */
size_t eg_write_request_clash(struct eg_write_request *g, const struct eg_write_request *f, size_t n);

#endif
