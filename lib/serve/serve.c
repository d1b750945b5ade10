/* SPDX-License-Identifier: MIT */
/* The door's loop: requests in, readings downstream, answers when receipts are there. */
#include "serve/serve.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/options.h"
#include "base/secret.h"
#include "base/stop.h"
#include "http/listener.h"
#include "serve/serve_parts.h"
#include "store/store.h"

enum {
	/* With something pending and nothing moving for so long, the child is asked by the
	 * end of its input what became of the last lines: a refused one shows only by what
	 * follows it. */
	SETTLE_MS = 1000,
	/* For the last answers to be sent off. */
	FAREWELL_MS = 1000,
	PEM_MAX = 64 * 1024,
};

enum { FD_STOP, FD_HTTP, FD_DOWN, FDS = FD_DOWN + EG_DOWNSTREAM_FDS };

static int
give_up(struct eg_server *s, const char *why)
{
	const struct eg_metrics *m = &s->metrics;

	return eg_fail(&s->error, EG_TEMPORARY, "%s with %llu records without a receipt", why,
	    (unsigned long long)(m->in - m->out - m->refused));
}

static void
start_ending(struct eg_server *s, int64_t now)
{
	if (s->ending)
		return;
	s->ending = true;
	s->deadline = now + s->common->grace_ms;
	eg_http_stop(s->http);
	for (struct eg_serve_request *v = s->watching.first; v != NULL; v = v->after)
		eg_http_finish(v->r);
}

static int
check_limits(struct eg_server *s, int64_t now)
{
	int64_t limit = s->common->timeout_ms, oldest = eg_downstream_oldest(&s->down);

	if (s->down.output.gone)
		return eg_fail(&s->error, EG_LOCAL_IO, "standard output is closed");
	if (eg_stop_asked() > 0)
		start_ending(s, now);
	if (eg_stop_asked() > 1)
		return give_up(s, "ended by a second signal");
	if (s->ending && now >= s->deadline && !eg_downstream_idle(&s->down))
		return give_up(s, "the grace period is over, ended");
	if (limit > 0 && oldest != 0 && now - oldest >= limit &&
	    now - eg_downstream_moved(&s->down) >= limit)
		return give_up(s, "gave up waiting for receipts");
	return 0;
}

/* Asks after what waits for a receipt while nothing moves; returns when to look again. */
static int64_t
look_for_stuck(struct eg_server *s, int64_t now)
{
	int64_t moved = eg_downstream_moved(&s->down);
	int64_t quiet = (moved > s->sent ? moved : s->sent) + SETTLE_MS;

	if (eg_downstream_idle(&s->down))
		return INT64_MAX;
	if (s->ending || now >= quiet) {
		eg_downstream_close(&s->down);
		return now + SETTLE_MS;
	}
	return quiet;
}

/* Whether all that was taken is settled, answered and sent off, or has had its time. */
static bool
over(struct eg_server *s, int64_t now)
{
	if (!s->ending || !eg_downstream_idle(&s->down))
		return false;
	if (eg_http_unsent(s->http) > 0 && now < s->deadline)
		return false;
	/* The child is let end by itself, it may have something to put away. */
	eg_downstream_close(&s->down);
	if (!eg_downstream_running(&s->down))
		return true;
	if (now < s->deadline)
		return false;
	eg_warn("'%s' does not end: it is killed", s->cfg->command[0]);
	return true;
}

static int64_t
sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void
wait_for_all(struct eg_server *s, struct pollfd fds[FDS], int64_t due)
{
	int64_t now;

	if (s->ending)
		due = sooner(due, s->deadline);
	if (s->waiting.first != NULL)
		due = sooner(due, s->waiting.first->due);
	if (s->common->timeout_ms > 0 && !eg_downstream_idle(&s->down))
		due = sooner(due, eg_downstream_oldest(&s->down) + s->common->timeout_ms);
	due = sooner(due, s->metrics.next);
	fds[FD_STOP] = (struct pollfd){ .fd = eg_stop_fd(), .events = POLLIN };
	eg_http_poll(s->http, &fds[FD_HTTP], &due);
	eg_downstream_poll(&s->down, &fds[FD_DOWN], &due);
	now = eg_mono_ms();
	due = due < now ? 0 : due - now;
	if (poll(fds, FDS, due > INT_MAX ? INT_MAX : (int)due) < 0)
		for (size_t i = 0; i < FDS; i++)
			fds[i].revents = 0;
	if (fds[FD_STOP].revents != 0)
		eg_stop_drain();
}

static void
loop(struct eg_server *s, struct pollfd fds[FDS])
{
	for (;;) {
		int64_t now, due;

		eg_http_work(s->http);
		if (eg_downstream_work(&s->down, &fds[FD_DOWN], &s->error) != 0 ||
		    s->error.status != EG_OK)
			return;
		now = eg_mono_ms();
		s->starts = eg_downstream_starts(&s->down);
		s->requests = eg_http_requests(s->http);
		s->connections = eg_http_connections(s->http);
		s->held = s->held_bytes;
		eg_serve_expire(s, now);
		due = eg_serve_tell(s, now);
		eg_metrics_tick(&s->metrics, now);
		if (check_limits(s, now) != 0 || over(s, now))
			return;
		due = sooner(due, look_for_stuck(s, now));
		wait_for_all(s, fds, due);
	}
}

