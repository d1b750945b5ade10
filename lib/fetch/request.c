/* SPDX-License-Identifier: MIT */
/* GET requests to many devices at once, over libcurl's multi interface. */
#include "fetch/request.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/redact.h"
#include "base/wait.h"
#include "decode/decode.h"
#include "http/http.h"

enum {
	CONNECT_MS = 5000,
	BUFFER_BYTES = 4096,      /* of a pending request */
	POLL_FDS = 4,
	WAIT_MOST_MS = 3600 * 1000, /* longest wait, since curl_multi_poll needs a limit */
	RETRY_AFTER_MAX_S = 3600,
};

struct request {
	CURL *easy;
	struct curl_slist *headers;
	void *who;
	struct eg_fetch_answer answer;
	size_t room; /* size of answer.body */
	char error[CURL_ERROR_SIZE];
	struct request *next, **at; /* position in the list of pending requests */
};

struct eg_fetch_requests {
	CURLM *multi;
	CURL *model; /* each request is a copy of it */
	struct curl_slist *headers; /* sent with each request */
	struct request *busy, *done; /* busy: pending; done: its answer is in use by the caller */
};

static int
no_memory(struct eg_error *e)
{
	return eg_fail(e, EG_BUG, "out of memory");
}

/* Appends `NAMEvalue` to a list of headers. */
static bool
add_header(struct curl_slist **list, const char *name, const char *value)
{
	struct curl_slist *more = NULL;
	char *text = NULL;

	if (asprintf(&text, "%s%s", name, value) >= 0)
		more = curl_slist_append(*list, text);
	free(text);
	if (more != NULL)
		*list = more;
	return more != NULL;
}

/* Appends to the body; ends the request if it becomes too long. */
static size_t
take_body(char *text, size_t one, size_t count, void *data)
{
	struct request *q = data;
	struct eg_fetch_answer *a = &q->answer;
	size_t len = one * count;

	a->too_long = len > EG_DECODE_MAX - a->len;
	if (a->too_long || !eg_buf_grow(&a->body, &q->room, a->len + len, 1))
		return 0;
	memcpy(a->body + a->len, text, len);
	a->len += len;
	return len;
}

static bool
set_credentials(CURL *c, const struct eg_fetch_config *config)
{
	if (config->user == NULL)
		return true;
	eg_redact_add_basic(config->user, config->password);
	return curl_easy_setopt(c, CURLOPT_HTTPAUTH,
		   config->basic ? CURLAUTH_BASIC : CURLAUTH_DIGEST) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_USERNAME, config->user) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_PASSWORD, config->password) == CURLE_OK;
}

/* Closes connections after each request, since a device has few sockets. */
static int
set_model(CURL *c, const struct eg_fetch_config *config, struct eg_error *e)
{
	int64_t connect = config->limit_ms < CONNECT_MS ? config->limit_ms : CONNECT_MS;

	if (!set_credentials(c, config) ||
	    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) != CURLE_OK ||
	    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https") != CURLE_OK ||
	    curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) != CURLE_OK ||
	    curl_easy_setopt(c, CURLOPT_FORBID_REUSE, 1L) != CURLE_OK ||
	    curl_easy_setopt(c, CURLOPT_USERAGENT, "eg-fetch/" EG_VERSION) != CURLE_OK ||
	    curl_easy_setopt(c, CURLOPT_ACCEPT_ENCODING, "gzip, deflate") != CURLE_OK ||
	    curl_easy_setopt(c, CURLOPT_MAXFILESIZE, (long)EG_DECODE_MAX) != CURLE_OK ||
	    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body) != CURLE_OK ||
	    curl_easy_setopt(c, CURLOPT_BUFFERSIZE, (long)BUFFER_BYTES) != CURLE_OK ||
	    curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) != CURLE_OK ||
	    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)connect) != CURLE_OK ||
	    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)config->limit_ms) != CURLE_OK)
		return eg_fail(e, EG_BUG, "libcurl does not take an option that it should know");
	if (config->cacert != NULL && access(config->cacert, R_OK) != 0)
		return eg_fail(e, eg_status_of(errno), "cannot read '%s': %s", config->cacert, strerror(errno));
	if (config->cacert != NULL &&
	    curl_easy_setopt(c, CURLOPT_CAINFO, config->cacert) != CURLE_OK)
		return eg_fail(e, EG_CONFIG, "this libcurl cannot use a file of certificates");
	return 0;
}

