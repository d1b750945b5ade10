/* SPDX-License-Identifier: MIT */
/* How large a request may be: less after a 413, more again once full ones are accepted. */
#ifndef EG_BODY_LIMIT_H
#define EG_BODY_LIMIT_H

#include <stddef.h>

struct eg_body_limit {
	size_t bytes;    /* EG_INFLUX_BODY_MAX at first */
	size_t accepted; /* full requests since bytes changed */
};

/* A body of len bytes was too large: the limit becomes half of that. */
void eg_body_limit_shrink(struct eg_body_limit *l, size_t len);

/* A request that the limit kept from being larger was accepted. After eight the limit
 * doubles: a server that really has a limit refuses one request in nine then. */
void eg_body_limit_full(struct eg_body_limit *l);

#endif
