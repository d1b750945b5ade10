/* SPDX-License-Identifier: MIT */
/* POST to an InfluxDB: connections that send bodies of line protocol and receive answers. */
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

/* Bytes of a body at most: below 1 MB, the default limit of common proxies. */
#define EG_INFLUX_BODY_MAX 1000000
#define EG_INFLUX_CONNECTIONS_MAX 16
#define EG_INFLUX_SLOTS_MAX (EG_INFLUX_CONNECTIONS_MAX + 1)

/* Where and how to write. All texts must stay alive; NULL: not given. */
struct eg_influx_config {
	struct eg_endpoint to;
	const char *user, *password; /* v1 */
	const char *token;           /* v2, v3 */
	const char *cacert;
	bool gzip;
	size_t connections; /* requests in flight at most, up to EG_INFLUX_CONNECTIONS_MAX */
	int64_t request_timeout_ms;
};

/* Prepares n connections, EG_INFLUX_SLOTS_MAX at most, without connecting. c is kept by
 * reference. NULL with *e. */
struct eg_influx *eg_influx_open(const struct eg_influx_config *c, size_t n, struct eg_error *e);

/* Aborts requests in flight: whether they were written is unknown. NULL is allowed. */
void eg_influx_close(struct eg_influx *h);

/* The body buffer of connection i, EG_INFLUX_BODY_MAX bytes. Fill it only while no request is
 * in flight on i. */
char *eg_influx_body(struct eg_influx *h, size_t i);

/* Starts to send the first len bytes of the buffer; ns: their times are in nanoseconds, else
 * in seconds. Never blocks. Returns the bytes of the body as sent (1 for an empty one), or 0
 * with *e. */
size_t eg_influx_post(struct eg_influx *h, size_t i, size_t len, bool ns, struct eg_error *e);

/* Drives the transfers, without blocking. Returns an answer and stores its connection in *i,
 * or NULL when there is none (or with *e). The answer lives until the next post on that
 * connection. */
const struct eg_write_reply *eg_influx_next(struct eg_influx *h, size_t *i, struct eg_error *e);

/* Waits as eg_wait_fds does, for fds and for the connections; may return before due with
 * nothing ready. 0, or -1 with *e. */
int eg_influx_wait(struct eg_influx *h, struct pollfd *fds, size_t n, int64_t due,
    struct eg_error *e);

/* Posts an empty body and blocks until the answer, for --check. It lives as long as h. NULL
 * with *e. */
const struct eg_write_reply *eg_influx_check(struct eg_influx *h, struct eg_error *e);

#endif
