/* SPDX-License-Identifier: MIT */
/* A batch that is being written to an InfluxDB: the request for a range of it, the search
 * for the records that the database refuses, and the keys that it holds. */
#ifndef EG_WRITE_REQUEST_H
#define EG_WRITE_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/keyset.h"

struct eg_batch;
struct eg_error;
struct eg_lineprotocol;

enum eg_write_request_state {
	EG_WRITE_REQUEST_FREE,
	EG_WRITE_REQUEST_CLASHING, /* waits for a batch that holds one of its keys */
	EG_WRITE_REQUEST_READY,    /* to be posted, perhaps again */
	EG_WRITE_REQUEST_POSTED,
};

struct eg_write_request {
	struct eg_batch *batch;
	enum eg_write_request_state state;
	uint64_t number; /* grows from batch to batch */
	int64_t posted_ms;

	/* The request: lines of the records from..to, but those that are out. */
	char *body; /* the caller's buffer */
	size_t len, lines;
	bool ns;   /* their times are in nanoseconds */
	bool full; /* no room was left for more */
	size_t from, to;
	unsigned *record_of; /* of each line, its record */
	bool *out;           /* of each record: refused, or impossible to spell */

	/* The search. All before from have a fate; one of from..suspect (none when from is
	 * later) is refused; refused: how many were found one by one. */
	size_t suspect, refused;

	/* For clashes: the times of the batch, and the keys of its records with times from
	 * keys_from to keys_to (none when keys_from is later), filled when needed. */
	int64_t oldest, newest;
	struct eg_keyset keys;
	int64_t keys_from, keys_to;
};

/* Makes room for batches of so many records; body (EG_INFLUX_BODY_MAX bytes) stays the
 * caller's. clashes: eg_write_request_clash will be called. -1 with *e. */
int eg_write_request_open(struct eg_write_request *f, char *body, size_t records, bool clashes,
    struct eg_error *e);

/* Frees what open made. Zeroed is allowed. */
void eg_write_request_close(struct eg_write_request *f);

/* Takes b. */
void eg_write_request_start(struct eg_write_request *f, struct eg_batch *b);

/* Builds the request for the batch's first n records, as far as most bytes hold them (one
 * record always fits); to is then the end of what is in it. */
void eg_write_request_build(struct eg_write_request *f, const struct eg_lineprotocol *p, size_t n,
    size_t most);

/* Refuses the records before `to` that have no spelling. */
void eg_write_request_refuse_unfit(struct eg_write_request *f, const struct eg_lineprotocol *p);

/* The record of a line of the request is refused, for this reason. */
void eg_write_request_refuse(struct eg_write_request *f, size_t line, const char *reason);

/* Refuses the n oldest records of the request. False when that is no set of records, as
 * others are of the same instant. Also without memory. */
bool eg_write_request_refuse_oldest(struct eg_write_request *f, size_t n, const char *reason);

/* The request was written. */
void eg_write_request_written(struct eg_write_request *f);

/* Something in the request was refused, of which nothing is known but the reason: a single
 * record is refused, else the next requests search for it. */
void eg_write_request_search(struct eg_write_request *f, const char *reason);

/* Builds the next request from the records without a fate, as far as most bytes hold
 * them; false when there are none. */
bool eg_write_request_next(struct eg_write_request *f, const struct eg_lineprotocol *p,
    size_t most);

/* The index of f's first record before n whose key g holds, or n. */
size_t eg_write_request_clash(struct eg_write_request *g, const struct eg_write_request *f,
    size_t n);

#endif
