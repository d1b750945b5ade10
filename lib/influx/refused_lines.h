/* SPDX-License-Identifier: MIT */
/* Finds the lines of a request that the server's answer refuses. */
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

/* How many of n lines a partial write has dropped, if that number is reliable: all n, or with
 * *oldest the oldest ones, which are outside the retention policy. 0: unknown. InfluxDB counts
 * all points outside retention. Of other refusals it counts those of one shard only, so that
 * number may be too low, but never too high. */
size_t eg_refused_lines_dropped(const struct eg_write_reply *a, size_t n, bool *oldest);

#endif
