/* SPDX-License-Identifier: MIT */
/* The size limit of request bodies: halved after a 413 answer, doubled after eight accepted full
 * requests. */
#ifndef EG_BODY_LIMIT_H
#define EG_BODY_LIMIT_H

#include <stddef.h>

struct eg_body_limit {
	size_t bytes;    /* current limit in bytes; starts at EG_INFLUX_BODY_MAX */
	size_t accepted; /* full requests accepted since bytes changed */
};

/* Halves the limit after a body of len bytes was too large. */
void eg_body_limit_shrink(struct eg_body_limit *l, size_t len);

/* Counts an accepted request that was cut by the limit. After eight of them the limit doubles,
 * so a server with a smaller limit refuses at most one request in nine. */
void eg_body_limit_full(struct eg_body_limit *l);

#endif
