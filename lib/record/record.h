/* SPDX-License-Identifier: MIT */
/* The record, `sensor:timestamp:value`: its reader and its writer. See eg-record(5). */
#ifndef EG_RECORD_H
#define EG_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

#define EG_LINE_MAX 1024  /* bytes in a line, its newline not counted */
#define EG_SENSOR_MAX 255 /* bytes */
#define EG_VALUE_MAX 64   /* bytes */
#define EG_TIME_SIZE 32   /* room for a formatted time and its NUL */

/* A parsed line. It points into the caller's bytes and owns nothing. */
struct eg_record {
	const char *line;   /* begins with the sensor; the key ends at value_at - 1 */
	int64_t ns;         /* nanoseconds since 1970-01-01T00:00:00Z */
	uint64_t lineno;    /* for messages: set by the reader of lines, not by the parser */
	int64_t order;      /* of the order line before it, set by the reader of lines; 0: none */
	uint16_t len;       /* bytes of the line, without its newline */
	uint16_t value_at;  /* offset of the value, which ends with the line */
	uint8_t sensor_len; /* bytes; the timestamp starts at sensor_len + 1 */
	bool subsecond;     /* ns is not a whole second */
};

/* Why a line is not a record. The order counts: faults are in the order of the parts of a line,
 * those of the value last (see diagnose in record.c). */
enum eg_fault {
	EG_FAULT_NONE,
	EG_FAULT_TOO_LONG,     /* more than EG_LINE_MAX bytes */
	EG_FAULT_UNTERMINATED, /* the last line has no newline: set by line readers */
	EG_FAULT_NUL,
	EG_FAULT_BOM,          /* U+FEFF in front of the sensor */
	EG_FAULT_CR,           /* ends in \r: a file with CRLF line ends */
	EG_FAULT_NO_COLON,     /* fewer than two colons */
	EG_FAULT_SENSOR_EMPTY,
	EG_FAULT_SENSOR_LONG,
	EG_FAULT_SENSOR_UTF8,
	EG_FAULT_SENSOR_CONTROL,
	EG_FAULT_SENSOR_HASH,  /* begins with '#', as a comment does */
	EG_FAULT_TIME_FORM,    /* not RFC 3339 date and time */
	EG_FAULT_TIME_DATE,    /* no such day */
	EG_FAULT_TIME_CLOCK,   /* no such time of day */
	EG_FAULT_TIME_ZONE,    /* no such zone offset */
	EG_FAULT_TIME_RANGE,   /* outside what 64-bit nanoseconds hold (1677-09-21 to 2262-04-11) */
	EG_FAULT_VALUE_EMPTY,
	EG_FAULT_VALUE_LONG,
	EG_FAULT_VALUE_FORM,   /* not a decimal number */
	EG_FAULT_VALUE_RANGE,  /* not finite as a double */
};

/* Parses len bytes at line (no newline among them) into *r, all fields but
 * lineno; order becomes 0. On a fault *r is undefined. Never reads beyond line + len, never
 * allocates or blocks. */
enum eg_fault eg_record_parse(const char *line, size_t len, struct eg_record *r);

/* The parts of a parsed record. They point into its line. */
static inline struct eg_slice
eg_record_sensor(const struct eg_record *r)
{
	return (struct eg_slice){ r->line, r->sensor_len };
}

static inline struct eg_slice
eg_record_time(const struct eg_record *r)
{
	return (struct eg_slice){ r->line + r->sensor_len + 1,
		(size_t)(r->value_at - r->sensor_len) - 2 };
}

static inline struct eg_slice
eg_record_value(const struct eg_record *r)
{
	return (struct eg_slice){ r->line + r->value_at, (size_t)(r->len - r->value_at) };
}

/* Writes `sensor:time:` for a value that the caller writes behind it, unchecked. Returns the end
 * of what is written. out has room for both parts and 2 bytes. */
char *eg_record_begin(char *out, struct eg_slice sensor, struct eg_slice time);

/* Writes `sensor:time:value`, unchecked, without a newline or NUL. Returns its end. out has room
 * for the three parts and 2 bytes. */
char *eg_record_put(char *out, struct eg_slice sensor, struct eg_slice time, struct eg_slice value);

/* Times of writing and of deletion are less than this (in the year 2116), so that there are
 * always later ones. */
#define EG_WHEN_MAX (INT64_C(1) << 62)

/* Splits a line `record:WHEN`, as a store prints and reads it: WHEN is in whole nanoseconds since
 * the epoch, less than EG_WHEN_MAX. Sets *len to the length of the record in front of it. False:
 * the line has no such end. */
bool eg_dated_parse(const char *line, size_t *len, int64_t *when);

/* The bytes of a record's key: all before the last colon. The record is valid. */
size_t eg_record_key_len(const char *record, size_t len);

/* The bytes of the sensor at the start of a key; len when the text is a sensor alone. */
size_t eg_key_sensor_len(const char *key, size_t len);

/* What is wrong with a key, `sensor:timestamp`. */
enum eg_fault eg_key_check(const char *key, size_t len);

/* A fault in words for a message: lower case, no full stop. Static storage. */
const char *eg_fault_text(enum eg_fault fault);

/* Whether a line is skipped by every reader: blank (nothing but spaces, tabs
 * and a carriage return) or beginning with '#'. */
bool eg_line_skipped(const char *line, size_t len);

/* An order line is a comment, `#eg-order N`: the records after it were received at N, in
 * nanoseconds since the epoch. By this, stores agree on which of two values is newer. An order
 * line is not a record and has no receipt. Parses one into *order; false: it is another line. */
bool eg_order_parse(const char *line, size_t len, int64_t *order);

/* Writes the order line of order (> 0) with its newline, without a NUL. Returns its bytes. */
#define EG_ORDER_SIZE 32
size_t eg_order_put(int64_t order, char out[EG_ORDER_SIZE]);

/* Parses an RFC 3339 date and time (section 5.6; UTC when it carries no zone,
 * up to nine fractional digits; 'T' and 'Z' in either case; no leap second) into
 * nanoseconds since the epoch. Proleptic Gregorian calendar. */
enum eg_fault eg_time_parse(const char *s, size_t len, int64_t *ns);

/* Writes ns as `2026-11-23T14:18:36`, with a fraction of as many digits as are
 * needed when it is not a whole second, and a NUL. Returns the bytes before it. */
size_t eg_time_format(int64_t ns, char out[EG_TIME_SIZE]);

#endif
