/* SPDX-License-Identifier: MIT */
/* One point of line protocol, cut into its parts; what they mean is lineprotocol_read.h's. */
#ifndef EG_LINEPROTOCOL_LINE_H
#define EG_LINEPROTOCOL_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/* Reads on from s up to end. */
struct eg_point_cursor {
	const char *s, *end;
	const char *bad; /* the reason it cannot be read, in static storage; NULL: none */
};

enum eg_field_kind { EG_FIELD_NUMBER, EG_FIELD_TEXT, EG_FIELD_WRONG };

struct eg_field {
	enum eg_field_kind kind;
	struct eg_slice name, value; /* a number's value has no suffix any more */
};

/* Fields that are kept with a point; those behind them are read once more. */
#define EG_POINT_FIELDS 4

/* Parts as they were written, escapes and all. */
struct eg_point {
	struct eg_slice series, sensor;
	bool named;      /* sensor is the value of the tag that was asked for */
	bool timed;      /* it carries a time */
	bool time_large; /* one that 64 bits do not hold: time is 0 */
	int64_t time;    /* in the sender's unit */
	size_t fields;   /* in field */
	struct eg_field field[EG_POINT_FIELDS];
	struct eg_slice more; /* the fields behind those, for eg_point_field */
};

/* Reads the point at c->s, which ends with its line: c->s is behind that then. Where
 * c->bad is set *pt says nothing. Returns the line without its newline. */
struct eg_slice eg_point_read(struct eg_point_cursor *c, struct eg_slice tag,
    struct eg_point *pt);

/* Reads a field, and the comma behind it; sets c->bad where none is. */
void eg_point_field(struct eg_point_cursor *c, struct eg_field *f);

/* Moves to the next line that is neither blank nor a comment, counting lines in *index,
 * and over the blanks in front of it. False: there is none. */
bool eg_point_next(struct eg_point_cursor *c, uint32_t *index);

#endif
