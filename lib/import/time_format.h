/* SPDX-License-Identifier: MIT */
/* The format of times in a file: ISO 8601, a count since 1970, or directives as in strptime(3). */
#ifndef EG_TIME_FORMAT_H
#define EG_TIME_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EG_TIME_STEPS = 64 };

/* A compiled format. kind: the letter of a directive; ' ' for blanks; '=' for the byte in text. */
struct eg_time_format {
	bool iso;
	bool excel; /* serial numbers of a spreadsheet (1900 system) */
	int epoch; /* -1: not a count; else 0, 3, 6 or 9 for s, ms, us or ns */
	size_t n;
	char kind[EG_TIME_STEPS], text[EG_TIME_STEPS];
};

/* A clock reading, with its offset from UTC if the text has one. */
struct eg_clock_reading {
	int64_t seconds; /* seconds since 1970-01-01T00:00:00 on that clock */
	int32_t nanos;
	int32_t offset;  /* local time minus UTC, in seconds */
	bool has_offset;
	bool date_only;  /* the text has no time of day, so it is the start of that day */
	bool day_end;    /* 24:00: seconds are those of the next day's start */
};

/* Compiles text: iso, epoch, epoch-ms, epoch-us, epoch-ns, excel, or directives of strptime(3).
 * Returns NULL, or why it cannot be meant: an unknown directive, one given twice, no whole
 * date, hours of the 12-hour clock without %p, %p beside %H. Static storage. */
const char *eg_time_format_compile(struct eg_time_format *f, const char *text);

/* Reads the whole of s. Returns NULL, or the reason why it is not such a time: a text in
 * static storage. */
const char *eg_time_format_read(const struct eg_time_format *f, const char *s, size_t len,
    struct eg_clock_reading *r);

/* Reads an offset from UTC: Z, UTC, GMT, +hh:mm, +hhmm, +hh. Returns false for other text. */
bool eg_time_offset(const char *s, size_t len, int32_t *seconds);

#endif
