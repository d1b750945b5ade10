/* SPDX-License-Identifier: MIT */
/* An HTTP server in a poll loop, on libmicrohttpd. */
#include "http/http.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/diag.h"
#include "http/http_parts.h"

enum {
	/* Memory of a connection, for the headers of its request and its answer, and for what is read
	 * of a body at once. A connection that has had a request holds all of it. */
	CONNECTION_BYTES = 16 * 1024,
	/* An unwanted body is read up to this length: a client that is still sending would not
	 * read the answer. */
	PASS_OVER = 8 * 1024 * 1024,
	SLOW_BODY = 512,
	/* Time for which a request is polled before it is suspended. */
	HOT_MS = 1,
	/* How often slow requests are searched for. */
	CHECK_MS = 1000,
};

/* TLS 1.2 at least. */
static const char priorities[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";

/* Closes a connection, with a 408 if part of a request was received. */
static void
cut_off(struct eg_http *h, struct eg_http_client *c)
{
	char body[SLOW_BODY];
	size_t len = 0;

	if (!c->tls && c->began)
		len = h->cfg.calls->too_slow(h->cfg.ctx, c->request, body, sizeof(body));
	eg_http_waiting_cut_off(&h->clients, c, body, len);
}

static void
on_connection(void *cls, struct MHD_Connection *connection, void **context,
    enum MHD_ConnectionNotificationCode what)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct eg_http *h = cls;
	struct eg_http_client *c = *context;

	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		if (c != NULL) {
			eg_http_waiting_remove(&h->clients, c);
			free(c);
		}
		h->connections--;
		/* At its limit, libmicrohttpd accepts again in the next MHD_run only. */
		h->woken = true;
		return;
	}
	/* Called before the new connection is added, so that it is not the one that is closed. */
	if (++h->connections > h->cfg.connections && h->clients.first != NULL)
		cut_off(h, h->clients.first);
	c = calloc(1, sizeof(*c));
	*context = c;
	if (c == NULL || info == NULL)
		return;
	c->fd = info->connect_fd;
	c->tls = h->cfg.cert != NULL;
	eg_http_waiting_add(&h->clients, c);
}

static struct eg_http_client *
client_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info != NULL ? info->socket_context : NULL;
}

/* The request line was received. */
static void *
on_line(void *cls, const char *uri, struct MHD_Connection *connection)
{
	struct eg_http_client *c = client_of(connection);

	(void)cls;
	(void)uri;
	if (c != NULL)
		c->began = true;
	return NULL;
}

static bool
has_body(const struct eg_http_request *r)
{
	const char *length = eg_http_header(r, MHD_HTTP_HEADER_CONTENT_LENGTH);

	return eg_http_header(r, MHD_HTTP_HEADER_TRANSFER_ENCODING) != NULL ||
	    (length != NULL && strcmp(length, "0") != 0);
}

/* Whether an unwanted body is read to its end: not if the client waits for 100 Continue, and
 * not if it is huge. */
static bool
skips_body(const struct eg_http_request *r)
{
	const char *length = eg_http_header(r, MHD_HTTP_HEADER_CONTENT_LENGTH);

	return eg_http_header(r, MHD_HTTP_HEADER_EXPECT) == NULL &&
	    (length == NULL || strtoull(length, NULL, 10) <= PASS_OVER);
}

/* From now on the connection is idle, as far as the server is concerned: a client that does not
 * read its answer must not keep out others. */
static enum MHD_Result
queue(struct eg_http_request *r)
{
	enum MHD_Result ok = MHD_queue_response(r->connection, r->status, r->response);

	if (!r->streams)
		eg_http_waiting_add(&r->http->clients, r->client);
	MHD_destroy_response(r->response);
	r->response = NULL;
	return ok;
}

static enum MHD_Result
begin_request(struct eg_http *h, struct MHD_Connection *connection, const char *path,
    const char *method, void **context)
{
	struct eg_http_request *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return MHD_NO;
	r->http = h;
	r->config = &h->cfg;
	r->connection = connection;
	r->path = path;
	r->method = method;
	r->client = client_of(connection);
	if (r->client == NULL) {
		free(r);
		return MHD_NO;
	}
	r->client->request = r;
	*context = r;
	h->requests++;
	h->cfg.calls->begun(h->cfg.ctx, r);
	if (r->response == NULL || !has_body(r) || skips_body(r))
		return MHD_YES;
	r->whole = true;
	h->unsent++;
	eg_http_waiting_remove(&h->clients, r->client);
	return queue(r);
}

static enum MHD_Result
take_chunk(struct eg_http_request *r, const char *data, size_t *size)
{
	if (r->response == NULL && r->fault == 0 && !r->lost)
		eg_http_keep(r, data, *size);
	else
		r->passed_over += *size;
	*size = 0;
	return r->passed_over <= PASS_OVER ? MHD_YES : MHD_NO;
}

static enum MHD_Result
finish_request(struct eg_http *h, struct eg_http_request *r)
{
	if (!r->whole) {
		r->whole = true;
		h->unsent++;
		eg_http_waiting_remove(&h->clients, r->client);
		if (r->response == NULL && !r->lost)
			h->cfg.calls->whole(h->cfg.ctx, r);
	}
	if (r->response != NULL)
		return queue(r);
	if (r->lost)
		return MHD_NO;
	/* Receipts often arrive within a millisecond: to suspend the connection and to resume it
	 * would take longer than to poll. */
	if (!r->hot) {
		r->hot = true;
		r->since = h->now;
		h->hot++;
	}
	if (h->now - r->since <= HOT_MS)
		return MHD_YES;
	eg_http_cool(r);
	MHD_suspend_connection(r->connection);
	r->suspended = true;
	return MHD_YES;
}

