/* SPDX-License-Identifier: MIT */
/* POST to an InfluxDB, over libcurl's multi interface. */
#include "influx/influx.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <zlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/redact.h"
#include "base/wait.h"
#include "influx/curl_reply.h"
#include "influx/endpoint.h"
#include "influx/write_reply.h"

enum {
	CONNECT_MS = 5000,
	UPLOAD_BYTES = 512 * 1024,
	UNSENT_BYTES = 64 * 1024,
	POLL_FDS = 8,
	WAIT_MOST_MS = 3600 * 1000, /* curl_multi_poll has no unlimited wait */
	GZIP_WINDOW = 15 + 16, /* the largest window, in gzip format */
	GZIP_SPARE = 1024,
};

struct connection {
	CURL *easy;
	struct eg_write_reply answer;
	char *reply; /* data behind answer.body; NULL until an answer has a body */
	size_t reply_room;
	size_t dropped; /* bytes of the answer's body that were not stored */
	char error[CURL_ERROR_SIZE];
	char *body, *packed; /* packed: the compressed body; NULL without gzip */
	size_t size; /* size in bytes of the request's body as sent */
	bool busy;
};

struct eg_influx {
	const struct eg_influx_config *config;
	CURLM *multi;
	struct curl_slist *headers;
	char *url_s, *url_ns;
	z_stream z;
	bool z_open;
	struct connection c[EG_INFLUX_SLOTS_MAX];
};

static int
no_memory(struct eg_error *e)
{
	return eg_fail(e, EG_BUG, "out of memory");
}

static int
add_header(struct eg_influx *h, const char *text, struct eg_error *e)
{
	struct curl_slist *more = curl_slist_append(h->headers, text);

	if (more == NULL)
		return no_memory(e);
	h->headers = more;
	return 0;
}

static int
add_request_headers(struct eg_influx *h, struct eg_error *e)
{
	const char *token = h->config->token;
	char *text = NULL;
	int rc;

	/* `Expect: 100-continue` would cost one round trip. */
	if (add_header(h, "Expect:", e) != 0 ||
	    add_header(h, "Content-Type: text/plain; charset=utf-8", e) != 0 ||
	    (h->config->gzip && add_header(h, "Content-Encoding: gzip", e) != 0))
		return -1;
	if (token == NULL || h->config->to.api == EG_API_V1)
		return 0;
	if (asprintf(&text, "Authorization: %s %s",
		h->config->to.api == EG_API_V3 ? "Bearer" : "Token", token) < 0)
		return no_memory(e);
	rc = add_header(h, text, e);
	free(text);
	return rc;
}

/* Stores the beginning of an answer's body. Ends the transfer, with CURLE_WRITE_ERROR, when a body
 * seems to have no end: otherwise a server could send at full speed until the time limit. */
static size_t
take_body(char *text, size_t one, size_t count, void *data)
{
	struct connection *n = data;
	struct eg_write_reply *a = &n->answer;
	size_t len = one * count;

	if (a->len + len > EG_WRITE_REPLY_BODY_MAX ||
	    !eg_buf_grow(&n->reply, &n->reply_room, a->len + len, 1)) {
		a->cut = true;
		n->dropped += len;
		return n->dropped > EG_WRITE_REPLY_DROPPED_MAX ? 0 : len;
	}
	memcpy(n->reply + a->len, text, len);
	a->body = n->reply;
	a->len += len;
	return len;
}

/* libcurl counts bytes in the kernel's buffer as sent. A small buffer lets us notice an answer
 * that arrives before the request is complete. */
static int
limit_unsent(void *data, curl_socket_t fd, curlsocktype type)
{
	const int most = UNSENT_BYTES;

	(void)data;
	if (type == CURLSOCKTYPE_IPCXN)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &most, sizeof(most));
	return CURL_SOCKOPT_OK;
}

static bool
set_credentials(CURL *c, const struct eg_influx_config *config)
{
	if (config->to.api != EG_API_V1 || config->user == NULL)
		return true;
	eg_redact_add_basic(config->user, config->password != NULL ? config->password : "");
	return curl_easy_setopt(c, CURLOPT_HTTPAUTH, CURLAUTH_BASIC) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_USERNAME, config->user) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_PASSWORD,
		config->password != NULL ? config->password : "") == CURLE_OK;
}

