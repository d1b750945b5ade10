/* SPDX-License-Identifier: MIT */
/* A filter: reads records from standard input and writes other records to standard output.
 * Contains its loop, refused lines, counters and end; a program supplies the computation. */
#ifndef EG_FILTER_H
#define EG_FILTER_H

#include <stddef.h>
#include <stdint.h>

#include "record/record.h"

struct eg_common;
struct eg_error;
struct eg_filter;

#define EG_FILTER_AHEAD 16

/* The computation of a program. Each function may write and refuse records; -1 with *e ends the
 * run. */
struct eg_filter_work {
	/* Handles one record; r->lineno is set. r is valid during the call. */
	int (*take)(void *ctx, struct eg_filter *f, const struct eg_record *r, struct eg_error *e);
	/* Called before `take` with the next n records (2 to EG_FILTER_AHEAD), so that it can
	 * prefetch what `take` will need for them. NULL: nothing. */
	void (*ahead)(void *ctx, const struct eg_record *r, size_t n);
	/* Called at the end of the input. NULL: nothing to do. */
	int (*end)(void *ctx, struct eg_filter *f, struct eg_error *e);
	/* For a program that acts by the clock; otherwise both are NULL. due: the time of the
	 * next action on eg_mono_ms's clock (INT64_MAX: none). The second function acts; it is
	 * called after each wait for input. */
	int64_t (*due)(void *ctx);
	int (*tick)(void *ctx, struct eg_filter *f, struct eg_error *e);
	void *ctx;
};

/* Reads records until the end of standard input, and refuses lines that are not records. Flushes
 * written records before it waits for input. Blocks. Returns 0, or -1 with *e: EG_REFUSED
 * without a text if lines were refused and nothing else failed; EG_TEMPORARY after SIGTERM or
 * SIGINT, in which case `end` is not called; EG_LOCAL_IO, without a text if the reader of
 * standard output is gone. */
int eg_filter_run(const struct eg_filter_work *w, const struct eg_common *common,
    struct eg_error *e);

/* The exit status of a program after eg_filter_run has returned rc. Reports the error if it has
 * a text. */
int eg_filter_status(int rc, const struct eg_error *e);

/* Called from `take`: refuses its record for good, with a message and a line in the file of
 * --rejects. */
int eg_filter_refuse(struct eg_filter *f, const struct eg_record *r, const char *reason,
    struct eg_error *e);

/* Refuses a line that the caller has kept; for records whose fault is found later. */
int eg_filter_refuse_line(struct eg_filter *f, uint64_t lineno, const char *line, size_t len,
    const char *reason, struct eg_error *e);

/* Writes a record of sensor, ns and value. The sensor has 1 to EG_SENSOR_MAX bytes, the value 1
 * to EG_VALUE_MAX. */
int eg_filter_put(struct eg_filter *f, const char *sensor, size_t sensor_len, int64_t ns,
    const char *value, size_t value_len, struct eg_error *e);

/* Writes a record unchanged. */
int eg_filter_pass(struct eg_filter *f, const struct eg_record *r, struct eg_error *e);

#endif
