/* SPDX-License-Identifier: MIT */
/* Times in arguments of commands: an instant, a date, or a duration before or after now. */
#ifndef EG_TIME_ARG_H
#define EG_TIME_ARG_H

#include <stdbool.h>
#include <stdint.h>

/* Parses s into nanoseconds since 1970. s is an RFC 3339 date and time, a date (its midnight in
 * UTC), `now`, or a signed duration relative to now (`-90s`, `-1h`, `+7d`). Returns false if s
 * is none of these, or outside the range of 64 bits. */
bool eg_time_arg_parse(const char *s, int64_t now_ns, int64_t *ns);

/* Instants from..to in nanoseconds since 1970, both included; empty if from > to. */
struct eg_time_span {
	int64_t from, to;
};
#define EG_TIME_SPAN_ALL ((struct eg_time_span){ INT64_MIN, INT64_MAX })

/* The span of FROM and TO in commands and requests. It begins at `from` and ends before `to`, so
 * that spans can be joined; with `inclusive`, it includes `to`. */
struct eg_time_span eg_time_span(int64_t from, int64_t to, bool inclusive);

#endif
