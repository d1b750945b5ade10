/* SPDX-License-Identifier: MIT */
/* An HTTP client for InfluxDB: connections that POST bodies of line protocol and receive
 * answers. */
#ifndef EG_INFLUX_H
#define EG_INFLUX_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "influx/endpoint.h"

struct eg_write_reply;
struct eg_error;
struct eg_influx;

/* Largest size of a body in bytes: below 1 MB, the default limit of common proxies. */
#define EG_INFLUX_BODY_MAX 1000000
#define EG_INFLUX_CONNECTIONS_MAX 16
#define EG_INFLUX_SLOTS_MAX (EG_INFLUX_CONNECTIONS_MAX + 1)

/* Where and how to write. All strings must stay valid; NULL: not given. */
struct eg_influx_config {
	struct eg_endpoint to;
	const char *user, *password; /* for API v1 */
	const char *token;           /* for API v2 and v3 */
	const char *cacert;
	bool gzip;
	size_t connections; /* largest number of requests in flight, up to
			     * EG_INFLUX_CONNECTIONS_MAX; 0: the writer finds a good one */
	int64_t request_timeout_ms;
};

/* Prepares n connections (at most EG_INFLUX_SLOTS_MAX) and does not connect yet. c must stay
 * valid. NULL with *e. */
struct eg_influx *eg_influx_open(const struct eg_influx_config *c, size_t n, struct eg_error *e);

/* Aborts the requests in flight; it is then unknown whether they were written. NULL is allowed. */
void eg_influx_close(struct eg_influx *h);

/* The body buffer of connection i, EG_INFLUX_BODY_MAX bytes. Fill it only while connection i has
 * no request in flight. */
char *eg_influx_body(struct eg_influx *h, size_t i);

/* Starts to send the first len bytes of the buffer. ns: the times in it are in nanoseconds, else
 * in seconds. Does not block. Returns the size of the body as sent (1 for an empty one), or 0
 * with *e. */
size_t eg_influx_post(struct eg_influx *h, size_t i, size_t len, bool ns, struct eg_error *e);

/* Drives the transfers; does not block. Returns an answer and sets *i to its connection, or
 * returns NULL if there is none, with *e after an error. The answer is valid until the next post
 * on that connection. */
const struct eg_write_reply *eg_influx_next(struct eg_influx *h, size_t *i, struct eg_error *e);

/* Waits for fds and for the connections, as eg_wait_fds does; may return before due. 0, or -1
 * with *e. */
int eg_influx_wait(struct eg_influx *h, struct pollfd *fds, size_t n, int64_t due,
    struct eg_error *e);

/* Posts an empty body and blocks until the answer; for --check. The answer is valid as long as
 * h. NULL with *e. */
const struct eg_write_reply *eg_influx_check(struct eg_influx *h, struct eg_error *e);

#endif
