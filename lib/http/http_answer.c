/* SPDX-License-Identifier: MIT */
/* What a request says, and what it is answered. */
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

#include "http/http.h"

enum {
	/* A watcher that is this far behind gets nothing more. */
	PUSH_MAX = 1024 * 1024,
	STREAM_BLOCK = 16 * 1024,
};

const char *
eg_http_header(const struct eg_http_request *r, const char *name)
{
	return MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name);
}

const char *
eg_http_query(const struct eg_http_request *r, const char *name)
{
	const char *value = NULL;
	size_t len;

	if (MHD_lookup_connection_value_n(r->connection, MHD_GET_ARGUMENT_KIND, name,
	        strlen(name), &value, &len) != MHD_YES)
		return NULL;
	return value != NULL ? value : "";
}

bool
eg_http_password(const struct eg_http_request *r, char *out, size_t size)
{
	char *password = NULL;
	char *user = MHD_basic_auth_get_username_password(r->connection, &password);
	bool fits = password != NULL && strlen(password) < size;

	if (fits)
		memcpy(out, password, strlen(password) + 1);
	if (password != NULL)
		explicit_bzero(password, strlen(password));
	MHD_free(password);
	MHD_free(user);
	return fits;
}

static void
respond(struct eg_http_request *r, unsigned status, struct MHD_Response *response,
    const char *const *headers)
{
	for (; response != NULL && *headers != NULL; headers += 2)
		(void)MHD_add_response_header(response, headers[0], headers[1]);
	if (response != NULL && eg_http_stopping(r->http))
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
	respond(r, MHD_HTTP_OK, MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK,
	    on_read, r, NULL), headers);
}

bool
eg_http_push(struct eg_http_request *r, const char *text, size_t len)
{
	if (r->pushed_len + len > PUSH_MAX)
		return false;
	if (r->pushed_len + len > r->pushed_room) {
		char *more = realloc(r->pushed, r->pushed_len + len);

		if (more == NULL)
			return false;
		r->pushed = more;
		r->pushed_room = r->pushed_len + len;
	}
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
