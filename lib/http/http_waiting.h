/* SPDX-License-Identifier: MIT */
/* Connections that are to send a request, the one that has been at it longest in front. */
#ifndef EG_HTTP_WAITING_H
#define EG_HTTP_WAITING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct eg_http_request;

struct eg_http_client {
	int fd; /* its server's */
	bool tls;
	bool began;    /* the request line has come */
	int64_t since; /* listed, on eg_mono_ms's clock */
	struct eg_http_request *request; /* whose body is being read */
	/* The list's own: */
	bool listed;
	struct eg_http_client *before, *after;
};

/* Zeroed it is empty. */
struct eg_http_waiting {
	struct eg_http_client *first, *last;
};

/* It is to send a request, from now on. */
void eg_http_waiting_add(struct eg_http_waiting *l, struct eg_http_client *c);

/* It has sent one, or is gone. Nothing happens when it is not listed. */
void eg_http_waiting_remove(struct eg_http_waiting *l, struct eg_http_client *c);

/* Sends it a 408 with len bytes of JSON at body (0: nothing is sent), as far as that does
 * not block, shuts its socket down and removes it. */
void eg_http_waiting_cut_off(struct eg_http_waiting *l, struct eg_http_client *c, const char *body, size_t len);

#endif
