/* SPDX-License-Identifier: MIT */
/* The connections that wait for their client: their request is incomplete, or their answer is not
 * read yet. In the order in which that began. */
#ifndef EG_HTTP_WAITING_H
#define EG_HTTP_WAITING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct eg_http_request;

struct eg_http_client {
	int fd; /* the server's end */
	bool tls;
	bool began;    /* the request line was received */
	int64_t since; /* when it was added (eg_mono_ms) */
	struct eg_http_request *request; /* the current one; NULL: its headers are being read */
	/* Private to the list: */
	bool listed;
	struct eg_http_client *before, *after;
};

/* Initialise with zeros (empty). */
struct eg_http_waiting {
	struct eg_http_client *first, *last;
};

/* Adds c at the end: its next request begins now, or its answer. Removes it first if it is in l. */
void eg_http_waiting_add(struct eg_http_waiting *l, struct eg_http_client *c);

/* Removes c: its request is complete and waits for its answer, or its connection closed. Does
 * nothing if c is not in l. */
void eg_http_waiting_remove(struct eg_http_waiting *l, struct eg_http_client *c);

/* Sends a 408 answer with len bytes of JSON at body (len 0: sends nothing), shuts the socket
 * down and removes c. Does not block: what the socket does not take is lost.
 *
 * It writes to a socket of libmicrohttpd, which has no way to answer before the end of a
 * body. Nothing else is being sent then: libmicrohttpd sends the answer to one request before
 * it reads the next. After the shutdown it sees the end of the connection and frees it. Not
 * for TLS, whose state only libmicrohttpd has. */
void eg_http_waiting_cut_off(struct eg_http_waiting *l, struct eg_http_client *c,
    const char *body, size_t len);

#endif
