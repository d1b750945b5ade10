/* SPDX-License-Identifier: MIT */
/* Reads InfluxDB's line protocol, `energy,sensor=NAME value=NUMBER TIME`, as records.
 *
 * The tag `sensor` (or another one) is the sensor's name. A point without that tag is named
 * by its measurement and tags, as they were written. The field `value` is a reading of that
 * sensor. Any other numeric field F is a reading of the sensor `NAME/F`. A colon in a name
 * becomes %3A, and a '#' in front %23. */
#ifndef EG_LINEPROTOCOL_READ_H
#define EG_LINEPROTOCOL_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/* A unit of time is its nanoseconds. EG_LINEPROTOCOL_AUTO recognises seconds, milli-, micro-
 * and nanoseconds by the size of the number, which is unambiguous from 1973 to 2262. */
#define EG_LINEPROTOCOL_AUTO 0

struct eg_lineprotocol_reader {
	const char *tag; /* the one that names the sensor */
	int64_t unit;
	bool skip_text; /* ignore fields that are not numbers; else they are refused */
};

/* The unit of a `precision=` parameter: ns, us, ms, s and, with v1, also n, u, m, h. False:
 * it is none of them. */
bool eg_lineprotocol_precision(const char *precision, bool v1, int64_t *unit);

/* Who takes what is read. Each function has ctx as its first argument; texts are valid during
 * the call. */
struct eg_lineprotocol_taker {
	void *ctx;
	/* A reading as a record's line without its newline, which has yet to be checked. */
	void (*take)(void *ctx, const char *line, size_t len);
	/* A field or point that gives no record, and why (static storage). */
	void (*refuse)(void *ctx, const char *text, size_t len, const char *reason);
	/* The name of a field that is skipped, being text; NULL: nobody wants it. */
	void (*text)(void *ctx, const char *name, size_t len);
	/* The time, in nanoseconds since 1970, of a reading of this sensor that has none. */
	int64_t (*time)(void *ctx, const char *sensor, size_t len);
	/* Whether the next point is wanted. */
	bool (*more)(void *ctx);
	uint32_t *index; /* counts lines */
};

/* Writes the sensor's name to name, EG_SENSOR_MAX bytes and no NUL. named: series is the value of
 * the tag that names the sensor, escaped; else measurement and tags. field: the field's name,
 * escaped. Returns the bytes; 0: they are more than EG_SENSOR_MAX. */
size_t eg_lineprotocol_name(bool named, struct eg_slice series, struct eg_slice field, char *name);

/* Gives the points of body to t. A point that cannot be parsed is refused and counted in
 * *unparsed, which may be NULL. */
void eg_lineprotocol_read(const struct eg_lineprotocol_reader *p,
    const struct eg_lineprotocol_taker *t, const char *body, size_t len, size_t *unparsed);

/* Whether the first line of body, after blank lines and comments, can be parsed as a point. */
bool eg_lineprotocol_likely(const char *body, size_t len);

#endif
