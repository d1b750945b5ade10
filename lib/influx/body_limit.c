/* SPDX-License-Identifier: MIT */
/* The size limit of request bodies: halved after a 413 answer, doubled after eight accepted full
 * requests. */
#include "influx/body_limit.h"

#include "influx/influx.h"

enum { ACCEPTED_BEFORE_GROWTH = 8 };

void
eg_body_limit_shrink(struct eg_body_limit *l, size_t len)
{
	l->accepted = 0;
	/* Another request of the old size may get a 413 after the limit was halved; it must not
	 * be halved again for that. */
	if (len / 2 < l->bytes)
		l->bytes = len / 2;
}

void
eg_body_limit_full(struct eg_body_limit *l)
{
	if (l->bytes == EG_INFLUX_BODY_MAX || ++l->accepted < ACCEPTED_BEFORE_GROWTH)
		return;
	l->accepted = 0;
	l->bytes = l->bytes < EG_INFLUX_BODY_MAX / 2 ? 2 * l->bytes : EG_INFLUX_BODY_MAX;
}
