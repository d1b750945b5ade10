/* SPDX-License-Identifier: MIT */
/* Shared by the files of the HTTP server only. Each file calls those above it only:
 * http_request.c, http_body.c, http_answer.c, http.c. */
#ifndef EG_HTTP_PARTS_H
#define EG_HTTP_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/http.h"
#include "http/http_waiting.h"

struct MHD_Daemon;

struct eg_http {
	struct eg_http_config cfg;
	struct MHD_Daemon *daemon;
	int epoll_fd;
	struct eg_http_waiting clients;
	size_t connections, unsent, hot;
	uint64_t requests;
	int64_t check, now; /* next search for slow requests; time of this round (eg_mono_ms) */
	bool stopping;
	bool woken; /* a connection was resumed or closed, which MHD_get_timeout ignores */
};

/* Appends a piece of the body, or sets r->fault. */
void eg_http_keep(struct eg_http_request *r, const char *data, size_t size);

/* Ends the phase in which a request that waits for its answer is polled. */
void eg_http_cool(struct eg_http_request *r);

/* Makes libmicrohttpd continue with a request that waits for its answer, or for more of it. */
void eg_http_wake(struct eg_http_request *r);

#endif
