/* SPDX-License-Identifier: MIT */
/* The address of an InfluxDB's write API. */
#ifndef EG_ENDPOINT_H
#define EG_ENDPOINT_H

#include <stdbool.h>

struct eg_error;

enum eg_api { EG_API_V1, EG_API_V2, EG_API_V3 };

/* The server, the version of its API, and the names that this version needs. v1: db, optionally
 * rp. v2: org and bucket. v3: db. */
struct eg_endpoint {
	const char *url; /* accepted by eg_endpoint_check */
	enum eg_api api;
	const char *org, *bucket;
	const char *db, *rp; /* rp (retention policy): NULL for the default */
};

/* Checks that text is http or https, a host, and optionally a port and a path. -1 with EG_USAGE
 * and a reason, which never contains a user, a password or a query. */
int eg_endpoint_check(const char *text, struct eg_error *e);

/* The complete URL for writes, with times in nanoseconds (ns) or seconds. The caller frees it.
 * NULL if memory runs out. */
char *eg_endpoint_url(const struct eg_endpoint *p, bool ns);

#endif