static enum MHD_Result
on_access(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
    const char *version, const char *data, size_t *size, void **context)
{
	(void)version;
	if (*context == NULL)
		return begin_request(cls, connection, url, method, context);
	if (*size > 0)
		return take_chunk(*context, data, size);
	return finish_request(cls, *context);
}

static void
on_completed(void *cls, struct MHD_Connection *connection, void **context,
    enum MHD_RequestTerminationCode how)
{
	struct eg_http_request *r = *context;
	struct eg_http *h = cls;

	(void)connection;
	(void)how;
	if (r == NULL)
		return;
	h->cfg.calls->gone(h->cfg.ctx, r);
	if (r->whole)
		h->unsent--;
	r->client->request = NULL;
	eg_http_waiting_add(&h->clients, r->client);
	eg_http_cool(r);
	eg_http_drop_body(r);
	if (r->response != NULL)
		MHD_destroy_response(r->response);
	free(r->pushed);
	free(r);
	*context = NULL;
}

struct eg_http *
eg_http_new(const struct eg_http_config *config, struct eg_error *e)
{
	unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME |
	    (config->cert != NULL ? MHD_USE_TLS : 0);
	struct MHD_OptionItem tls[] = {
		{ MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)config->cert },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)config->key },
		{ MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)priorities },
		{ MHD_OPTION_END, 0, NULL },
	};
	struct eg_http *h = NULL;

	if (config->connections == 0)
		eg_fail(e, EG_CONFIG, "the hard limit of open files is too low for a server: %d are "
		    "needed at least, see 'ulimit -Hn'", EG_HTTP_SPARE + EG_HTTP_OWN + 1);
	else if ((h = calloc(1, sizeof(*h))) == NULL)
		eg_fail(e, EG_BUG, "out of memory");
	if (h == NULL)
		return NULL;
	h->cfg = *config;
	if (config->cert == NULL)
		tls[0].option = MHD_OPTION_END;
	h->daemon = MHD_start_daemon(flags, 0, NULL, NULL, on_access, h,
	    MHD_OPTION_LISTEN_SOCKET, config->listen_fd,
	    /* One more: it is accepted, so that an idle one can be closed for it. */
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)h->cfg.connections + EG_HTTP_SPARE + 1,
	    /* Closes connections that do not read their answer. Slow requests get their 408
	     * earlier. */
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)(2 * config->receive_ms / 1000 + 1),
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES,
	    MHD_OPTION_NOTIFY_CONNECTION, on_connection, h,
	    MHD_OPTION_NOTIFY_COMPLETED, on_completed, h,
	    MHD_OPTION_URI_LOG_CALLBACK, on_line, h,
	    MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
	if (h->daemon == NULL) {
		eg_fail(e, EG_CONFIG, config->cert == NULL ? "cannot start the server" :
		    "cannot start the server: are certificate and key good, and of a pair?");
		free(h);
		return NULL;
	}
	h->epoll_fd = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
	return h;
}

void
eg_http_free(struct eg_http *h)
{
	if (h == NULL)
		return;
	MHD_stop_daemon(h->daemon);
	free(h);
}

void
eg_http_stop(struct eg_http *h)
{
	if (h->stopping)
		return;
	h->stopping = true;
	close(MHD_quiesce_daemon(h->daemon));
}

static int64_t
sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

void
eg_http_poll(struct eg_http *h, struct pollfd *fd, int64_t *due)
{
	MHD_UNSIGNED_LONG_LONG ms;
	/* Only a client in this list can be late. */
	int64_t mine = h->woken ? 0 : h->clients.first != NULL ? h->check : INT64_MAX;

	*fd = (struct pollfd){ .fd = h->epoll_fd, .events = POLLIN };
	if (h->hot > 0)
		mine = sooner(mine, eg_mono_ms() + HOT_MS);
	else if (MHD_get_timeout(h->daemon, &ms) == MHD_YES)
		mine = sooner(mine, eg_mono_ms() + (int64_t)ms);
	if (mine < *due)
		*due = mine;
}

/* A client that reads a long answer slowly is not late: libmicrohttpd's time limit holds there,
 * which begins again whenever the kernel takes some of it. */
static void
cut_off_late(struct eg_http *h, int64_t now)
{
	struct eg_http_client *next;

	for (struct eg_http_client *c = h->clients.first;
	     c != NULL && now - c->since >= h->cfg.receive_ms; c = next) {
		next = c->after;
		if (c->request == NULL || !c->request->whole)
			cut_off(h, c);
	}
}

void
eg_http_work(struct eg_http *h)
{
	int64_t now = eg_mono_ms();

	h->now = now;
	h->woken = false;
	/* Read first: what has already arrived is not late. */
	MHD_run(h->daemon);
	if (now < h->check)
		return;
	h->check = now + CHECK_MS;
	cut_off_late(h, now);
}

size_t
eg_http_connections(const struct eg_http *h)
{
	return h->connections;
}

size_t
eg_http_unsent(const struct eg_http *h)
{
	return h->unsent;
}

uint64_t
eg_http_requests(const struct eg_http *h)
{
	return h->requests;
}
