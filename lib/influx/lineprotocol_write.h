/* SPDX-License-Identifier: MIT */
/* Records as InfluxDB's line protocol: `energy,sensor=NAME value=NUMBER TIME`. */
#ifndef EG_LINEPROTOCOL_WRITE_H
#define EG_LINEPROTOCOL_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct eg_error;
struct eg_record;

#define EG_LINEPROTOCOL_TAGS 18  /* largest number of tags besides the sensor */
#define EG_LINEPROTOCOL_PART 2048 /* size in bytes of the parts that are the same in every line */

/* The parts that are the same in every line, escaped. Servers parse sorted tags fastest, so tags
 * are sorted by key, and constant tags may come before and after the sensor. */
struct eg_lineprotocol {
	char head[EG_LINEPROTOCOL_PART]; /* start of the line, up to and with "sensor=" */
	char tail[EG_LINEPROTOCOL_PART]; /* text after the sensor, up to and with "value=" */
	size_t head_len, tail_len;
};

/* Fills *p for this measurement and n constant tags, each `key=value`. -1 with EG_USAGE and the
 * reason if one cannot be written. */
int eg_lineprotocol_init(struct eg_lineprotocol *p, const char *measurement,
    const char *const *tags, size_t n, struct eg_error *e);

/* How the times of lines are written. It keeps the first digits of the last one, which the next
 * line often has as well. */
struct eg_lineprotocol_time {
	bool with_ns; /* in nanoseconds; false: in seconds */
	/* private: */
	int64_t begin;  /* of the 100,000 s with these digits, in nanoseconds since 1970 */
	char digits[5];
};

/* The number of bytes that the caller must provide for r's line; eg_lineprotocol_put may write
 * to all of them. */
size_t eg_lineprotocol_room(const struct eg_lineprotocol *p, const struct eg_record *r);

/* Writes r as a line with a newline, the time as *time says. Returns the end of the line, or NULL
 * if the servers would read the sensor's name in different ways. A value that is not a JSON number
 * (`+5`, `.5`, `5.`) is written as the equal JSON number, since VictoriaMetrics reads the original
 * as 0 and InfluxDB refuses some forms. */
char *eg_lineprotocol_put(const struct eg_lineprotocol *p, const struct eg_record *r,
    struct eg_lineprotocol_time *time, char *out);

/* The reason why eg_lineprotocol_put returned NULL. Static storage. */
extern const char eg_lineprotocol_unfit[];

#endif
