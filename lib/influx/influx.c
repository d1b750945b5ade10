/* SPDX-License-Identifier: MIT */
/* POST to an InfluxDB, over libcurl's multi interface. */
#include "influx/influx.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/diag.h"
#include "influx/endpoint.h"
#include "influx/write_reply.h"

enum {
	CONNECT_MS = 5000,
	RETRY_AFTER_MAX_MS = 3600 * 1000,
	UPLOAD_BYTES = 512 * 1024,
	POLL_FDS = 8,
	GZIP_WINDOW = 15 + 16, /* the largest, in the gzip format */
	GZIP_SPARE = 1024,
};

struct connection {
	CURL *easy;
	struct eg_write_reply answer;
	char error[CURL_ERROR_SIZE];
	char *body, *packed; /* packed: NULL without gzip */
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
add_headers(struct eg_influx *h, struct eg_error *e)
{
	const char *token = h->config->token;
	char *text = NULL;
	int rc;

	/* No `Expect: 100-continue`: a round trip for nothing. */
	if (add_header(h, "Expect:", e) != 0 ||
	    add_header(h, "Content-Type: text/plain; charset=utf-8", e) != 0 ||
	    (h->config->gzip && add_header(h, "Content-Encoding: gzip", e) != 0))
		return -1;
	if (token == NULL || h->config->to.v1)
		return 0;
	if (asprintf(&text, "Authorization: Token %s", token) < 0)
		return no_memory(e);
	rc = add_header(h, text, e);
	free(text);
	return rc;
}

/* Keeps the beginning of an answer's body. */
static size_t
take_body(char *text, size_t one, size_t n, void *data)
{
	struct eg_write_reply *a = data;
	size_t room = sizeof(a->body) - a->len, len = one * n;

	memcpy(a->body + a->len, text, len < room ? len : room);
	a->len += len < room ? len : room;
	return len;
}

static bool
set_credentials(CURL *c, const struct eg_influx_config *config)
{
	if (!config->to.v1 || config->user == NULL)
		return true;
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
	    curl_easy_setopt(c, CURLOPT_WRITEDATA, &n->answer) != CURLE_OK ||
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
open_all(struct eg_influx *h, size_t n, struct eg_error *e)
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
	if (add_headers(h, e) != 0)
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
	if (open_all(h, n, e) != 0) {
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
		/* zlib does not write to next_in, it only lacks the const. */
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

/* A request has a handle of its own, the connections are the multi handle's: libcurl 7.88
 * joins an answer's first header line, when it is a folded one, to the last of the
 * handle's answer before, which is freed. */
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
	n->error[0] = '\0';
	if (curl_easy_setopt(n->easy, CURLOPT_URL, ns ? h->url_ns : h->url_s) != CURLE_OK ||
	    curl_multi_add_handle(h->multi, n->easy) != CURLM_OK) {
		eg_fail(e, EG_BUG, "libcurl does not take a request");
		return 0;
	}
	n->busy = true;
	return len > 0 ? len : 1;
}

static void
copy_header(CURL *c, const char *name, char *out, size_t size)
{
	struct curl_header *header;

	if (curl_easy_header(c, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK)
		snprintf(out, size, "%s", header->value);
}

/* A certificate that is wrong, or something that does not speak HTTP (which libcurl
 * takes for HTTP/0.9), does not get better by itself. */
static bool
hopeless(CURLcode code)
{
	return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE ||
	    code == CURLE_SSL_CERTPROBLEM || code == CURLE_URL_MALFORMAT ||
	    code == CURLE_SSL_ISSUER_ERROR || code == CURLE_UNSUPPORTED_PROTOCOL;
}

/* What a server says with an alert of TLS, or by not speaking it, it will say again.
 * libcurl has no codes for these: OpenSSL's words are in its text. NULL: none. */
static const char *
alert(const char *text)
{
	static const char *const alerts[][2] = {
		{ "alert protocol version", "the server speaks no TLS of version 1.2 or later" },
		{ "unsupported protocol", "the server speaks no TLS of version 1.2 or later" },
		{ "alert certificate required", "the server wants a client certificate" },
		{ "alert handshake failure", "the server wants a client certificate or other ciphers" },
		{ "wrong version number", "no TLS is spoken at this port" },
	};

	for (size_t i = 0; i < sizeof(alerts) / sizeof(alerts[0]); i++)
		if (strstr(text, alerts[i][0]) != NULL)
			return alerts[i][1];
	return NULL;
}

static void
complete(struct connection *n, CURLcode code)
{
	struct eg_write_reply *a = &n->answer;
	curl_off_t wait = 0;
	char server[2] = "";

	if (code != CURLE_OK) {
		const char *words = n->error[0] != '\0' ? n->error : curl_easy_strerror(code);
		const char *why = alert(words);

		/* Whatever status came: an answer that is cut off says nothing. */
		a->hopeless = why != NULL || hopeless(code);
		snprintf(a->error, sizeof(a->error), "%.*s", (int)sizeof(a->error) - 1,
		    why != NULL ? why : words);
		return;
	}
	curl_easy_getinfo(n->easy, CURLINFO_RESPONSE_CODE, &a->status);
	curl_easy_getinfo(n->easy, CURLINFO_RETRY_AFTER, &wait);
	a->retry_after_ms = wait > RETRY_AFTER_MAX_MS / 1000 ? RETRY_AFTER_MAX_MS : wait * 1000;
	copy_header(n->easy, "Content-Type", a->type, sizeof(a->type));
	copy_header(n->easy, "Location", a->location, sizeof(a->location));
	copy_header(n->easy, "X-Influxdb-Version", a->version, sizeof(a->version));
	copy_header(n->easy, "X-Server-Hostname", server, sizeof(server));
	a->victoria = server[0] != '\0';
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
		complete(n, result);
		curl_multi_remove_handle(h->multi, n->easy);
		n->busy = false;
		*i = (size_t)(n - h->c);
		return &n->answer;
	}
	return NULL;
}

int
eg_influx_wait(struct eg_influx *h, struct pollfd *fds, size_t n, int timeout_ms,
    struct eg_error *e)
{
	struct curl_waitfd extra[POLL_FDS] = { 0 };
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
	/* curl has no "for ever". */
	code = curl_multi_poll(h->multi, extra, k, timeout_ms < 0 ? 3600 * 1000 : timeout_ms, NULL);
	if (code != CURLM_OK)
		return eg_fail(e, EG_BUG, "libcurl: %s", curl_multi_strerror(code));
	/* Its answers know no POLLERR: ask again. */
	if (poll(fds, n, 0) < 0 && errno != EINTR)
		return eg_fail(e, EG_BUG, "poll: %s", strerror(errno));
	return 0;
}

int
eg_influx_check(struct eg_influx *h, struct eg_write_reply *a, struct eg_error *e)
{
	const struct eg_write_reply *found;
	size_t i;

	if (eg_influx_post(h, 0, 0, false, e) == 0)
		return -1;
	while ((found = eg_influx_next(h, &i, e)) == NULL)
		if (e->status != EG_OK || eg_influx_wait(h, NULL, 0, -1, e) != 0)
			return -1;
	*a = *found;
	return 0;
}
