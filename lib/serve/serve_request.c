/* SPDX-License-Identifier: MIT */
/* The routes, and the access to them. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "serve/serve_parts.h"

static const struct eg_serve_route routes[] = {
	{ "/", EG_SERVE_GET, .whole = true, .act = eg_serve_page },
	{ "/api/v2/write", EG_SERVE_POST, .style = EG_SERVE_V2, .check = eg_serve_check_points,
	    .act = eg_serve_points, .result = eg_serve_result_points },
	{ "/events", EG_SERVE_GET, .whole = true, .act = eg_serve_events },
	{ "/health", EG_SERVE_GET, .open = true, .act = eg_serve_health },
	{ "/ingest", EG_SERVE_POST, .check = eg_serve_check_json, .act = eg_serve_ingest,
	    .result = eg_serve_result_one },
	{ "/ingest_bulk", EG_SERVE_POST, .check = eg_serve_check_bulk, .act = eg_serve_bulk,
	    .result = eg_serve_result_bulk },
	{ "/live", EG_SERVE_GET, .open = true, .act = eg_serve_live },
	{ "/measurement/", EG_SERVE_GET, .store = true, .act = eg_serve_measurement },
	{ "/measurements/recent", EG_SERVE_GET, .whole = true, .store = true,
	    .act = eg_serve_latest },
	{ "/metrics", EG_SERVE_GET, .whole = true, .act = eg_serve_metrics },
	{ "/ping", EG_SERVE_GET, .open = true, .act = eg_serve_ping },
	{ "/ready", EG_SERVE_GET, .style = EG_SERVE_V2, .open = true, .act = eg_serve_ready },
	{ "/sensor/", EG_SERVE_GET, .store = true, .act = eg_serve_sensor },
	{ "/write", EG_SERVE_POST, .style = EG_SERVE_V1, .check = eg_serve_check_points,
	    .act = eg_serve_points, .result = eg_serve_result_points },
};

/* The route of a path that does not exist. */
static const struct eg_serve_route nowhere = { "", EG_SERVE_GET, .open = true };

static const struct eg_serve_route *
find_route(const char *path, const char **rest)
{
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		size_t n = strlen(routes[i].path);

		if (strcmp(routes[i].path, path) == 0 || (n > 1 && routes[i].path[n - 1] == '/' &&
		    strncmp(routes[i].path, path, n) == 0)) {
			*rest = path + n;
			return &routes[i];
		}
	}
	return NULL;
}

/* `Bearer SECRET` and `Token SECRET`; also `Token USER:SECRET`. */
static struct eg_token *
by_header(const struct eg_tokens *t, const char *text)
{
	const char *secret = strchr(text, ' '), *colon;
	struct eg_token *found;

	if (secret == NULL ||
	    (strncasecmp(text, "Bearer ", 7) != 0 && strncasecmp(text, "Token ", 6) != 0))
		return NULL;
	while (*secret == ' ')
		secret++;
	found = eg_tokens_find(t, secret, strlen(secret));
	colon = strchr(secret, ':');
	if (found == NULL && colon != NULL && strncasecmp(text, "Token ", 6) == 0)
		found = eg_tokens_find(t, colon + 1, strlen(colon + 1));
	return found;
}

/* The token that the request carries, in one of the forms that clients use; NULL: none. */
static struct eg_token *
token_of(const struct eg_server *s, const struct eg_serve_request *v)
{
	const char *header = eg_http_header(v->r, "Authorization");
	const char *query = v->route->style == EG_SERVE_V1 ? eg_http_query(v->r, "p") : NULL;
	char password[EG_TOKEN_MAX];
	struct eg_token *found;

	if (header == NULL)
		return query != NULL ? eg_tokens_find(&s->tokens, query, strlen(query)) : NULL;
	found = by_header(&s->tokens, header);
	if (found == NULL && eg_http_password(v->r, password, sizeof(password))) {
		found = eg_tokens_find(&s->tokens, password, strlen(password));
		explicit_bzero(password, sizeof(password));
	}
	return found;
}

/* Whether the request cannot come from a web page of another site; answers if it can. Without
 * tokens, only the name in Host distinguishes this server's page from that of a site whose name
 * resolves to this machine's address (DNS rebinding). */
static bool
no_foreign_page(struct eg_server *s, struct eg_serve_request *v)
{
	if (s->tokens.n == 0 && !eg_http_local_host(v->r))
		eg_serve_refuse(v, 403, "without tokens the host is localhost, 127.0.0.1 or [::1]");
	else if (!v->route->open && eg_serve_foreign_page(v->r, s->cfg->cert != NULL))
		eg_serve_refuse(v, 403, "a page of another site may not do this");
	return !v->answered;
}