static int
open_connection(struct eg_influx *h, struct connection *n, struct eg_error *e)
{
	const struct eg_influx_config *config = h->config;
	CURL *c = n->easy = curl_easy_init();

	n->body = malloc(EG_INFLUX_BODY_MAX);
	if (config->gzip)
		n->packed = malloc(deflateBound(&h->z, EG_INFLUX_BODY_MAX) + GZIP_SPARE);
	if (c == NULL || n->body == NULL || (config->gzip && n->packed == NULL))
		return no_memory(e);
	if (!set_credentials(c, config) ||
	    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) != CURLE_OK ||
	    curl_easy_setopt(c, CURLOPT_PRIVATE, n) != CURLE_OK ||
	    curl_easy_setopt(c, CURLOPT_ERRORBUFFER, n->error) != CURLE_OK ||
	    curl_easy_setopt(c, CURLOPT_HTTPHEADER, h->headers) != CURLE_OK ||
	    curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) != CURLE_OK ||
	    curl_easy_setopt(c, CURLOPT_USERAGENT, "eg-influx/" EG_VERSION) != CURLE_OK ||
	    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body) != CURLE_OK ||
	    curl_easy_setopt(c, CURLOPT_WRITEDATA, n) != CURLE_OK ||
	    curl_easy_setopt(c, CURLOPT_SOCKOPTFUNCTION, limit_unsent) != CURLE_OK ||
	    curl_easy_setopt(c, CURLOPT_UPLOAD_BUFFERSIZE, (long)UPLOAD_BYTES) != CURLE_OK ||
	    curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) != CURLE_OK ||
	    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS) != CURLE_OK ||
	    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)config->request_timeout_ms) != CURLE_OK)
		return eg_fail(e, EG_BUG, "libcurl does not take an option that it should know");
	if (config->cacert != NULL &&
	    curl_easy_setopt(c, CURLOPT_CAINFO, config->cacert) != CURLE_OK)
		return eg_fail(e, EG_CONFIG, "this libcurl cannot use a file of certificates");
	return 0;
}

static int
open_connections(struct eg_influx *h, size_t n, struct eg_error *e)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return eg_fail(e, EG_BUG, "cannot start libcurl");
	h->multi = curl_multi_init();
	h->url_s = eg_endpoint_url(&h->config->to, false);
	h->url_ns = eg_endpoint_url(&h->config->to, true);
	if (h->multi == NULL || h->url_s == NULL || h->url_ns == NULL)
		return no_memory(e);
	h->z_open = deflateInit2(&h->z, Z_BEST_SPEED, Z_DEFLATED, GZIP_WINDOW, MAX_MEM_LEVEL,
	    Z_DEFAULT_STRATEGY) == Z_OK;
	if (!h->z_open)
		return no_memory(e);
	if (add_request_headers(h, e) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (open_connection(h, &h->c[i], e) != 0)
			return -1;
	return 0;
}

struct eg_influx *
eg_influx_open(const struct eg_influx_config *c, size_t n, struct eg_error *e)
{
	struct eg_influx *h = calloc(1, sizeof(*h));

	if (h == NULL) {
		no_memory(e);
		return NULL;
	}
	h->config = c;
	if (open_connections(h, n, e) != 0) {
		eg_influx_close(h);
		return NULL;
	}
	return h;
}

void
eg_influx_close(struct eg_influx *h)
{
	if (h == NULL)
		return;
	for (size_t i = 0; i < EG_INFLUX_SLOTS_MAX; i++) {
		struct connection *n = &h->c[i];

		if (n->busy)
			curl_multi_remove_handle(h->multi, n->easy);
		curl_easy_cleanup(n->easy);
		free(n->body);
		free(n->packed);
		free(n->reply);
	}
	curl_multi_cleanup(h->multi);
	curl_slist_free_all(h->headers);
	if (h->z_open)
		deflateEnd(&h->z);
	free(h->url_s);
	free(h->url_ns);
	free(h);
	curl_global_cleanup();
}

char *
eg_influx_body(struct eg_influx *h, size_t i)
{
	return h->c[i].body;
}

static int
set_body(struct eg_influx *h, struct connection *n, size_t *len, struct eg_error *e)
{
	const char *body = n->body;

	if (h->config->gzip) {
		/* zlib does not write to next_in; its type only lacks const. */
		h->z.next_in = (Bytef *)n->body;
		h->z.avail_in = (uInt)*len;
		h->z.next_out = (Bytef *)n->packed;
		h->z.avail_out = (uInt)deflateBound(&h->z, EG_INFLUX_BODY_MAX) + GZIP_SPARE;
		if (deflateReset(&h->z) != Z_OK || deflate(&h->z, Z_FINISH) != Z_STREAM_END)
			return eg_fail(e, EG_BUG, "cannot compress a body");
		body = n->packed;
		*len = h->z.total_out;
	}
	if (curl_easy_setopt(n->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)*len) != CURLE_OK ||
	    curl_easy_setopt(n->easy, CURLOPT_POSTFIELDS, body) != CURLE_OK)
		return eg_fail(e, EG_BUG, "libcurl does not take a body");
	return 0;
}