static int
open_requests(struct eg_fetch_requests *r, const struct eg_fetch_config *c, size_t n,
    struct eg_error *e)
{
	size_t most = eg_http_raise_limit(n);

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return eg_fail(e, EG_BUG, "cannot start libcurl");
	r->multi = curl_multi_init();
	r->model = curl_easy_init();
	if (r->multi == NULL || r->model == NULL ||
	    (c->token != NULL && !add_header(&r->headers, "Authorization: Bearer ", c->token)))
		return no_memory(e);
	/* libcurl queues requests above the limit of open files. 0 would be no limit. */
	if (curl_multi_setopt(r->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, most > 0 ? (long)most : 1L) !=
	    CURLM_OK)
		return eg_fail(e, EG_BUG, "libcurl does not take an option that it should know");
	return set_model(r->model, c, e);
}

struct eg_fetch_requests *
eg_fetch_requests_open(const struct eg_fetch_config *c, size_t n, struct eg_error *e)
{
	struct eg_fetch_requests *r = calloc(1, sizeof(*r));

	if (r == NULL) {
		no_memory(e);
		return NULL;
	}
	if (open_requests(r, c, n, e) != 0) {
		eg_fetch_requests_close(r);
		return NULL;
	}
	return r;
}

static void
free_request(struct request *q)
{
	if (q == NULL)
		return;
	curl_easy_cleanup(q->easy);
	curl_slist_free_all(q->headers);
	free(q->answer.body);
	free(q);
}

/* Removes a request from the list and from libcurl. */
static void
end_request(struct eg_fetch_requests *r, struct request *q)
{
	curl_multi_remove_handle(r->multi, q->easy);
	*q->at = q->next;
	if (q->next != NULL)
		q->next->at = q->at;
}

void
eg_fetch_requests_close(struct eg_fetch_requests *r)
{
	if (r == NULL)
		return;
	while (r->busy != NULL) {
		struct request *q = r->busy;

		end_request(r, q);
		free_request(q);
	}
	free_request(r->done);
	curl_easy_cleanup(r->model);
	curl_multi_cleanup(r->multi);
	curl_slist_free_all(r->headers);
	free(r);
	curl_global_cleanup();
}

static bool
set_headers(const struct eg_fetch_requests *r, struct request *q, const struct eg_fetch_version *v)
{
	bool ok = add_header(&q->headers, "Connection: close", "");

	for (const struct curl_slist *h = r->headers; h != NULL && ok; h = h->next)
		ok = add_header(&q->headers, h->data, "");
	if (ok && v != NULL && *v->etag != '\0')
		ok = add_header(&q->headers, "If-None-Match: ", v->etag);
	if (ok && v != NULL && *v->modified != '\0')
		ok = add_header(&q->headers, "If-Modified-Since: ", v->modified);
	return ok;
}

int
eg_fetch_request(struct eg_fetch_requests *r, const char *url, const struct eg_fetch_version *v,
    void *who, struct eg_error *e)
{
	struct request *q = calloc(1, sizeof(*q));

	if (q == NULL || (q->easy = curl_easy_duphandle(r->model)) == NULL || !set_headers(r, q, v)) {
		free_request(q);
		return no_memory(e);
	}
	q->who = who;
	if (curl_easy_setopt(q->easy, CURLOPT_URL, url) != CURLE_OK ||
	    curl_easy_setopt(q->easy, CURLOPT_PRIVATE, q) != CURLE_OK ||
	    curl_easy_setopt(q->easy, CURLOPT_WRITEDATA, q) != CURLE_OK ||
	    curl_easy_setopt(q->easy, CURLOPT_ERRORBUFFER, q->error) != CURLE_OK ||
	    curl_easy_setopt(q->easy, CURLOPT_HTTPHEADER, q->headers) != CURLE_OK ||
	    curl_multi_add_handle(r->multi, q->easy) != CURLM_OK) {
		free_request(q);
		return eg_fail(e, EG_BUG, "libcurl does not take a request");
	}
	q->next = r->busy;
	q->at = &r->busy;
	if (q->next != NULL)
		q->next->at = &q->next;
	r->busy = q;
	return 0;
}

