/* SPDX-License-Identifier: MIT */
/* Splits a line of line protocol into its parts. lineprotocol_read.h knows their meaning. */
#ifndef EG_LINEPROTOCOL_LINE_H
#define EG_LINEPROTOCOL_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/slice.h"

/* The rest of the body that is to be read, from s to end. */
struct eg_point_cursor {
	const char *s, *end;
	const char *bad; /* reason why the point is invalid (static storage); NULL: it is valid */
};

enum eg_field_kind { EG_FIELD_NUMBER, EG_FIELD_TEXT, EG_FIELD_WRONG };

struct eg_field {
	enum eg_field_kind kind;
	struct eg_slice name, value; /* name, and value; a number without its suffix */
	/* From eg_point_scan: the value is digits with at most a '-' and a point, and not too long;
	 * the words have their form, and 8 bytes can be read behind each. */
	bool plain;
};

/* Whether the name of a field is `value`, the one that gives a reading its sensor's own name. */
static inline bool
eg_field_is_value(struct eg_slice name)
{
	return name.len == 5 && memcmp(name.s, "value", 5) == 0;
}

/* Number of fields stored with a point. Further ones are read again with eg_point_field. */
#define EG_POINT_FIELDS 4

/* The parts of a point as they were written, with their escapes. */
struct eg_point {
	struct eg_slice series, sensor;
	bool named;      /* the point has the tag that names the sensor */
	bool timed;      /* the point has a time */
	bool time_large; /* the time does not fit in 64 bits, so time is 0 */
	int64_t time;    /* in the sender's unit */
	size_t fields;   /* number of fields in field */
	struct eg_field field[EG_POINT_FIELDS];
	struct eg_slice more; /* text of the further fields, for eg_point_field */
	/* From eg_point_scan, if the next point may differ in the sensor, the value and the time
	 * alone: what stands before the sensor and before the value, and the time with its newline. */
	struct eg_slice head, middle, last; /* head is empty: none */
	bool plain_sensor; /* the sensor has no colon */
	bool same_time;    /* the time is that of the point before */
};

/* Reads the point at c->s and moves c->s past its line. If c->bad is set, *pt is undefined.
 * Returns the line without its newline. */
struct eg_slice eg_point_read(struct eg_point_cursor *c, struct eg_slice tag,
    struct eg_point *pt);

/* The fast way for the form of most points: words of printable ASCII without a backslash, values
 * that are plain numbers, at most EG_POINT_FIELDS, one blank between the parts, a time and a
 * newline. Does what eg_point_read does, and sets *whole to the line. Returns false for all else,
 * also for lines to be skipped, and *pt is undefined: call eg_point_next, then eg_point_read.
 * *pt is the point before, of the same body and tag, or all zero: one like it is read faster. */
bool eg_point_scan(struct eg_point_cursor *c, struct eg_slice tag, struct eg_point *pt,
    struct eg_slice *whole);

/* Reads a field and the comma after it. Sets c->bad if there is no field. */
void eg_point_field(struct eg_point_cursor *c, struct eg_field *f);

/* Moves c->s to the next line that is not blank and not a comment, and past its leading blanks.
 * Adds the number of skipped lines to *index. Returns false if there is no such line. */
bool eg_point_next(struct eg_point_cursor *c, uint32_t *index);

#endif
