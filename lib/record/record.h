/* SPDX-License-Identifier: MIT */
/* The record, `sensor:timestamp:value`: its reader and its writer. See eg-record(5). */
#ifndef EG_RECORD_H
#define EG_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

#define EG_LINE_MAX 1024  /* largest line in bytes, without its newline */
#define EG_SENSOR_MAX 255 /* largest sensor in bytes */
#define EG_VALUE_MAX 64   /* largest value in bytes */
#define EG_TIME_SIZE 32   /* size of a formatted time with its NUL */

/* A parsed line. It points into the caller's memory and owns nothing. */
struct eg_record {
	const char *line;   /* the line; it begins with the sensor, and the key ends at value_at
			     * - 1 */
	int64_t ns;         /* instant in nanoseconds since 1970-01-01T00:00:00Z */
	uint64_t lineno;    /* for messages; set by the reader of lines, not by the parser */
	int64_t order;      /* number in the last order line; set by the reader of lines; 0: none */
	uint16_t len;       /* length of the line in bytes, without its newline */
	uint16_t value_at;  /* offset of the value, which ends with the line */
	uint8_t sensor_len; /* length in bytes; the timestamp begins at sensor_len + 1 */
	bool subsecond;     /* ns is not a whole second */
	bool json;          /* the value is a JSON number as it is; false: not known */
};

/* Reasons why a line is not a record. Their order matters: it follows the parts of a line, and
 * faults of the value are last (see diagnose in record.c). */
enum eg_fault {
	EG_FAULT_NONE,
	EG_FAULT_TOO_LONG,     /* more than EG_LINE_MAX bytes */
	EG_FAULT_UNTERMINATED, /* the last line has no newline; set by readers of lines */
	EG_FAULT_NUL,
	EG_FAULT_BOM,          /* U+FEFF before the sensor */
	EG_FAULT_CR,           /* ends with \r, as in a file with CRLF line ends */
	EG_FAULT_NO_COLON,     /* fewer than two colons */
	EG_FAULT_SENSOR_EMPTY,
	EG_FAULT_SENSOR_LONG,
	EG_FAULT_SENSOR_UTF8,
	EG_FAULT_SENSOR_CONTROL,
	EG_FAULT_SENSOR_COLON, /* only from eg_sensor_check */
	EG_FAULT_SENSOR_HASH,  /* begins with '#', like a comment */
	EG_FAULT_TIME_FORM,    /* not an RFC 3339 date and time */
	EG_FAULT_TIME_DATE,    /* no such day */
	EG_FAULT_TIME_CLOCK,   /* no such time of day */
	EG_FAULT_TIME_ZONE,    /* no such zone offset */
	EG_FAULT_TIME_RANGE,   /* outside 64-bit nanoseconds (1677-09-21 to 2262-04-11) */
	EG_FAULT_VALUE_EMPTY,
	EG_FAULT_VALUE_LONG,
	EG_FAULT_VALUE_FORM,   /* not a decimal number */
	EG_FAULT_VALUE_RANGE,  /* not finite as a double */
};

/* Parses the len bytes at line (without a newline) into *r, all members except lineno; order is
 * set to 0. After a fault, *r is undefined. Never reads beyond line + len, never allocates,
 * never blocks. */
enum eg_fault eg_record_parse(const char *line, size_t len, struct eg_record *r);

/* The day of the record that eg_record_scan read before. All zero at first. */
struct eg_record_day {
	char text[11]; /* `2026-11-23T` */
	int64_t ns;    /* its midnight, in nanoseconds since 1970 */
};

/* Bytes to read behind a newline with which eg_record_scan takes any record of that form. */
#define EG_RECORD_AHEAD 8

/* The fast way for a reader of many lines: parses the line that begins at text, if its newline is
 * before end and it has the form of most records: a sensor of printable ASCII, a time in whole
 * seconds, and a short number without an exponent. Returns the bytes of the line with its newline,
 * and fills *r as eg_record_parse does. Returns 0 for all else, as for the last line of a text, and
 * *r is undefined: find the end of the line, then call eg_record_parse. Never reads at end or
 * beyond. */
