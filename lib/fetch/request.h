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

/* Settings for all requests. The caller owns the strings; NULL: not given. */
struct eg_fetch_config {
	const char *user, *password;
	bool basic;         /* use HTTP's basic authentication; otherwise digest */
	const char *token;  /* for bearer authentication */
	const char *cacert; /* file of trusted certificates */
	int64_t limit_ms;   /* of a request, from the name's resolution to the last byte */
};

/* Identifies the state of a resource (RFC 9110, section 8.8). Empty: not known. */
struct eg_fetch_version {
	char etag[EG_FETCH_TAG_MAX], modified[EG_FETCH_TAG_MAX];
};

/* An answer, or the reason why there is none. */
struct eg_fetch_answer {
	long status;            /* 0: no complete answer; see error, too_long and untrusted */
	char *body;             /* decompressed, EG_DECODE_MAX bytes at most */
	size_t len;
	bool too_long;          /* the body was longer, and was cut off */
	bool open_end;          /* only the closed connection ends the body: it may be cut short */
	bool untrusted;         /* the certificate is not trusted, or is for another host */
	struct eg_fetch_version version;
	int64_t retry_after_ms; /* from Retry-After; 0: none */
	const char *redirect;   /* the absolute URL of a redirect; NULL: none */
	const char *error;      /* message for status 0 */
};

/* Allows up to n requests at a time, or as many as open files allow; raises that limit. NULL with
 * *e. */
struct eg_fetch_requests *eg_fetch_requests_open(const struct eg_fetch_config *c, size_t n,
    struct eg_error *e);

/* Cancels the pending requests and frees. NULL is allowed. */
void eg_fetch_requests_close(struct eg_fetch_requests *r);

/* Begins a request. v: the version that the caller has, for which the answer is 304; NULL: none.
 * who is returned with the answer. Does not block. */
int eg_fetch_request(struct eg_fetch_requests *r, const char *url,
    const struct eg_fetch_version *v, void *who, struct eg_error *e);

/* The next answer, and in *who that of its request. It is valid until the next call. NULL: none has
 * arrived, or an error in *e. Does not block. */
const struct eg_fetch_answer *eg_fetch_requests_next(struct eg_fetch_requests *r, void **who,
    struct eg_error *e);

/* Blocks until a request makes progress, one of fds is ready, or the time is due (eg_mono_ms). Sets
 * the revents of fds. */
int eg_fetch_requests_wait(struct eg_fetch_requests *r, struct pollfd *fds, size_t n, int64_t due,
    struct eg_error *e);

#endif
