/* SPDX-License-Identifier: MIT */
/* The address that an InfluxDB takes writes at. */
#ifndef EG_ENDPOINT_H
#define EG_ENDPOINT_H

#include <stdbool.h>

struct eg_error;

/* Which of the two APIs, and its names: v2 takes org and bucket, v1 db and perhaps rp. */
struct eg_endpoint {
	const char *url; /* passed eg_endpoint_check */
	bool v1;
	const char *org, *bucket;
	const char *db, *rp; /* rp: NULL for the default */
};

/* Whether text is an address as we want it: http or https, a host, at most a port and
 * a path, no user and password. -1 with EG_USAGE and a reason that shows no password. */
int eg_endpoint_check(const char *text, struct eg_error *e);

/* The whole address for writes with times in nanoseconds or seconds, to be freed by
 * the caller; NULL without memory. */
char *eg_endpoint_url(const struct eg_endpoint *p, bool ns);

#endif
