/* SPDX-License-Identifier: MIT */
/* The records that one request brings: the good ones as a unit for the downstream, the
 * others with their place and reason. */
#ifndef EG_INGEST_H
#define EG_INGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "stage/child.h"

struct eg_record;
struct eg_stamps;
struct eg_token;

#define EG_INGEST_KEPT 100 /* refusals that are kept one by one; the others are counted */

/* Why something was refused, and where it stood: index counts elements, lines or points
 * of the body from 0. */
struct eg_refusal {
	uint32_t index;
	const char *reason; /* static storage */
	char text[EG_QUOTE_MAX];
};

/* Where a record of the unit stood in the body, and what is known of its line. */
struct eg_place {
	int64_t ns;
	uint32_t index;
	uint16_t len, value_at;
	uint8_t sensor_len;
	bool subsecond, refused; /* refused: later, by the downstream */
};

/* Zeroed but for limit, body_len, now_ns and what the caller wants it is empty. */
struct eg_ingest {
	struct eg_chunk unit;          /* text and len: the good ones, each with its newline */
	size_t limit;                 /* bytes of text and places at most */
	size_t body_len;              /* about so much will be read: room is made for it */
	int64_t now_ns;               /* of readings that carry no time */
	struct eg_stamps *stamps;     /* parts the times of a sensor's; NULL: all get now_ns */
	const struct eg_token *token; /* may limit the sensors; NULL: any */
	/* Told of every refusal with the text as it came. NULL: nobody is. */
	void (*tell)(void *ctx, const char *text, size_t len, const char *reason);
	void *ctx;
	uint32_t index; /* of the element being read: the reader counts it up */
	size_t records; /* in the unit */
	size_t refused, denied; /* denied: those of them that the token may not write */
	struct eg_refusal *refusal; /* the first refused, at most EG_INGEST_KEPT */
	/* The intake's own: */
	char *text;
	size_t room;
	struct eg_place *place; /* of the records */
	size_t places;
	size_t looked, line; /* where eg_ingest_refused_later goes on: bytes and lines */
	bool full;     /* limit was reached: the whole of it is too large */
	bool broken;   /* out of memory */
};

/* One reading, as a record's line without its newline: it joins the unit when it is a
 * record and the token may write it, and is refused otherwise. */
void eg_ingest_add(struct eg_ingest *in, const char *line, size_t len);

/* The time of a reading of this sensor that carries none. */
int64_t eg_ingest_time(const struct eg_ingest *in, const char *sensor, size_t len);

/* Refuses what stood at text. */
void eg_ingest_refuse(struct eg_ingest *in, const char *text, size_t len, const char *reason);

/* Refuses a line of the unit, which the downstream did: lines in their order. */
void eg_ingest_refused_later(struct eg_ingest *in, const char *line, size_t len,
    const char *reason);

/* Calls each for every record of the unit that was not refused. */
void eg_ingest_each(const struct eg_ingest *in, void (*each)(void *ctx, const struct eg_record *r),
    void *ctx);

/* Bytes of memory that it holds. */
size_t eg_ingest_held(const struct eg_ingest *in);

/* Each reads a body and returns NULL, or in words why none of it can be taken; refusals
 * of single readings are in *in. See eg-serve(1) for the forms. */
const char *eg_ingest_object(struct eg_ingest *in, const char *body, size_t len);
const char *eg_ingest_array(struct eg_ingest *in, const char *body, size_t len);
/* Objects, a line each (NDJSON); a line that is not one is refused. */
const char *eg_ingest_objects(struct eg_ingest *in, const char *body, size_t len);
const char *eg_ingest_lines(struct eg_ingest *in, const char *body, size_t len);

void eg_ingest_free(struct eg_ingest *in);

#endif