/* Whether the request's token allows the route; answers if not. */
static bool
admit_request(struct eg_server *s, struct eg_serve_request *v)
{
	const struct eg_serve_route *route = v->route;
	int64_t now = eg_mono_ms(), pause;

	if (route->open)
		return true;
	v->token = s->tokens.n > 0 ? token_of(s, v) : &s->anybody;
	if (v->token == NULL) {
		eg_serve_refuse(v, 401, route->style == EG_SERVE_V2 ? "unauthorized access" :
		    "a token is needed, as 'Authorization: Bearer TOKEN'");
		return false;
	}
	if (route->whole && v->token->sensors != NULL) {
		eg_serve_refuse(v, 403, "the token is for some sensors only");
		return false;
	}
	pause = s->cfg->rate > 0 ? eg_tokens_count(v->token, s->cfg->rate, now) : 0;
	if (pause > 0) {
		eg_serve_refuse(v, 429, "more than %g requests a second", s->cfg->rate);
		return false;
	}
	v->token->requests++;
	v->token->seen_ms = now;
	return true;
}

/* Whether the route has the method; answers if not. */
static bool
has_method(struct eg_serve_request *v)
{
	const char *method = v->r->method;

	if (strcmp(method, "OPTIONS") == 0) {
		const char *const headers[] = { "Allow", v->route->methods == EG_SERVE_POST ?
			"POST, OPTIONS" : "GET, HEAD, OPTIONS", NULL };

		v->answered = true;
		eg_http_answer(v->r, 204, "", 0, headers);
		return false;
	}
	if (strcmp(method, "POST") == 0 ? (v->route->methods & EG_SERVE_POST) != 0 :
	    (v->route->methods & EG_SERVE_GET) != 0 &&
	        (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0))
		return true;
	eg_serve_refuse(v, 405, "this path takes %s only",
	    v->route->methods == EG_SERVE_POST ? "POST" : "GET");
	return false;
}

/* Whether the body is wanted, by its headers; answers if not. */
static bool
wants_body(struct eg_server *s, struct eg_serve_request *v)
{
	const char *length = eg_http_header(v->r, "Content-Length");
	const char *encoding = eg_http_header(v->r, "Content-Encoding");
	unsigned long long n = length != NULL ? strtoull(length, NULL, 10) : 0;

	if (length == NULL && eg_http_header(v->r, "Transfer-Encoding") == NULL)
		eg_serve_refuse(v, 411, "the request does not say how long its body is");
	else if (n > s->cfg->body_max)
		eg_serve_refuse(v, 413, "the body is longer than %zu bytes", s->cfg->body_max);
	else if (encoding != NULL && strcasecmp(encoding, "gzip") != 0 &&
	    strcasecmp(encoding, "x-gzip") != 0 && strcasecmp(encoding, "identity") != 0)
		eg_serve_refuse(v, 415, "the content encoding is neither gzip nor identity");
	else if (s->loop.ending)
		eg_serve_refuse(v, 503, "the server is ending");
	else if (!eg_rejects_room(&s->loop.run.rejects))
		eg_serve_refuse(v, 503, "refused readings cannot be kept now; nothing of this was taken");
	else if (s->held_bytes + n > s->cfg->held_max)
		eg_serve_refuse(v, 503, "too much is on its way; nothing of this was taken");
	return !v->answered;
}

void
eg_serve_begun(void *ctx, struct eg_http_request *r)
{
	struct eg_server *s = ctx;
	struct eg_serve_request *v = calloc(1, sizeof(*v));

	if (v == NULL) {
		eg_http_answer(r, 503, "", 0, (const char *const[]){ NULL });
		return;
	}
	r->data = v;
	v->s = s;
	v->r = r;
	v->route = find_route(r->path, &v->rest);
	if (v->route == NULL || (v->route->store && s->cfg->store == NULL)) {
		bool store = v->route != NULL;

		v->route = &nowhere;
		if (no_foreign_page(s, v))
			eg_serve_refuse(v, 404, store ? "there is no store here, see --store" :
			    "there is no such path");
		return;
	}
	if (!no_foreign_page(s, v) || !has_method(v) || !admit_request(s, v) ||
	    v->route->methods != EG_SERVE_POST)
		return;
	r->body_max = s->cfg->body_max;
	if (wants_body(s, v) && v->route->check != NULL)
		v->route->check(s, v);
}

void
eg_serve_whole(void *ctx, struct eg_http_request *r)
{
	struct eg_serve_request *v = r->data;
	struct eg_server *s = ctx;

	if (r->fault == 413)
		eg_serve_refuse(v, 413, "the body is longer than %zu bytes", r->body_max);
	else if (r->fault != 0)
		eg_serve_refuse(v, 503, "too much is on its way; nothing of this was taken");
	else
		v->route->act(s, v);
}

void
eg_serve_gone(void *ctx, struct eg_http_request *r)
{
	struct eg_serve_request *v = r->data;

	(void)ctx;
	if (v == NULL)
		return;
	v->r = NULL;
	eg_serve_list_remove(v);
	if (v->under_way)
		return;
	eg_ingest_free(&v->in);
	free(v);
}
