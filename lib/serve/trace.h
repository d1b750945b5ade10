/* SPDX-License-Identifier: MIT */
/* The means of a sensor's readings in each minute of the last hour. */
#ifndef EG_TRACE_H
#define EG_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#define EG_TRACE_MINUTES 60

/* Zeroed it is empty. Minutes are counted from 1970-01-01T00:00:00Z. */
struct eg_trace {
	int64_t minute; /* the newest with a reading */
	uint32_t n[EG_TRACE_MINUTES];
	double mean[EG_TRACE_MINUTES];
};

/* The minute that holds the nanosecond ns. */
int64_t eg_trace_minute(int64_t ns);

/* Adds a reading of the time ns. One that is an hour older than the newest is left out. */
void eg_trace_add(struct eg_trace *t, int64_t ns, double value);

/* The mean of a minute into *mean; false when it has no reading or is not held. */
bool eg_trace_mean(const struct eg_trace *t, int64_t minute, double *mean);

#endif
