/* SPDX-License-Identifier: MIT */
/* An HTTP server in a poll loop. Only lib/http/http*.c know libmicrohttpd. */
#ifndef EG_HTTP_H
#define EG_HTTP_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct eg_error;
struct eg_http;
struct eg_http_config;

/* A request, from its headers until its answer is sent or its connection lost. */
struct eg_http_request {
	const char *method, *path; /* decoded; they live as long as the request */
	char *body;                /* all of it once whole is called, without a NUL */
	size_t len;
	size_t body_max; /* set by begun: more is answered with 413 */
	int fault;       /* in whole: 413 or 503, the body was not kept; 0: it is there */
	void *data;      /* the application's */
	/* The server's own: */
	struct eg_http *http;
	const struct eg_http_config *config;
	struct MHD_Connection *connection;
	struct eg_http_client *client;
	struct MHD_Response *response;
	unsigned status;
	size_t room;
	uint64_t passed_over; /* bytes of a body that nobody wants */
	int64_t since; /* hot: looked at again and again, not yet suspended */
	bool whole, hot, suspended, over, lost;
	char *pushed; /* of a stream, still to be sent */
	size_t pushed_len, pushed_room;
};

/* All are called from eg_http_work or eg_http_free. */
struct eg_http_calls {
	/* The headers are there. It may be answered already: a body is passed over then. */
	void (*begun)(void *ctx, struct eg_http_request *r);
	/* The body is there, too. It must be answered now or later. */
	void (*whole)(void *ctx, struct eg_http_request *r);
	/* Of every begun request, at its end: r is gone after the call. */
	void (*gone)(void *ctx, struct eg_http_request *r);
	/* Writes into out the body of a 408 for r, whose body came too slowly, or (NULL) for
	 * a request whose headers did. Returns its length. */
	size_t (*too_slow)(void *ctx, struct eg_http_request *r, char *out, size_t size);
};

/* Connections beyond the limit that are open for a moment, until the one that was idle
 * longest is closed. */
enum { EG_HTTP_SPARE = 64 };

struct eg_http_config {
	int listen_fd;         /* owned by the server from eg_http_new on, if that succeeds */
	const char *cert, *key; /* PEM text for TLS; NULL: plain HTTP */
	size_t connections;    /* at most; where there are more, the one idle longest is closed */
	int64_t patience_ms;   /* for a whole request to come */
	size_t *held;          /* bytes of memory under way, counted up and down for bodies */
	size_t held_max;       /* a body that would go beyond is answered with 503 */
	const struct eg_http_calls *calls;
	void *ctx;
};

/* Raises the soft limit of open files to what that many connections need, if the hard limit
 * allows it. Returns how many connections the limit has room for, at most as many. */
size_t eg_http_raise_limit(size_t connections);

struct eg_http *eg_http_new(const struct eg_http_config *config, struct eg_error *e);

/* Closes all. Every request must have been answered. */
void eg_http_free(struct eg_http *h);

/* No new connections; keep-alive ends with the next answer. */
void eg_http_stop(struct eg_http *h);

/* Fills fd for poll(2) and lowers *due (eg_mono_ms's clock). */
void eg_http_poll(struct eg_http *h, struct pollfd *fd, int64_t *due);

/* Serves what has come and sends what is to be sent. Never blocks. */
void eg_http_work(struct eg_http *h);

/* Whether eg_http_stop was called. */
bool eg_http_stopping(const struct eg_http *h);

/* How many connections there are, and requests that are whole and not yet sent off. */
size_t eg_http_connections(const struct eg_http *h);
size_t eg_http_unsent(const struct eg_http *h);
uint64_t eg_http_requests(const struct eg_http *h);

/* A header's or query parameter's value, or NULL; it lives as long as the request. A
 * parameter without a value is "". */
const char *eg_http_header(const struct eg_http_request *r, const char *name);
const char *eg_http_query(const struct eg_http_request *r, const char *name);

/* The password of basic authentication into out; false when there is none that fits. */
bool eg_http_password(const struct eg_http_request *r, char *out, size_t size);

/* Frees the body before the request's end. */
void eg_http_drop_body(struct eg_http_request *r);

/* Puts len bytes at body, which was allocated, in its place. */
void eg_http_replace_body(struct eg_http_request *r, char *body, size_t len);

/* Answers r, once. The body is copied; headers are name, value, ..., NULL. */
void eg_http_answer(struct eg_http_request *r, unsigned status, const char *body, size_t len,
    const char *const *headers);

/* Answers r with 200 and a body that comes bit by bit, by eg_http_push, until the
 * connection is lost or eg_http_finish is called. */
void eg_http_stream(struct eg_http_request *r, const char *const *headers);

/* Copies. False when a reader is so slow that nothing more is kept for it. */
bool eg_http_push(struct eg_http_request *r, const char *text, size_t len);
void eg_http_finish(struct eg_http_request *r);

/* Of lib/http/http*.c: goes on with a request that waits for its answer; keeps a piece of a
 * body, or notes the fault. */
void eg_http_wake(struct eg_http_request *r);
void eg_http_keep(struct eg_http_request *r, const char *data, size_t size);

#endif
