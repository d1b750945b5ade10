/* SPDX-License-Identifier: MIT */
/* The mean of a sensor's readings for each minute of the last hour. */
#ifndef EG_TRACE_H
#define EG_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#define EG_TRACE_MINUTES 60

/* All zero: no readings. Minutes are counted from 1970-01-01T00:00:00Z. */
struct eg_trace {
	int64_t minute; /* the newest minute with a reading */
	uint64_t from;  /* its begin, in nanoseconds since 1970, modulo 2^64 */
	unsigned column; /* its place in n and mean */
	uint32_t n[EG_TRACE_MINUTES];
	double mean[EG_TRACE_MINUTES];
};

/* The minute of ns, nanoseconds since 1970. */
int64_t eg_trace_minute(int64_t ns);

/* Adds a reading taken at ns, nanoseconds since 1970. A reading an hour or more older than
 * the newest is ignored. */
void eg_trace_add(struct eg_trace *t, int64_t ns, double value);

/* Sets *mean to the mean of a minute; false when the minute has no reading or is not among
 * the last 60. */
bool eg_trace_mean(const struct eg_trace *t, int64_t minute, double *mean);

#endif
