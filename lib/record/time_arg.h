/* SPDX-License-Identifier: MIT */
/* Times as people write them in commands: an instant, a day, or so long ago. */
#ifndef EG_TIME_ARG_H
#define EG_TIME_ARG_H

#include <stdbool.h>
#include <stdint.h>

/* Parses an RFC 3339 date and time, a date (its midnight in UTC), `now`, or a duration
 * before or after now with its sign (`-90s`, `-1h`, `+7d`) into nanoseconds since the
 * epoch. False when s is none of these or lies outside what 64 bits hold. */
bool eg_time_arg_parse(const char *s, int64_t now_ns, int64_t *ns);

#endif
