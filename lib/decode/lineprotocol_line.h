/* SPDX-License-Identifier: MIT */
/* Splits a line of line protocol into its parts. lineprotocol_read.h knows their meaning. */
#ifndef EG_LINEPROTOCOL_LINE_H
#define EG_LINEPROTOCOL_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/* The rest of the body: from s to end. */
struct eg_point_cursor {
	const char *s, *end;
	const char *bad; /* why the point cannot be parsed (static storage); NULL: it can */
};

enum eg_field_kind { EG_FIELD_NUMBER, EG_FIELD_TEXT, EG_FIELD_WRONG };

struct eg_field {
	enum eg_field_kind kind;
	struct eg_slice name, value; /* of a number without its suffix */
};

/* Fields kept with a point. The further ones are read a second time by eg_point_field. */
#define EG_POINT_FIELDS 4

/* The parts as they were written, with their escapes. */
struct eg_point {
	struct eg_slice series, sensor;
	bool named;      /* the point has the tag that names the sensor */
	bool timed;      /* the point has a time */
	bool time_large; /* it does not fit into 64 bits: time is 0 */
	int64_t time;    /* in the sender's unit */
	size_t fields;   /* in field */
	struct eg_field field[EG_POINT_FIELDS];
	struct eg_slice more; /* the further fields, for eg_point_field */
};

/* Reads the point at c->s and moves c->s behind its line. If c->bad is set, *pt is
 * undefined. Returns the line without its newline. */
struct eg_slice eg_point_read(struct eg_point_cursor *c, struct eg_slice tag,
    struct eg_point *pt);

/* Reads a field and the comma after it. Sets c->bad if there is no field. */
void eg_point_field(struct eg_point_cursor *c, struct eg_field *f);

/* Moves c->s to the next line that is neither blank nor a comment, and behind its leading
 * blanks. Adds the lines on the way to *index. False: there is none. */
bool eg_point_next(struct eg_point_cursor *c, uint32_t *index);

#endif