/* Nobody is left waiting: each is told that there is no receipt. */
static void
farewell(struct eg_server *s)
{
	int64_t end = eg_mono_ms() + FAREWELL_MS;

	start_ending(s, eg_mono_ms());
	eg_downstream_free(&s->down);
	do {
		struct pollfd fd;
		int64_t due = end;

		eg_http_work(s->http);
		eg_http_poll(s->http, &fd, &due);
		due -= eg_mono_ms();
		if (eg_http_unsent(s->http) > 0 && due > 0)
			(void)poll(&fd, 1, (int)due);
	} while (eg_http_unsent(s->http) > 0 && eg_mono_ms() < end);
}

/* A PEM file's text, to be freed. */
static char *
read_pem(const char *path, struct eg_error *e)
{
	FILE *f = fopen(path, "re");
	char *text = malloc(PEM_MAX);
	size_t n = f != NULL && text != NULL ? fread(text, 1, PEM_MAX, f) : 0;

	if (f == NULL || text == NULL || ferror(f) || n == 0 || n == PEM_MAX) {
		eg_fail(e, EG_CONFIG, "cannot read '%s': %s", path, f == NULL || ferror(f) ?
		    strerror(errno) : n == 0 ? "it is empty" : "it is too large");
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
open_http(struct eg_server *s)
{
	static const struct eg_http_calls calls = { eg_serve_begun, eg_serve_whole, eg_serve_gone,
		eg_serve_too_slow };
	struct eg_http_config c = { .connections = eg_http_raise_limit(s->cfg->connections),
		.patience_ms = s->cfg->patience_ms, .held = &s->held_bytes,
		.held_max = s->cfg->held_max, .calls = &calls, .ctx = s };
	char *cert = NULL, *key = NULL;
	struct eg_listener l;

	if (s->cfg->cert != NULL && ((cert = read_pem(s->cfg->cert, &s->error)) == NULL ||
	    (key = read_pem(s->cfg->key, &s->error)) == NULL)) {
		free(cert);
		return -1;
	}
	c.cert = cert;
	c.key = key;
	if (c.connections < s->cfg->connections)
		eg_warn("no more than %zu connections instead of %zu: the hard limit of open files "
		    "is too low, see 'ulimit -Hn'", c.connections, s->cfg->connections);
	if (eg_listener_open(&l, s->cfg->listen, &s->error) == 0) {
		c.listen_fd = l.fd;
		if (!l.loopback && s->tokens.n == 0)
			eg_fail(&s->error, EG_CONFIG, "'%s' is not on loopback: others may only "
			    "come with a token, see --tokens", s->cfg->listen);
		else
			s->http = eg_http_new(&c, &s->error);
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
open_all(struct eg_server *s)
{
	/* Standard output first: where it is closed, the next one to open takes its place. */
	if (eg_downstream_open(&s->down, s->cfg->command, &eg_serve_child_calls, s, &s->error) != 0 ||
	    eg_stop_install(&s->error) != 0 ||
	    (s->cfg->tokens != NULL &&
	        eg_tokens_read(&s->tokens, s->cfg->tokens, &s->error) != 0) ||
	    (s->cfg->token != NULL && (eg_secret_check("EG_API_TOKEN", s->cfg->token, &s->error) != 0 ||
	        eg_tokens_add(&s->tokens, "environment", s->cfg->token, &s->error) != 0)) ||
	    eg_rejects_open(&s->rejects, s->common->rejects, &s->error) != 0 ||
	    (s->recent = eg_latest_new(&s->error)) == NULL ||
	    (s->stamps = eg_stamps_new(&s->error)) == NULL || open_http(s) != 0)
		return -1;
	s->metrics.extra = s->extra;
	return eg_metrics_open(&s->metrics, s->common, &s->error);
}

int
eg_serve_run(const struct eg_serve *config, const struct eg_common *common)
{
	char anybody[] = "anybody";
	struct eg_server s = { .cfg = config, .common = common, .anybody.name = anybody,
		.rejects.fd = -1, .extra = {
		{ "requests", "Requests that came.", &s.requests, false },
		{ "requests_turned_away", "Requests answered with an error.", &s.turned_away, false },
		{ "child_starts", "Starts of the child.", &s.starts, false },
		{ "connections", "Connections that are open.", &s.connections, true },
		{ "held_bytes", "Bytes of requests under way.", &s.held, true },
	} };
	struct pollfd fds[FDS];
	int status;

	for (size_t i = 0; i < FDS; i++)
		fds[i] = (struct pollfd){ .fd = -1 };
	if (open_all(&s) == 0) {
		loop(&s, fds);
		farewell(&s);
		eg_rejects_close(&s.rejects, &s.error);
		eg_metrics_close(&s.metrics, common->verbose);
	}
	eg_http_free(s.http);
	eg_downstream_free(&s.down);
	eg_latest_free(s.recent);
	eg_stamps_free(s.stamps);
	eg_store_close(s.store);
	eg_tokens_free(&s.tokens);
	status = eg_report(&s.error);
	return status;
}
