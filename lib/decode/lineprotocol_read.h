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

/* A unit of time, in nanoseconds. EG_LINEPROTOCOL_AUTO recognises seconds, milliseconds,
 * microseconds and nanoseconds by the size of the number; this is unambiguous from 1973 to 2262. */
#define EG_LINEPROTOCOL_AUTO 0

struct eg_record;

struct eg_lineprotocol_reader {
	const char *tag; /* the tag with the sensor's name */
	int64_t unit;
	bool skip_text; /* ignore fields that are not numbers; otherwise they are refused */
};

/* The unit of a `precision=` parameter: ns, us, ms, s and, with v1, also n, u, m, h. Returns
 * false for any other text. */
bool eg_lineprotocol_precision(const char *precision, bool v1, int64_t *unit);

/* Callbacks for the results. Each gets ctx as its first argument; texts are valid during the
 * call. */
struct eg_lineprotocol_taker {
	void *ctx;
	/* Returns where to write a reading, with the room of own, or own. NULL: all go to own. */
	char *(*room)(void *ctx, char *own);
	/* Called with each reading as a record line without a newline. r: the line as
	 * eg_record_parse would read it; NULL: it is not checked yet. A newline and
	 * EG_RECORD_AHEAD bytes may be written behind it. */
	void (*take)(void *ctx, char *line, size_t len, const struct eg_record *r);
	/* Called with a field or point that gives no record, and the reason (static storage). */
	void (*refuse)(void *ctx, const char *text, size_t len, const char *reason);
	/* Called with the name of a text field that is skipped; may be NULL. */
	void (*text)(void *ctx, const char *name, size_t len);
	/* Returns the time for a reading without one of this sensor, in nanoseconds since 1970. */
	int64_t (*time)(void *ctx, const char *sensor, size_t len);
	/* Returns whether to read the next point. */
	bool (*more)(void *ctx);
	uint32_t *index; /* set to the number of the current line */
};

/* Writes the sensor's name to name, at most EG_SENSOR_MAX bytes, without a NUL. named: series is
 * the escaped value of the tag with the sensor's name; otherwise it is the measurement and tags.
 * field: the escaped name of the field. Returns the length; 0 if it exceeds EG_SENSOR_MAX. */
size_t eg_lineprotocol_name(bool named, struct eg_slice series, struct eg_slice field, char *name);

/* Reads the points of body and passes them to t. An invalid point is refused and counted in
 * *unparsed, which may be NULL. */
void eg_lineprotocol_read(const struct eg_lineprotocol_reader *p,
    const struct eg_lineprotocol_taker *t, const char *body, size_t len, size_t *unparsed);

/* Whether the first line of body that is neither blank nor a comment is a valid point. */
bool eg_lineprotocol_likely(const char *body, size_t len);

#endif
