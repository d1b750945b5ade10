/* SPDX-License-Identifier: MIT */
/* The readings of one request: the accepted ones as a chunk of records for the downstream,
 * the refused ones with their place in the body and the reason. */
#ifndef EG_INGEST_H
#define EG_INGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "record/record.h"
#include "stage/child.h"

struct eg_lineprotocol_reader;
struct eg_stamps;
struct eg_token;

#define EG_INGEST_KEPT 100 /* refusals kept with their reason; further ones are counted */

/* A refused reading. index: of the element, line or point in the body, counted from 0. */
struct eg_refusal {
	uint32_t index;
	const char *reason; /* static storage */
	char text[EG_QUOTE_MAX];
};

/* A record of the chunk: its place in the body, and the result of parsing its line. */
struct eg_place {
	int64_t ns;
	uint32_t index;
	uint16_t len, value_at;
	uint8_t sensor_len;
	bool subsecond, refused; /* refused: by the downstream */
};

/* What to do with a reading whose time is that of a clock that was never set (eg_clock_is_set). */
enum eg_ingest_clocks {
	EG_INGEST_ANY_TIME, /* accept it as it is */
	EG_INGEST_REFUSE,   /* refuse it */
	EG_INGEST_ARRIVAL,  /* replace its time with that of its arrival */
};

/* The caller sets limit, body_len and now_ns, and, if it needs them, stamps, clocks, token,
 * on_refused and ctx. All else is zero. */
struct eg_ingest {
	struct eg_chunk chunk;        /* text and len: the accepted records, with newlines */
	size_t limit;                 /* most bytes of text and places */
	size_t body_len;              /* expected bytes of the body, for the first allocation */
	int64_t now_ns;               /* time of readings without one */
	struct eg_stamps *stamps;     /* makes times of arrival different; NULL: all are now_ns */
	enum eg_ingest_clocks clocks;
	const struct eg_token *token; /* limits the sensors; NULL: no limit */
	/* Called for every refused reading, with its text as received. NULL: not called. */
	void (*on_refused)(void *ctx, const char *text, size_t len, const char *reason);
	void *ctx;
	uint32_t index; /* of the element being read; the readers increase it */
	size_t records; /* in the chunk */
	size_t refused, denied; /* denied: those that the token may not write */
	struct eg_refusal *refusal; /* the first EG_INGEST_KEPT refused */
	/* Private: */
	char *text;
	size_t room;
	struct eg_place *place; /* of the records */
	size_t places;
	struct eg_record_day day;
	size_t looked, line; /* where eg_ingest_refused_later continues: byte and line */
	bool full;     /* limit was reached: the request is too large */
	bool broken;   /* out of memory */
};

/* Adds a reading as a record's line, without its newline, to the chunk. Refuses it if it is
 * no record, or if the token may not write the sensor. */
void eg_ingest_add(struct eg_ingest *in, const char *line, size_t len);

/* The same, faster, for a line with room for a newline and EG_RECORD_AHEAD bytes behind it,
 * which are overwritten. */
void eg_ingest_put(struct eg_ingest *in, char *line, size_t len);

/* Where to write a line for eg_ingest_put or eg_ingest_record: behind the lines of the chunk, which
 * saves its copy, or own if there is no room for the longest line. */
char *eg_ingest_room(const struct eg_ingest *in, char *own);

/* Adds a parsed record, unless the token may not write its sensor. */
void eg_ingest_record(struct eg_ingest *in, const struct eg_record *r);

/* Whether the last record of the chunk has this text as its time; then sets ns and subsecond of
 * *r. */
bool eg_ingest_last_time(const struct eg_ingest *in, struct eg_slice time, struct eg_record *r);

/* The time, in nanoseconds since 1970, of a reading of this sensor that has none. */
int64_t eg_ingest_time(const struct eg_ingest *in, const char *sensor, size_t len);

/* Refuses the reading whose text of len bytes is at text. reason has static storage. */
void eg_ingest_refuse(struct eg_ingest *in, const char *text, size_t len, const char *reason);

/* Notes that the downstream refused this line of the chunk. Lines come in their order. */
void eg_ingest_refused_later(struct eg_ingest *in, const char *line, size_t len,
    const char *reason);

/* Calls each for every record of the chunk that was not refused. */
void eg_ingest_each(const struct eg_ingest *in, void (*each)(void *ctx, const struct eg_record *r),
    void *ctx);

/* The bytes of memory in use. */
size_t eg_ingest_held(const struct eg_ingest *in);

/* Each reads a body in one of the forms of eg-serve(1): an object, an array of objects,
 * objects one a line, records one a line. Returns NULL, or the reason (static storage) why
 * none of it is taken. Refusals of single readings are noted in *in. */
const char *eg_ingest_object(struct eg_ingest *in, const char *body, size_t len);
const char *eg_ingest_array(struct eg_ingest *in, const char *body, size_t len);
const char *eg_ingest_objects(struct eg_ingest *in, const char *body, size_t len);
const char *eg_ingest_lines(struct eg_ingest *in, const char *body, size_t len);

/* Reads a body of line protocol, as p says. A point that cannot be parsed is refused and counted
 * in *unparsed, which may be NULL. */
void eg_ingest_points(struct eg_ingest *in, const struct eg_lineprotocol_reader *p,
    const char *body, size_t len, size_t *unparsed);

/* Frees what *in owns. */
void eg_ingest_free(struct eg_ingest *in);

#endif
