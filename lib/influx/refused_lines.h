/* SPDX-License-Identifier: MIT */
/* Finds the lines of a request that the server's answer refuses. */
#ifndef EG_REFUSED_LINES_H
#define EG_REFUSED_LINES_H

#include <stdbool.h>
#include <stddef.h>

struct eg_write_reply;

/* Called for each refused line with its number, from 0, and the reason as text for a message. */
typedef void eg_refused_line(void *ctx, size_t line, const char *reason);

/* Calls found for each line that answer a names. The request is len bytes at body with n lines,
 * each with its newline. InfluxDB 3 names a line by number (`data[].line_number`), InfluxDB 1
 * and 2 by its text (`unable to parse 'LINE': why`). A line may be named twice. Returns the
 * number of calls; 0: the answer names no line. */
size_t eg_refused_lines_named(const struct eg_write_reply *a, const char *body, size_t len,
    size_t n, eg_refused_line *found, void *ctx);

/* The number of lines, of n, that a partial write has dropped, if it is reliable; 0: unknown. It
 * is reliable in two cases: all n lines were dropped, or (sets *oldest) the oldest ones, outside
 * the retention policy. InfluxDB counts all points outside the retention policy, but of other
 * refusals only those of one shard. So its number may be too low, but never too high. */
size_t eg_refused_lines_dropped(const struct eg_write_reply *a, size_t n, bool *oldest);

#endif
