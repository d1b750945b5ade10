/* SPDX-License-Identifier: MIT */
/* The answer to a request: at once, or as a stream. */
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "http/http_parts.h"

enum {
	/* Most bytes kept for a slow client. */
	PUSH_MAX = 1024 * 1024,
	STREAM_BLOCK = 16 * 1024,
};

void
eg_http_cool(struct eg_http_request *r)
{
	r->http->hot -= r->hot;
	r->hot = false;
}

void
eg_http_wake(struct eg_http_request *r)
{
	if (r->hot) {
		eg_http_cool(r);
		r->http->woken = true;
	}
	if (!r->suspended)
		return;
	r->suspended = false;
	r->http->woken = true;
	MHD_resume_connection(r->connection);
}

static void
respond(struct eg_http_request *r, unsigned status, struct MHD_Response *response,
    const char *const *headers)
{
	for (; response != NULL && *headers != NULL; headers += 2)
		(void)MHD_add_response_header(response, headers[0], headers[1]);
	if (response != NULL && r->http->stopping)
		(void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
	r->status = status;
	r->response = response;
	r->lost = response == NULL;
	eg_http_wake(r);
}

void
eg_http_answer(struct eg_http_request *r, unsigned status, const char *body, size_t len,
    const char *const *headers)
{
	respond(r, status, MHD_create_response_from_buffer(len, (void *)(uintptr_t)body,
	    MHD_RESPMEM_MUST_COPY), headers);
}

static ssize_t
on_read(void *cls, uint64_t pos, char *buf, size_t max)
{
	struct eg_http_request *r = cls;
	size_t n = r->pushed_len < max ? r->pushed_len : max;

	(void)pos;
	if (n == 0 && r->over)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (n == 0) {
		MHD_suspend_connection(r->connection);
		r->suspended = true;
		return 0;
	}
	memcpy(buf, r->pushed, n);
	r->pushed_len -= n;
	memmove(r->pushed, r->pushed + n, r->pushed_len);
	return (ssize_t)n;
}

void
eg_http_stream(struct eg_http_request *r, const char *const *headers)
{
	r->streams = true;
	respond(r, MHD_HTTP_OK, MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK,
	    on_read, r, NULL), headers);
}

bool
eg_http_push(struct eg_http_request *r, const char *text, size_t len)
{
	if (r->pushed_len + len > PUSH_MAX ||
	    !eg_buf_grow(&r->pushed, &r->pushed_room, r->pushed_len + len, 1))
		return false;
	memcpy(r->pushed + r->pushed_len, text, len);
	r->pushed_len += len;
	eg_http_wake(r);
	return true;
}

void
eg_http_finish(struct eg_http_request *r)
{
	r->over = true;
	eg_http_wake(r);
}
