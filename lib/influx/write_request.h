/* SPDX-License-Identifier: MIT */
/* Writes a batch to InfluxDB: builds the HTTP request for a range of the batch, searches for the
 * records that the database refuses, and compares keys with other batches. */
#ifndef EG_WRITE_REQUEST_H
#define EG_WRITE_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/keyset.h"

struct eg_batch;
struct eg_error;
struct eg_forms;

enum eg_write_request_state {
	EG_WRITE_REQUEST_FREE,
	EG_WRITE_REQUEST_CLASHING, /* waits for another batch that holds one of its keys */
	EG_WRITE_REQUEST_READY,    /* can be posted, perhaps again */
	EG_WRITE_REQUEST_POSTED,
};

struct eg_write_request {
	struct eg_batch *batch;
	enum eg_write_request_state state;
	uint64_t number; /* sequence number of the batch */
	int64_t posted_ms;

	/* The request: the lines of records from..to, except those with `out` set. */
	char *body; /* owned by the caller */
	size_t len, lines;
	bool ns;   /* its times are in nanoseconds */
	bool full; /* it ends because the next record did not fit */
	size_t from, to;
	unsigned *record_of; /* per line: the index of its record */
	bool *out;           /* per record: refused, or impossible in line protocol */

	/* The search for refused records. Records before `from` are written or refused. At least
	 * one of from..suspect is refused (suspect <= from: no refused record is known of).
	 * refused: number of records found so far. */
	size_t suspect, refused;

	/* For finding equal keys in two batches: the oldest and newest time of the batch, and
	 * the keys of its records keys_from..keys_to (keys_from > keys_to: not computed yet). */
	int64_t oldest, newest;
	struct eg_keyset keys;
	int64_t keys_from, keys_to;
};

/* Allocates memory for batches of up to `records` records. The caller owns body, which has
 * EG_INFLUX_BODY_MAX bytes. clashes: eg_write_request_clash will be called. -1 with *e. */
int eg_write_request_open(struct eg_write_request *f, char *body, size_t records, bool clashes,
    struct eg_error *e);

/* Frees the memory of eg_write_request_open. *f may be all zero. */
void eg_write_request_close(struct eg_write_request *f);

/* Starts with batch b, which must stay valid until it is written. */
void eg_write_request_start(struct eg_write_request *f, struct eg_batch *b);

/* Builds the request for the batch's first n records: at most `most` bytes, but at least one
 * record. Sets f->to to the index after its last record. */
void eg_write_request_build(struct eg_write_request *f, const struct eg_forms *forms, size_t n,
    size_t most);

/* Refuses the records before f->to that line protocol cannot express. */
void eg_write_request_refuse_unfit(struct eg_write_request *f, const struct eg_forms *forms);

/* Refuses the record of one line of the request. line: index from 0; reason: text for messages. */
void eg_write_request_refuse(struct eg_write_request *f, size_t line, const char *reason);

/* Refuses the n oldest records of the request. Refuses nothing and returns false if that is
 * ambiguous (the n-th and the next oldest have the same time), n is 0 or too large, or memory
 * runs out. */
bool eg_write_request_refuse_oldest(struct eg_write_request *f, size_t n, const char *reason);

/* Marks every record of the request as written. */
void eg_write_request_written(struct eg_write_request *f);

/* Handles a refusal that names no record. If the request has one record, it is refused.
 * Otherwise the next requests search for the refused one. */
void eg_write_request_search(struct eg_write_request *f, const char *reason);

/* Builds the next request, at most `most` bytes, from the records that are neither written nor
 * refused. Returns false if none is left. */
bool eg_write_request_next(struct eg_write_request *f, const struct eg_forms *forms,
    size_t most);

/* The index of the first record of f, below n, whose key is also in g; n if there is none. */
size_t eg_write_request_clash(struct eg_write_request *g, const struct eg_write_request *f,
    size_t n);

#endif