size_t eg_record_scan(const char *text, const char *end, struct eg_record_day *day,
    struct eg_record *r);

/* The fast way for one line: as eg_record_parse, and writes a newline and EG_RECORD_AHEAD other
 * bytes behind the line, which must have room for them. */
enum eg_fault eg_record_parse_ahead(char *line, size_t len, struct eg_record_day *day,
    struct eg_record *r);

/* The parts of a parsed record; they point into its line. */
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

/* Writes `sensor:time:` without checks; the caller then writes the value. Returns the end of the
 * text. out has room for both parts and 2 bytes. */
char *eg_record_begin(char *out, struct eg_slice sensor, struct eg_slice time);

/* Writes `sensor:time:value` without checks, a newline or a NUL. Returns the end of the text.
 * out has room for the three parts and 2 bytes. */
char *eg_record_put(char *out, struct eg_slice sensor, struct eg_slice time, struct eg_slice value);

/* Limit of times of writing and deletion (in the year 2116). It leaves room for later times. */
#define EG_WHEN_MAX (INT64_C(1) << 62)

/* Splits a line `record:WHEN`, a store's form of a record with its time of writing. WHEN is in
 * whole nanoseconds since 1970, less than EG_WHEN_MAX. Sets *len to the length of the record.
 * Returns false if the line has no such end. */
bool eg_dated_parse(const char *line, size_t *len, int64_t *when);

/* The length of a valid record's key: all before the last colon. */
size_t eg_record_key_len(const char *record, size_t len);

/* The length of the sensor at the start of a key; len if the text is only a sensor. */
size_t eg_key_sensor_len(const char *key, size_t len);

/* The fault of a key, `sensor:timestamp`, or EG_FAULT_NONE. */
enum eg_fault eg_key_check(const char *key, size_t len);

/* The fault of a sensor's name, or EG_FAULT_NONE: whether a record can have this sensor. */
enum eg_fault eg_sensor_check(const char *sensor, size_t len);

/* The text of a fault for a message: in lower case, without a full stop. Static storage. */
const char *eg_fault_text(enum eg_fault fault);

/* Whether every reader skips the line: it is blank (only spaces, tabs and a carriage return) or
 * begins with '#'. */
bool eg_line_skipped(const char *line, size_t len);

/* Parses an order line, the comment `#eg-order N`, into *order. It says that the records after
 * it were received at N, in nanoseconds since 1970, so that all stores agree which of two values
 * is newer. An order line is not a record and has no receipt. Returns false for any other line. */
bool eg_order_parse(const char *line, size_t len, int64_t *order);

/* Writes the order line for order (> 0) with its newline, without a NUL. Returns its length. */
#define EG_ORDER_SIZE 32
size_t eg_order_put(int64_t order, char out[EG_ORDER_SIZE]);

/* Parses an RFC 3339 date and time into nanoseconds since 1970 (section 5.6; UTC if there is no
 * zone; up to nine fractional digits; 'T' and 'Z' in either case; no leap second). Proleptic
 * Gregorian calendar. */
enum eg_fault eg_time_parse(const char *s, size_t len, int64_t *ns);

/* Writes ns as `2026-11-23T14:18:36` and a NUL; if it is not a whole second, with as many
 * fractional digits as needed. Returns the length without the NUL. */
size_t eg_time_format(int64_t ns, char out[EG_TIME_SIZE]);

/* A day and its date, YYYY-MM-DD. All zero: no day yet. */
struct eg_time_day {
	bool known;
	int64_t day; /* since 1970-01-01 */
	char date[10];
};

/* As eg_time_format, for many times one after another: *last keeps the date of the time before, so
 * that a time of the same day needs no calendar. */
size_t eg_time_format_near(struct eg_time_day *last, int64_t ns, char out[EG_TIME_SIZE]);

#endif
