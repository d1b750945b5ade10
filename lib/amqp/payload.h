/* SPDX-License-Identifier: MIT */
/* A delivery taken apart: the lines that are records, and the ones that are refused. */
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

/* unit is what goes downstream: its text is empty (len 0) when no record is left. dead
 * is the body of the dead letter that this delivery owes: refused lines, or for a
 * message that is no such thing the message as it came. */
struct eg_payload {
	struct eg_chunk unit; /* first: a unit is cast to its parcel */
	struct eg_payload *next; /* the holder's own */
	struct eg_delivery *delivery;
	uint64_t records; /* in it, good and bad */
	uint64_t refused; /* of them */
	char *dead;
	size_t dead_len, dead_room;
	bool dead_json;
	bool decoded; /* its records are not its body: the dead letter is all of the message */
	char reason[200]; /* of the first refused line */
	char count[24];   /* refused, as text for a header */
	char arrived[EG_TIME_SIZE]; /* when it was decoded for, as text for a header */
};

/* Takes the delivery over, and parses it, JSON or lines (a last line without newline is
 * whole here, since a message has a length), or has decode (NULL: none) do so: then it
 * may hold no record at all and be fine. What is refused is told through r.
 * NULL with *e when memory is out or the rejects file cannot be written. */
struct eg_payload *eg_payload_open(struct eg_delivery *d, struct eg_decode *decode,
    struct eg_rejects *r, struct eg_error *e);

/* Adds a line (its newline not counted) to the dead letter. */
int eg_payload_refuse(struct eg_payload *p, uint64_t lineno, const char *line, size_t len,
    const char *reason, struct eg_rejects *r, struct eg_error *e);

/* Frees p, but not its delivery, which is returned. */
struct eg_delivery *eg_payload_close(struct eg_payload *p);

#endif