/* Copies a header of the last answer; leaves it out if it is too long. */
static void
copy_header(CURL *c, const char *name, char out[EG_FETCH_TAG_MAX])
{
	struct curl_header *header;

	if (curl_easy_header(c, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK &&
	    strlen(header->value) < EG_FETCH_TAG_MAX)
		memcpy(out, header->value, strlen(header->value) + 1);
}

/* Whether nothing but the closed connection ends the body (RFC 9112, section 6.3). */
static bool
has_open_end(CURL *c)
{
	struct curl_header *coding;
	curl_off_t len = -1;

	curl_easy_getinfo(c, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &len);
	return len < 0 &&
	    (curl_easy_header(c, "Transfer-Encoding", 0, CURLH_HEADER, -1, &coding) != CURLHE_OK ||
	    strcasestr(coding->value, "chunked") == NULL);
}

static void
fill_answer(struct request *q, CURLcode code)
{
	struct eg_fetch_answer *a = &q->answer;
	curl_off_t pause = 0;
	char *redirect = NULL;

	a->too_long |= code == CURLE_FILESIZE_EXCEEDED;
	a->untrusted = code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE;
	if (code != CURLE_OK) {
		eg_redact_text(q->error);
		a->error = *q->error != '\0' ? q->error : curl_easy_strerror(code);
		/* libcurl has one code for both. */
		if (code == CURLE_OUT_OF_MEMORY)
			a->error = "a header of the answer is too long, or memory ran out";
		return;
	}
	curl_easy_getinfo(q->easy, CURLINFO_RESPONSE_CODE, &a->status);
	curl_easy_getinfo(q->easy, CURLINFO_RETRY_AFTER, &pause);
	curl_easy_getinfo(q->easy, CURLINFO_REDIRECT_URL, &redirect);
	a->retry_after_ms = (pause < RETRY_AFTER_MAX_S ? pause : RETRY_AFTER_MAX_S) * 1000;
	a->redirect = redirect;
	a->open_end = has_open_end(q->easy);
	copy_header(q->easy, "ETag", a->version.etag);
	copy_header(q->easy, "Last-Modified", a->version.modified);
}

/* Takes a complete request from libcurl; NULL: there is none. */
static struct request *
take_ended(struct eg_fetch_requests *r)
{
	struct request *q = NULL;
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(r->multi, &left)) != NULL) {
		CURLcode result = m->data.result;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &q);
		fill_answer(q, result);
		end_request(r, q);
		return q;
	}
	return NULL;
}

const struct eg_fetch_answer *
eg_fetch_requests_next(struct eg_fetch_requests *r, void **who, struct eg_error *e)
{
	CURLMcode code;
	int running;

	free_request(r->done);
	r->done = take_ended(r);
	if (r->done == NULL) {
		code = curl_multi_perform(r->multi, &running);
		if (code != CURLM_OK)
			eg_fail(e, EG_BUG, "libcurl: %s", curl_multi_strerror(code));
		r->done = take_ended(r);
	}
	if (r->done == NULL)
		return NULL;
	*who = r->done->who;
	return &r->done->answer;
}

int
eg_fetch_requests_wait(struct eg_fetch_requests *r, struct pollfd *fds, size_t n, int64_t due,
    struct eg_error *e)
{
	struct curl_waitfd extra[POLL_FDS] = { 0 };
	int64_t left = due - eg_mono_ms();
	CURLMcode code;

	for (size_t i = 0; i < n && i < POLL_FDS; i++)
		extra[i] = (struct curl_waitfd){ .fd = fds[i].fd,
			.events = (short)(((fds[i].events & POLLIN) != 0 ? CURL_WAIT_POLLIN : 0) |
			    ((fds[i].events & POLLOUT) != 0 ? CURL_WAIT_POLLOUT : 0)) };
	left = left < 0 ? 0 : left > WAIT_MOST_MS ? WAIT_MOST_MS : left;
	code = curl_multi_poll(r->multi, extra, (unsigned)n, (int)left, NULL);
	if (code != CURLM_OK)
		return eg_fail(e, EG_BUG, "libcurl: %s", curl_multi_strerror(code));
	/* curl_multi_poll does not report POLLERR and POLLHUP. */
	(void)eg_wait_fds(fds, n, 0);
	return 0;
}
