/* SPDX-License-Identifier: MIT */
/* Times in commands: an instant, a date, or a duration before or after now. */
#ifndef EG_TIME_ARG_H
#define EG_TIME_ARG_H

#include <stdbool.h>
#include <stdint.h>

/* Parses an RFC 3339 date and time, a date (its midnight in UTC), `now`, or a duration
 * before or after now with its sign (`-90s`, `-1h`, `+7d`) into nanoseconds since the
 * epoch. False when s is none of these or lies outside what 64 bits hold. */
bool eg_time_arg_parse(const char *s, int64_t now_ns, int64_t *ns);

/* Instants from..to in nanoseconds since the epoch, both included; none if from > to. */
struct eg_time_span {
	int64_t from, to;
};
#define EG_TIME_SPAN_ALL ((struct eg_time_span){ INT64_MIN, INT64_MAX })

/* The span that FROM and TO stand for in commands and requests: from `from` up to, but not
 * including, `to`, so that spans add up; with inclusive set, `to` is included. */
struct eg_time_span eg_time_span(int64_t from, int64_t to, bool inclusive);

#endif
