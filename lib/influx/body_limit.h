/* SPDX-License-Identifier: MIT */
/* The size limit of requests: halved after a 413, doubled after eight full requests are
 * accepted. */
#ifndef EG_BODY_LIMIT_H
#define EG_BODY_LIMIT_H

#include <stddef.h>

struct eg_body_limit {
	size_t bytes;    /* EG_INFLUX_BODY_MAX at first */
	size_t accepted; /* full requests since bytes changed */
};

/* A body of len bytes was too large: the limit becomes half of that. */
void eg_body_limit_shrink(struct eg_body_limit *l, size_t len);

/* A request that was cut by the limit was accepted. After eight of them the limit doubles, so a
 * server with a limit of its own refuses only one request in nine. */
void eg_body_limit_full(struct eg_body_limit *l);

#endif
