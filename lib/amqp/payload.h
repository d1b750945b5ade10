/* SPDX-License-Identifier: MIT */
/* The content of a delivery: the lines that are records, and those that are refused. */
#ifndef EG_PAYLOAD_H
#define EG_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/record.h"
#include "stage/child.h"

struct eg_decode;
struct eg_delivery;
struct eg_error;
struct eg_rejects;

/* How messages are read. */
struct eg_payload_options {
	struct eg_decode *decode; /* for messages in a device's format; NULL: they are records */
	/* most bytes of a message, also decompressed; a larger one is refused */
	size_t max;
};

/* What the dead letter of a message holds. */
enum eg_payload_form {
	EG_PAYLOAD_WHOLE,   /* the message as it came */
	EG_PAYLOAD_LINES,   /* its refused lines */
	EG_PAYLOAD_OBJECTS, /* its refused JSON objects, a line each */
};

/* unit goes downstream. Its text is empty (len 0) if no record is left. */
struct eg_payload {
	struct eg_chunk unit;    /* first: a chunk is cast to its payload */
	struct eg_payload *next; /* for the owner of the payload */
	struct eg_delivery *delivery;
	uint64_t records; /* records in the message, refused ones included */
	uint64_t refused; /* refused ones */
	enum eg_payload_form form;
	bool decoded;     /* the records were decoded from the body */
	char reason[200]; /* of the first refused line */
	char count[24];   /* refused, as text for a header */
	char arrived[EG_TIME_SIZE]; /* decoded: the time of its arrival, as text for a header */
	/* Its own: */
	char *body, *unpacked; /* the body as it is read; unpacked: owned, or NULL */
	size_t len;
	char *dead; /* the refused lines or objects */
	size_t dead_len, dead_room;
	size_t seen; /* for OBJECTS: the objects before this offset are settled */
};

/* Parses the delivery, which the payload owns from now on: JSON objects or lines, perhaps
 * compressed by gzip. The last line needs no newline, since a message has a length. With decode
 * set, the decoder parses it, and a message without any record is valid. Refused lines are added
 * to r. NULL with *e when memory is out or the rejects file cannot be written. */
struct eg_payload *eg_payload_open(struct eg_delivery *d, const struct eg_payload_options *o,
    struct eg_rejects *r, struct eg_error *e);

/* Adds a line that the downstream refused to the dead letter; len excludes the newline. Call it
 * in the order of the lines in the chunk. */
int eg_payload_refuse(struct eg_payload *p, uint64_t lineno, const char *line, size_t len,
    const char *reason, struct eg_rejects *r, struct eg_error *e);

/* The body of the dead letter, *len bytes; lives as long as p. */
const char *eg_payload_dead(const struct eg_payload *p, size_t *len);

/* Frees p, but not its delivery, which is returned. */
struct eg_delivery *eg_payload_close(struct eg_payload *p);

#endif
