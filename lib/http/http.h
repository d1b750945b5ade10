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

/* A request: from the end of its headers until its answer is sent or its connection is
 * closed. */
struct eg_http_request {
	const char *method, *path; /* percent-decoded; valid as long as the request */
	char *body;                /* complete when whole is called; not NUL-terminated */
	size_t len;
	size_t body_max; /* bytes; set by begun: a longer body is fault 413 */
	int fault;       /* in whole: 413 or 503 if the body was not kept, else 0 */
	void *data;      /* for the application */
	/* Private to the server: */
	struct eg_http *http;
	const struct eg_http_config *config;
	struct MHD_Connection *connection;
	struct eg_http_client *client;
	struct MHD_Response *response;
	unsigned status;
	size_t room;
	uint64_t passed_over; /* bytes of an unwanted body, read and discarded */
	int64_t since; /* hot: when the wait for the answer began */
	bool whole;
	bool hot;       /* waits for its answer, and is polled without a pause */
	bool suspended; /* waits for its answer, or for more of a stream */
	bool streams;   /* the answer is a stream */
	bool over;      /* the stream ends when all of it is sent */
	bool lost;      /* there was no memory for the answer */
	char *pushed; /* the part of a stream that is not sent yet */
	size_t pushed_len, pushed_room;
};

/* All are called from eg_http_work or eg_http_free. */
struct eg_http_calls {
	/* The headers are complete. It may answer; then the body is discarded, and whole is not
	 * called. */
	void (*begun)(void *ctx, struct eg_http_request *r);
	/* The body is complete. It must answer, now or later. */
	void (*whole)(void *ctx, struct eg_http_request *r);
	/* The end of every request for which begun was called. r is freed after the call. */
	void (*gone)(void *ctx, struct eg_http_request *r);
	/* Writes the body of a 408 answer to out and returns its length. r: the request whose
	 * body was not received in time; NULL: the headers were not. */
	size_t (*too_slow)(void *ctx, struct eg_http_request *r, char *out, size_t size);
};

/* Connections above the limit that can be open for a moment, until the one that has been
 * idle longest is closed. */
enum { EG_HTTP_SPARE = 64 };

/* Descriptors for other uses: the child's pipes, files and the like, and the connection for which
 * an idle one is closed. */
enum { EG_HTTP_OWN = 64 };

struct eg_http_config {
	int listen_fd;         /* owned by the server if eg_http_new succeeds */
	const char *cert, *key; /* PEM text for TLS; NULL: plain HTTP */
	/* With more connections, the one idle longest is closed. 0: the limit of open files allows
	 * none. */
	size_t connections;
	int64_t receive_ms;   /* time limit for receiving a whole request */
	size_t *held;          /* bytes of memory in use, to which the server adds bodies */
	size_t held_max;       /* above this, a body gets fault 503 */
	const struct eg_http_calls *calls;
	void *ctx;
};

/* Raises the soft limit of open files for this number of connections, as far as the hard limit
 * allows. Returns the number of connections that the limit allows, at most connections: 0 if it is
 * so low that a server would run out of descriptors. */
size_t eg_http_raise_limit(size_t connections);

/* Starts the server. config is copied; calls, held and ctx must stay alive. NULL with *e
 * (EG_CONFIG: wrong certificate or key, or no connections). */
struct eg_http *eg_http_new(const struct eg_http_config *config, struct eg_error *e);

/* Closes all connections. Every request must have its answer. h may be NULL. */
void eg_http_free(struct eg_http *h);

/* Accepts no more connections, and closes each one after its next answer. */
void eg_http_stop(struct eg_http *h);

/* Fills fd for poll(2), and lowers *due (eg_mono_ms) to when eg_http_work must be called. */
void eg_http_poll(struct eg_http *h, struct pollfd *fd, int64_t *due);

/* Reads what has arrived and sends what is ready. Never blocks. */
void eg_http_work(struct eg_http *h);

/* The number of open connections, of complete requests whose answer is not sent yet, and of
 * requests since the start. */
size_t eg_http_connections(const struct eg_http *h);
size_t eg_http_unsent(const struct eg_http *h);
uint64_t eg_http_requests(const struct eg_http *h);

/* The value of a header or a query parameter (name: any case for a header), valid as long
 * as the request. NULL: there is none. A parameter without a value is "". */
const char *eg_http_header(const struct eg_http_request *r, const char *name);
const char *eg_http_query(const struct eg_http_request *r, const char *name);

/* Writes the password of basic authentication to out. False: there is none, or it is too
 * long. */
bool eg_http_password(const struct eg_http_request *r, char *out, size_t size);

/* Whether the Host header is a name or address of this machine only (localhost, 127.0.0.0/8,
 * [::1]), with or without a port, or missing: every browser sends one. If not, and only this
 * machine can reach the server, a web page may have asked, of a site whose name resolves to this
 * machine's address (DNS rebinding). */
bool eg_http_local_host(const struct eg_http_request *r);

/* Frees the body. */
void eg_http_drop_body(struct eg_http_request *r);

/* Replaces the body. body was allocated, has len bytes, and is owned by r from now on. */
void eg_http_replace_body(struct eg_http_request *r, char *body, size_t len);

/* Answers r; to be called once. Copies body and headers (name, value, ..., NULL). */
void eg_http_answer(struct eg_http_request *r, unsigned status, const char *body, size_t len,
    const char *const *headers);

/* Answers r with status 200 and a body that eg_http_push appends to, until the connection is
 * closed or eg_http_finish is called. */
void eg_http_stream(struct eg_http_request *r, const char *const *headers);

/* Appends to the body of a stream; copies. False: nothing is appended, since a slow client has a
 * megabyte to read first. */
bool eg_http_push(struct eg_http_request *r, const char *text, size_t len);

/* Ends a stream after all of it is sent. */
void eg_http_finish(struct eg_http_request *r);

#endif