/* Creates a handle for each request; the multi handle owns the connections and keeps them. A new
 * one is needed, since libcurl 7.88 appends a folded first header line to the last header of the
 * handle's previous answer, which is freed. */
static int
renew_handle(struct connection *n, struct eg_error *e)
{
	CURL *c = curl_easy_duphandle(n->easy);

	if (c == NULL)
		return no_memory(e);
	curl_easy_cleanup(n->easy);
	n->easy = c;
	return 0;
}

size_t
eg_influx_post(struct eg_influx *h, size_t i, size_t len, bool ns, struct eg_error *e)
{
	struct connection *n = &h->c[i];

	if (renew_handle(n, e) != 0 || set_body(h, n, &len, e) != 0)
		return 0;
	n->answer = (struct eg_write_reply){ .status = 0 };
	n->size = len;
	n->dropped = 0;
	n->error[0] = '\0';
	/* Free it now: answers with a body are rare and may be large. */
	free(n->reply);
	n->reply = NULL;
	n->reply_room = 0;
	if (curl_easy_setopt(n->easy, CURLOPT_URL, ns ? h->url_ns : h->url_s) != CURLE_OK ||
	    curl_multi_add_handle(h->multi, n->easy) != CURLM_OK) {
		eg_fail(e, EG_BUG, "libcurl does not take a request");
		return 0;
	}
	n->busy = true;
	return len > 0 ? len : 1;
}

const struct eg_write_reply *
eg_influx_next(struct eg_influx *h, size_t *i, struct eg_error *e)
{
	int running, left;
	CURLMcode code = curl_multi_perform(h->multi, &running);
	CURLMsg *m;

	if (code != CURLM_OK) {
		eg_fail(e, EG_BUG, "libcurl: %s", curl_multi_strerror(code));
		return NULL;
	}
	while ((m = curl_multi_info_read(h->multi, &left)) != NULL) {
		struct connection *n = NULL;
		CURLcode result = m->data.result;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &n);
		eg_curl_reply(n->easy, result, n->error, n->size, &n->answer);
		curl_multi_remove_handle(h->multi, n->easy);
		n->busy = false;
		*i = (size_t)(n - h->c);
		return &n->answer;
	}
	return NULL;
}

int
eg_influx_wait(struct eg_influx *h, struct pollfd *fds, size_t n, int64_t due,
    struct eg_error *e)
{
	struct curl_waitfd extra[POLL_FDS] = { 0 };
	int64_t left = due - eg_mono_ms();
	unsigned k = 0;
	CURLMcode code;

	for (size_t i = 0; i < n; i++) {
		fds[i].revents = 0;
		if (fds[i].fd < 0)
			continue;
		if (k == POLL_FDS)
			return eg_fail(e, EG_BUG, "too many descriptors to wait for");
		extra[k].fd = fds[i].fd;
		if ((fds[i].events & POLLIN) != 0)
			extra[k].events |= CURL_WAIT_POLLIN;
		if ((fds[i].events & POLLOUT) != 0)
			extra[k].events |= CURL_WAIT_POLLOUT;
		k++;
	}
	left = left < 0 ? 0 : left > WAIT_MOST_MS ? WAIT_MOST_MS : left;
	code = curl_multi_poll(h->multi, extra, k, (int)left, NULL);
	if (code != CURLM_OK)
		return eg_fail(e, EG_BUG, "libcurl: %s", curl_multi_strerror(code));
	/* curl_multi_poll does not report POLLERR and POLLHUP. */
	(void)eg_wait_fds(fds, n, 0);
	return 0;
}

const struct eg_write_reply *
eg_influx_check(struct eg_influx *h, struct eg_error *e)
{
	const struct eg_write_reply *found;
	size_t i;

	if (eg_influx_post(h, 0, 0, false, e) == 0)
		return NULL;
	while ((found = eg_influx_next(h, &i, e)) == NULL)
		if (e->status != EG_OK || eg_influx_wait(h, NULL, 0, INT64_MAX, e) != 0)
			return NULL;
	return found;
}
