/* SPDX-License-Identifier: MIT */
/* Records as InfluxDB's line protocol: `energy,sensor=NAME value=NUMBER TIME`. */
#ifndef EG_LINEPROTOCOL_WRITE_H
#define EG_LINEPROTOCOL_WRITE_H

#include <stdbool.h>
#include <stddef.h>

struct eg_error;
struct eg_record;

#define EG_LINEPROTOCOL_TAGS 18  /* tags beside the sensor at most */
#define EG_LINEPROTOCOL_PART 2048 /* bytes of the parts that are the same in every line */

/* The parts that are the same in every line, escaped. Tags are sorted by key, which servers
 * parse fastest, so some come before the sensor and some after it. */
struct eg_lineprotocol {
	char head[EG_LINEPROTOCOL_PART]; /* up to and with "sensor=" */
	char tail[EG_LINEPROTOCOL_PART]; /* after the sensor, up to and with "value=" */
	size_t head_len, tail_len;
};

/* Fills *p for this measurement and n constant tags, each `key=value`. -1 with
 * EG_USAGE and a reason when one of them cannot be written. */
int eg_lineprotocol_init(struct eg_lineprotocol *p, const char *measurement,
    const char *const *tags, size_t n, struct eg_error *e);

/* Bytes that r's line needs at most. eg_lineprotocol_put may write to all of them. */
size_t eg_lineprotocol_room(const struct eg_lineprotocol *p, const struct eg_record *r);

/* Writes r as a line with its newline, the time in nanoseconds (ns) or seconds. Returns the
 * end of the line, or NULL when r's sensor cannot be written so that every server reads the
 * same. A value that is no JSON number (`+5`, `.5`, `5.`) is written as one of the same value:
 * VictoriaMetrics reads those as 0, InfluxDB refuses some. */
char *eg_lineprotocol_put(const struct eg_lineprotocol *p, const struct eg_record *r, bool ns,
    char *out);

/* Why eg_lineprotocol_put returned NULL. Static storage. */
extern const char eg_lineprotocol_unfit[];

#endif
