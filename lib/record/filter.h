/* SPDX-License-Identifier: MIT */
/* A filter: records from standard input, other records to standard output. Its loop, its
 * refused lines, its counters and its end are here; a program supplies what it computes. */
#ifndef EG_FILTER_H
#define EG_FILTER_H

#include <stddef.h>
#include <stdint.h>

#include "record/record.h"

struct eg_common;
struct eg_error;
struct eg_filter;

/* What a program computes. Both functions may write and refuse; -1 with *e ends the run. */
struct eg_filter_work {
	/* Takes one record, with its lineno. It is valid during the call. */
	int (*take)(void *ctx, struct eg_filter *f, const struct eg_record *r, struct eg_error *e);
	/* The input has ended. NULL: nothing is left to do. */
	int (*end)(void *ctx, struct eg_filter *f, struct eg_error *e);
	/* Of a program that acts by the clock, both NULL otherwise: when it acts next, on
	 * eg_mono_ms's clock (INT64_MAX: not by the clock), and what it does, called after each
	 * wait for input. */
	int64_t (*due)(void *ctx);
	int (*tick)(void *ctx, struct eg_filter *f, struct eg_error *e);
	void *ctx;
};

/* Reads records until the end of standard input. Lines that are no record are refused. Written
 * records are flushed before it waits for input. Blocks. Returns 0, or -1 with *e: EG_REFUSED,
 * without a text, when lines were refused and all else went well; EG_TEMPORARY after SIGTERM or
 * SIGINT, and the results of `end` are missing then; EG_LOCAL_IO, without a text when the reader
 * of standard output has gone. */
int eg_filter_run(const struct eg_filter_work *w, const struct eg_common *common, struct eg_error *e);

/* The status of a program after eg_filter_run returned rc: reports an error that has a text. */
int eg_filter_status(int rc, const struct eg_error *e);

/* Refuses a record of `take` for good: a message, and a line for --rejects. */
int eg_filter_refuse(struct eg_filter *f, const struct eg_record *r, const char *reason,
    struct eg_error *e);

/* Refuses a line that the caller has kept, for records that turn out wrong later on. */
int eg_filter_refuse_line(struct eg_filter *f, uint64_t lineno, const char *line, size_t len,
    const char *reason, struct eg_error *e);

/* Writes the record sensor:ns:value. The sensor has 1 to EG_SENSOR_MAX bytes, the value 1 to
 * EG_VALUE_MAX. */
int eg_filter_put(struct eg_filter *f, const char *sensor, size_t sensor_len, int64_t ns,
    const char *value, size_t value_len, struct eg_error *e);

/* Writes a record as it came in. */
int eg_filter_pass(struct eg_filter *f, const struct eg_record *r, struct eg_error *e);

#endif
