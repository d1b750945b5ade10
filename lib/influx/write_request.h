/* SPDX-License-Identifier: MIT */
/* Writes a batch to InfluxDB: the HTTP request for a range of the batch, the search for the
 * records that the database refuses, and the keys of the batch. */
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
	EG_WRITE_REQUEST_CLASHING, /* waits for a batch that holds one of its keys */
	EG_WRITE_REQUEST_READY,    /* to be posted, perhaps again */
	EG_WRITE_REQUEST_POSTED,
};

struct eg_write_request {
	struct eg_batch *batch;
	enum eg_write_request_state state;
	uint64_t number; /* grows from batch to batch */
	int64_t posted_ms;

	/* The request: the lines of records from..to, except those whose out is true. */
	char *body; /* the caller's buffer */
	size_t len, lines;
	bool ns;   /* their times are in nanoseconds */
	bool full; /* the next record did not fit */
	size_t from, to;
	unsigned *record_of; /* index of the record of each line */
	bool *out;           /* per record: refused, or not possible in line protocol */

	/* The search for refused records. Records before from are written or refused. At least
	 * one of from..suspect is refused (suspect <= from: none is known to be). refused: number
	 * of records found so far. */
	size_t suspect, refused;

	/* To find equal keys in two batches: the oldest and newest time of the batch, and the
	 * keys of its records from keys_from to keys_to (keys_from > keys_to: none yet). */
	int64_t oldest, newest;
	struct eg_keyset keys;
	int64_t keys_from, keys_to;
};

/* Allocates memory for batches of up to this many records. The caller owns body, which has
 * EG_INFLUX_BODY_MAX bytes. clashes: eg_write_request_clash will be called. -1 with *e. */
int eg_write_request_open(struct eg_write_request *f, char *body, size_t records, bool clashes,
    struct eg_error *e);

/* Frees the memory of eg_write_request_open. *f may be all zero. */
void eg_write_request_close(struct eg_write_request *f);

/* Starts with batch b, which must be valid until the batch is written. */
void eg_write_request_start(struct eg_write_request *f, struct eg_batch *b);

/* Builds the request for the batch's first n records, up to most bytes, but for at least one
 * record. Sets f->to to the index after its last record. */
void eg_write_request_build(struct eg_write_request *f, const struct eg_forms *forms, size_t n,
    size_t most);

/* Refuses the records before f->to that line protocol cannot express. */
void eg_write_request_refuse_unfit(struct eg_write_request *f, const struct eg_forms *forms);

/* Refuses the record of a line of the request. line: index from 0; reason: for messages. */
void eg_write_request_refuse(struct eg_write_request *f, size_t line, const char *reason);

/* Refuses the n oldest records of the request. Refuses none and returns false when the n-th
 * and the next oldest have the same time, n is 0 or too large, or memory is out. */
bool eg_write_request_refuse_oldest(struct eg_write_request *f, size_t n, const char *reason);

/* The database has written every record of the request. */
void eg_write_request_written(struct eg_write_request *f);

/* The database refused the request without naming a record. A request of one record: refuses
 * it. Otherwise the next requests search for the record. */
void eg_write_request_search(struct eg_write_request *f, const char *reason);

/* Builds the next request, up to most bytes, from the records that are neither written nor
 * refused; false when none is left. */
bool eg_write_request_next(struct eg_write_request *f, const struct eg_forms *forms,
    size_t most);

/* The index of the first record of f, below n, whose key is also in g; n when there is none. */
size_t eg_write_request_clash(struct eg_write_request *g, const struct eg_write_request *f,
    size_t n);

#endif
