/* SPDX-License-Identifier: MIT */
/* InfluxDB's line protocol, read into records: `energy,sensor=NAME value=NUMBER TIME`.
 *
 * A point is named by its tag `sensor` (or another one), or where it has none by its
 * series, measurement and tags as they were written. The field `value` is that sensor's
 * reading; any other numeric field F is one of the sensor `NAME/F`. */
#ifndef EG_LINEPROTOCOL_READ_H
#define EG_LINEPROTOCOL_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct eg_ingest;

/* Nanoseconds in a unit of a point's time; EG_LINEPROTOCOL_AUTO tells seconds, milli-, micro-
 * and nanoseconds apart by their size, which is unambiguous from 1973 on to the end
 * of what 64-bit nanoseconds hold. */
#define EG_LINEPROTOCOL_AUTO 0

struct eg_lineprotocol_reader {
	const char *tag; /* that names the sensor */
	int64_t unit;
	bool skip_text; /* pass over fields that are no numbers, else they are refused */
};

/* The unit of a `precision=` parameter: ns, us, ms, s and, when v1, also n, u, m, h.
 * False: there is no such. */
bool eg_lineprotocol_precision(const char *precision, bool v1, int64_t *unit);

/* Takes the points of body into *in, whose index counts lines. A point that cannot be read is
 * refused and, when *unparsed is not NULL, counted there: the caller may want none of
 * them then. */
void eg_lineprotocol_read(const struct eg_lineprotocol_reader *p, struct eg_ingest *in, const char *body,
    size_t len, size_t *unparsed);

/* Whether the first line of body that is not skipped reads as a point. */
bool eg_lineprotocol_likely(const char *body, size_t len);

#endif
