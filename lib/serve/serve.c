/* SPDX-License-Identifier: MIT */
/* The HTTP server as a source: requests in, readings downstream, answers on receipt. */
#include "serve/serve.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/options.h"
#include "base/secret.h"
#include "base/wait.h"
#include "http/listener.h"
#include "meters/meters.h"
#include "serve/serve_parts.h"
#include "store/store.h"

enum {
	/* The receipt of a later record shows that a record was refused. If there is no later
	 * record, the client waits for this long. */
	QUIET_MS = 1000,
	/* Time limit for sending the last answers. */
	LAST_ANSWERS_MS = 1000,
	/* Unhealthy after so long without a receipt. Senders wait for the answer, so it is sooner
	 * than in programs whose records wait in a queue. */
	UNHEALTHY_MS = 5000,
	PEM_MAX = 64 * 1024,
};

/* The text of a PEM file, allocated; NULL with *e. */
static char *
read_pem(const char *path, struct eg_error *e)
{
	FILE *f = fopen(path, "re");
	char *text = malloc(PEM_MAX);
	size_t n = f != NULL && text != NULL ? fread(text, 1, PEM_MAX, f) : 0;

	if (f == NULL || text == NULL || ferror(f) || n == 0 || n == PEM_MAX) {
		int error = f == NULL || text == NULL || ferror(f) ? errno : 0;

		eg_fail(e, eg_status_of(error), "cannot read '%s': %s", path, error != 0 ?
		    strerror(error) : n == 0 ? "it is empty" : "it is too large");
		free(text);
		text = NULL;
	} else {
		text[n] = '\0';
	}
	if (f != NULL)
		(void)fclose(f);
	return text;
}

static int
open_http(struct eg_server *s, struct eg_error *e)
{
	static const struct eg_http_calls calls = { eg_serve_begun, eg_serve_whole, eg_serve_gone,
		eg_serve_too_slow };
	struct eg_http_config c = { .connections = eg_http_raise_limit(s->cfg->connections),
		.receive_ms = s->cfg->receive_ms, .held = &s->held_bytes,
		.held_max = s->cfg->held_max, .calls = &calls, .ctx = s };
	char *cert = NULL, *key = NULL;
	struct eg_listener l;

	if (s->cfg->cert != NULL && ((cert = read_pem(s->cfg->cert, e)) == NULL ||
	    (key = read_pem(s->cfg->key, e)) == NULL)) {
		free(cert);
		return -1;
	}
	c.cert = cert;
	c.key = key;
	if (c.connections > 0 && c.connections < s->cfg->connections)
		eg_warn("no more than %zu connections instead of %zu: the hard limit of open files "
		    "is too low, see 'ulimit -Hn'", c.connections, s->cfg->connections);
	if (eg_listener_open(&l, s->cfg->listen, e) == 0) {
		c.listen_fd = l.fd;
		if (!l.loopback && s->tokens.n == 0)
			eg_fail(e, EG_CONFIG, "'%s' is not a loopback address: other "
			    "machines need a token, see --tokens", s->cfg->listen);
		else
			s->http = eg_http_new(&c, e);
		if (s->http == NULL)
			close(l.fd);
		else
			eg_info("listening at %s://%s", cert != NULL ? "https" : "http", l.text);
	}
	free(cert);
	if (key != NULL)
		explicit_bzero(key, strlen(key));
	free(key);
	return s->http != NULL ? 0 : -1;
}

static int
open_server(void *self, struct eg_source_loop *l, struct eg_error *e)
{
	struct eg_server *s = self;

	(void)l;
	if ((s->cfg->tokens != NULL && eg_tokens_read(&s->tokens, s->cfg->tokens, e) != 0) ||
	    (s->cfg->token != NULL && (eg_secret_check("EG_API_TOKEN", s->cfg->token, e) != 0 ||
	        eg_tokens_add(&s->tokens, "environment", s->cfg->token, e) != 0)) ||
	    (s->cfg->meters != NULL && (s->meters = eg_meters_read(s->cfg->meters, e)) == NULL) ||
	    (s->days = eg_slots_open(&(struct eg_slots_options){ .zone = s->cfg->zone }, e)) == NULL ||
	    (s->latest = eg_latest_new(s->meters, s->days, e)) == NULL ||
	    (s->stamps = eg_stamps_new(e)) == NULL)
		return -1;
	return open_http(s, e);
}

