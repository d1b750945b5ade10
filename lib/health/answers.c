/* SPDX-License-Identifier: MIT */
#include "health/answers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/stop.h"
#include "base/wait.h"
#include "health/health.h"
#include "http/http.h"
#include "http/listener.h"

enum {
	/* Probes and scrapers keep few connections. The one that is idle longest makes room. */
	CONNECTIONS = 32,
	RECEIVE_MS = 5000,
};

struct server {
	struct eg_health health;
	struct eg_http *http;
	size_t held; /* bytes of bodies; none is kept */
	bool loopback; /* only this machine can reach it */
};

static void
answer(struct eg_http_request *r, unsigned status, const char *type, const char *body, size_t len)
{
	const char *const headers[] = { "Content-Type", type, "Cache-Control", "no-store",
		"X-Content-Type-Options", "nosniff", NULL };

	eg_http_answer(r, status, body, len, headers);
}

/* why NULL: healthy. */
static void
answer_health(const struct server *s, struct eg_http_request *r, const char *why)
{
	char out[EG_HEALTH_ANSWER];
	size_t n = eg_health_answer(&s->health, why, out);

	answer(r, why != NULL ? 503 : 200, "application/json", out, n);
}

static void
answer_metrics(const struct server *s, struct eg_http_request *r, int64_t now)
{
	char *body = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&body, &len);

	if (f != NULL)
		eg_health_print(&s->health, now, f);
	if (f == NULL || fclose(f) != 0)
		answer(r, 503, "text/plain", "out of memory\n", 14);
	else
		answer(r, 200, "text/plain; version=0.0.4; charset=utf-8", body, len);
	free(body);
}

static void
begun(void *ctx, struct eg_http_request *r)
{
	static const char nowhere[] = "there are /health, /live and /metrics\n";
	static const char method[] = "this path takes GET only\n";
	static const char host[] = "the host is localhost, 127.0.0.1 or [::1]\n";
	const struct server *s = ctx;
	int64_t now = eg_mono_ms();
	char why[128];

	if (s->loopback && !eg_http_local_host(r))
		answer(r, 403, "text/plain", host, sizeof(host) - 1);
	else if (strcmp(r->method, "GET") != 0 && strcmp(r->method, "HEAD") != 0)
		answer(r, 405, "text/plain", method, sizeof(method) - 1);
	else if (strcmp(r->path, "/health") == 0)
		answer_health(s, r, eg_health_fault(&s->health, now, why, sizeof(why)));
	else if (strcmp(r->path, "/live") == 0)
		answer_health(s, r, eg_health_alive(&s->health, now) ? NULL :
		    eg_health_fault(&s->health, now, why, sizeof(why)));
	else if (strcmp(r->path, "/metrics") == 0)
		answer_metrics(s, r, now);
	else
		answer(r, 404, "text/plain", nowhere, sizeof(nowhere) - 1);
}

/* Not called, since each request is answered when it begins. */
static void
whole(void *ctx, struct eg_http_request *r)
{
	(void)ctx;
	(void)r;
}

static void
gone(void *ctx, struct eg_http_request *r)
{
	(void)ctx;
	(void)r;
}

static size_t
too_slow(void *ctx, struct eg_http_request *r, char *out, size_t size)
{
	(void)ctx;
	(void)r;
	return (size_t)snprintf(out, size, "the request did not come in time\n");
}

static int
open_server(struct server *s, const char *address, int out, struct eg_error *e)
{
	static const struct eg_http_calls calls = { begun, whole, gone, too_slow };
	struct eg_http_config c = { .connections = eg_http_raise_limit(CONNECTIONS),
		.receive_ms = RECEIVE_MS, .held = &s->held, .calls = &calls, .ctx = s };
	char local[EG_LISTENER_TEXT], line[EG_LISTENER_TEXT + 16];
	struct eg_listener l;
	int n;

	if (strchr(address, ':') == NULL) {
		(void)snprintf(local, sizeof(local), "127.0.0.1:%s", address);
		address = local;
	}
	if (eg_listener_open(&l, address, e) != 0)
		return -1;
	c.listen_fd = l.fd;
	s->loopback = l.loopback;
	s->http = eg_http_new(&c, e);
	if (s->http == NULL) {
		close(l.fd);
		return -1;
	}
	n = snprintf(line, sizeof(line), "http://%s\n", l.text);
	if (write(out, line, (size_t)n) != n)
		return eg_fail(e, EG_LOCAL_IO, "cannot write the address: %s", strerror(errno));
	return 0;
}

/* Reads what has come. *over: the input has ended. */
static int
read_counters(struct server *s, int in, bool *over, struct eg_error *e)
{
	char text[16 * 1024];
	ssize_t n = read(in, text, sizeof(text));

	if (n < 0 && errno != EINTR && errno != EAGAIN)
		return eg_fail(e, EG_LOCAL_IO, "cannot read the counters: %s", strerror(errno));
	*over = n == 0;
	if (n > 0)
		(void)eg_health_feed(&s->health, text, (size_t)n, eg_mono_ms());
	return 0;
}

static int
run_server(struct server *s, int in, struct eg_error *e)
{
	bool over = false;

	while (!over && eg_stop_asked() == 0) {
		struct pollfd fds[3] = { { .fd = in, .events = POLLIN }, eg_stop_pollfd() };
		int64_t due = INT64_MAX;

		eg_http_poll(s->http, &fds[2], &due);
		(void)eg_wait_fds(fds, 3, due);
		eg_stop_polled(&fds[1]);
		if (fds[0].revents != 0 && read_counters(s, in, &over, e) != 0)
			return -1;
		eg_http_work(s->http);
	}
	return 0;
}

int
eg_health_serve(const struct eg_health_options *o, int in, int out, struct eg_error *e)
{
	struct server s = { .health.limit_ms = o->limit_ms };
	int rc = -1;

	if (eg_stop_install(e) == 0 && open_server(&s, o->listen, out, e) == 0)
		rc = run_server(&s, in, e);
	eg_http_free(s.http);
	eg_health_free(&s.health);
	return rc;
}
