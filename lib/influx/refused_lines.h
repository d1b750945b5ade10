/* SPDX-License-Identifier: MIT */
/* Which lines of a request a server says that it has refused. */
#ifndef EG_REFUSED_LINES_H
#define EG_REFUSED_LINES_H

#include <stdbool.h>
#include <stddef.h>

struct eg_write_reply;

/* Called with the number of a refused line, from 0, and why, in words for a message. */
typedef void eg_refused_line(void *ctx, size_t line, const char *reason);

/* Calls found for each line of the request (len bytes at body, n lines, each with its
 * newline) that answer a names: by its number (InfluxDB 3: `data[].line_number`), or by
 * its whole text (InfluxDB 1 and 2: `unable to parse 'LINE': why`). A line may be named
 * twice. Returns how often it called; 0: no line is named. */
size_t eg_refused_lines_named(const struct eg_write_reply *a, const char *body, size_t len,
    size_t n, eg_refused_line *found, void *ctx);

/* How many of n lines a partial write has dropped, when that number can be relied on:
 * all of them, or, with *oldest, that many of the oldest ones, which lie beyond the
 * retention policy. 0: unknown. InfluxDB counts points beyond retention all; of other
 * refusals it counts one shard's, so that number is too low at times, never too high. */
size_t eg_refused_lines_dropped(const struct eg_write_reply *a, size_t n, bool *oldest);

#endif
