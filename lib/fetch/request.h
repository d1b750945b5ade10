/* SPDX-License-Identifier: MIT */
/* GET requests to many devices at once, over libcurl's multi interface. */
#ifndef EG_FETCH_REQUEST_H
#define EG_FETCH_REQUEST_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct eg_error;
struct eg_fetch_requests;

#define EG_FETCH_TAG_MAX 256 /* bytes of an ETag or a Last-Modified that are kept, with the NUL */

/* How all devices are asked. Strings stay the caller's; NULL: not given. */
struct eg_fetch_config {
	const char *user, *password;
	bool basic;         /* HTTP's basic authentication; else digest */
	const char *token;  /* bearer */
	const char *cacert; /* file of trusted certificates */
	int64_t limit_ms;   /* for an answer, from the name's resolution to the last byte */
};

/* What identifies the state of a resource (RFC 9110, section 8.8). Empty: not known. */
struct eg_fetch_version {
	char etag[EG_FETCH_TAG_MAX], modified[EG_FETCH_TAG_MAX];
};

/* An answer, or why there is none. */
struct eg_fetch_answer {
	long status;            /* 0: no whole answer came, see error, too_long and untrusted */
	char *body;             /* without its compression, EG_DECODE_MAX bytes at most */
	size_t len;
	bool too_long;          /* it was longer, and was cut off */
	bool untrusted;         /* its certificate is not trusted, or not that of the host */
	struct eg_fetch_version version;
	int64_t retry_after_ms; /* 0: none */
	const char *redirect;   /* the URL of a redirect, whole; NULL: none */
	const char *error;      /* in words */
};

/* Allows up to n requests at a time, or as many as files may be open. Raises that limit. NULL
 * with *e. */
struct eg_fetch_requests *eg_fetch_requests_open(const struct eg_fetch_config *c, size_t n,
    struct eg_error *e);

/* Ends the requests that are on their way. NULL is allowed. */
void eg_fetch_requests_close(struct eg_fetch_requests *r);

/* Begins a request. v: what the caller has, so that the answer may be 304; NULL: nothing. who is
 * returned with the answer. Does not block. */
int eg_fetch_request(struct eg_fetch_requests *r, const char *url,
    const struct eg_fetch_version *v, void *who, struct eg_error *e);

/* The next answer that is there, and in *who whose it is. It is valid until the next call. NULL:
 * none, or an error in *e. Does not block. */
const struct eg_fetch_answer *eg_fetch_requests_next(struct eg_fetch_requests *r, void **who,
    struct eg_error *e);

/* Blocks until a request goes on, one of fds is ready, or due on eg_mono_ms's clock. Sets each
 * revents. */
int eg_fetch_requests_wait(struct eg_fetch_requests *r, struct pollfd *fds, size_t n, int64_t due,
    struct eg_error *e);

#endif