static void
poll_server(void *self, struct pollfd *fds, int64_t *due)
{
	struct eg_server *s = self;
	int64_t next = eg_serve_next_event(s);

	if (s->waiting.first != NULL && s->waiting.first->due < next)
		next = s->waiting.first->due;
	if (next < *due)
		*due = next;
	eg_http_poll(s->http, &fds[0], due);
}

static int
work(void *self, const struct pollfd *fds, struct eg_error *e)
{
	struct eg_server *s = self;

	(void)fds;
	(void)e;
	eg_serve_expire(s, eg_mono_ms());
	eg_http_work(s->http);
	s->requests = eg_http_requests(s->http);
	s->connections = eg_http_connections(s->http);
	s->held = s->held_bytes;
	eg_serve_send_events(s, eg_mono_ms());
	return 0;
}

/* Called when refused readings are on disk, since an answer counts as a receipt. */
static int
flush_answers(void *self, const struct pollfd *fds, struct eg_error *e)
{
	struct eg_server *s = self;

	(void)fds;
	(void)e;
	eg_serve_answer_settled(s, true);
	eg_serve_note_health(s, eg_mono_ms());
	return 0;
}

static void
stop_server(void *self)
{
	struct eg_server *s = self;

	eg_http_stop(s->http);
	for (struct eg_serve_request *v = s->watching.first; v != NULL; v = v->after)
		eg_http_finish(v->r);
}

/* Whether all answers are sent. Does not wait after the grace period for clients that do not
 * read their answers, nor for receipts once standard output is closed. */
static bool
idle(void *self)
{
	struct eg_server *s = self;

	return eg_http_unsent(s->http) == 0 || s->loop.down.output.gone ||
	    (s->loop.ending && eg_mono_ms() >= s->loop.run.deadline);
}

static int64_t
quiet_ms(void *self)
{
	(void)self;
	return QUIET_MS;
}

/* Sends the last answers, for at most a second, if some are given only now or the grace period is
 * not over: a client that has not read an answer within it is not waited for again. */
static void
close_server(void *self, struct eg_error *e)
{
	struct eg_server *s = self;
	int64_t end = eg_mono_ms();

	if (s->settled.first != NULL || end < s->loop.run.deadline)
		end += LAST_ANSWERS_MS;
	if (s->loop.down.output.gone)
		eg_fail(e, EG_LOCAL_IO, "standard output is closed");
	if (s->settled.first != NULL)
		eg_serve_answer_settled(s, eg_rejects_sync(&s->loop.run.rejects, e) == 0);
	do {
		int64_t due = end;
		struct pollfd fd;

		eg_http_work(s->http);
		eg_http_poll(s->http, &fd, &due);
		if (eg_http_unsent(s->http) > 0)
			(void)eg_wait_fds(&fd, 1, due);
	} while (eg_http_unsent(s->http) > 0 && eg_mono_ms() < end);
}

int
eg_serve_run(const struct eg_serve *config, const struct eg_common *common)
{
	char anybody[] = "anybody";
	struct eg_server s = { .cfg = config, .anybody.name = anybody,
		.started_ns = eg_wall_ns(), .started_ms = eg_mono_ms(),
		.health = { .limit_ms = UNHEALTHY_MS, .program = "eg-serve" } };
	const struct eg_metric extra[] = {
		{ "requests", "Requests that came.", &s.requests, false },
		{ "requests_turned_away", "Requests answered with an error.", &s.turned_away, false },
		{ "child_starts", "Starts of the child.", &s.loop.starts, false },
		{ "connections", "Connections that are open.", &s.connections, true },
		{ "held_bytes", "Bytes of requests under way.", &s.held, true },
		{ .name = NULL },
	};
	const struct eg_source source = { .self = &s, .peer = "clients", .refused_status = EG_OK,
		.start_early = true,
		.extra = extra, .open = open_server, .poll = poll_server, .work = work,
		.flush = flush_answers, .fate = eg_serve_fate, .stop = stop_server, .idle = idle,
		.quiet_ms = quiet_ms, .close = close_server };
	int status = eg_source_run(&s.loop, &source, config->command, common);

	eg_http_free(s.http);
	eg_latest_free(s.latest);
	eg_slots_free(s.days);
	eg_meters_free(s.meters);
	eg_stamps_free(s.stamps);
	eg_store_close(s.store);
	eg_tokens_free(&s.tokens);
	return status;
}
