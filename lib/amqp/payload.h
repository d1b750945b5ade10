/* SPDX-License-Identifier: MIT */
/* The content of a delivery: the lines that are records, and the lines that are refused. */
#ifndef EG_PAYLOAD_H
#define EG_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decode/decode.h"
#include "record/record.h"
#include "stage/child.h"

struct eg_delivery;
struct eg_error;
struct eg_rejects;

/* How to parse messages. */
struct eg_payload_options {
	struct eg_decode *decode; /* decoder of a device's format; NULL: messages contain records */
	/* largest size of a message in bytes, also decompressed; larger ones are refused */
	size_t max;
};

/* What the dead letter of a message holds. */
enum eg_payload_form {
	EG_PAYLOAD_WHOLE,   /* the whole original message */
	EG_PAYLOAD_LINES,   /* the refused lines */
	EG_PAYLOAD_OBJECTS, /* the refused JSON objects, one per line */
};

/* `unit` goes downstream. Its text is empty (len 0) if no record is left. */
struct eg_payload {
	struct eg_chunk unit;    /* must be first: a chunk is cast to its payload */
	struct eg_payload *next; /* for lists of the payload's owner */
	struct eg_delivery *delivery;
	uint64_t records; /* number of records in the message, with refused ones */
	uint64_t refused; /* number of refused records */
	enum eg_payload_form form;
	bool decoded;     /* a decoder made the records from the body */
	char reason[200]; /* reason of the first refused line */
	char count[24];   /* refused, as text for a header */
	struct eg_decode_counter counter; /* if decoded, and with records */
	char arrived[EG_TIME_SIZE]; /* if decoded: time of arrival, as text for a header */
	/* private: */
	char *body, *unpacked; /* the text to parse; unpacked: owned copy, or NULL */
	size_t len;
	char *dead; /* refused lines or objects */
	size_t dead_len, dead_room;
	size_t seen; /* for OBJECTS: offset in the body; the objects before it are settled */
};

/* Parses the delivery, which the payload then owns: JSON objects or lines, optionally compressed
 * with gzip. The last line needs no newline, since a message has a length. If decode is set, the
 * decoder parses the message, and a message without records is valid. Adds refused lines to r.
 * NULL with *e if memory runs out or the file of rejects cannot be written. */
struct eg_payload *eg_payload_open(struct eg_delivery *d, const struct eg_payload_options *o,
    struct eg_rejects *r, struct eg_error *e);

/* Adds a line that the downstream refused to the dead letter. len excludes the newline. Call it
 * in the order of the lines in the chunk. */
int eg_payload_refuse(struct eg_payload *p, uint64_t lineno, const char *line, size_t len,
    const char *reason, struct eg_rejects *r, struct eg_error *e);

/* The body of the dead letter, *len bytes; valid as long as p. */
const char *eg_payload_dead(const struct eg_payload *p, size_t *len);

/* Frees p and returns its delivery, which is not freed. */
struct eg_delivery *eg_payload_close(struct eg_payload *p);

#endif
