/* SPDX-License-Identifier: MIT */
/* Shared by the files of the server only. */
#ifndef EG_SERVE_PARTS_H
#define EG_SERVE_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/diag.h"
#include "base/metrics.h"
#include "base/rejects.h"
#include "base/slice.h"
#include "health/health.h"
#include "http/http.h"
#include "serve/ingest.h"
#include "serve/latest.h"
#include "serve/serve.h"
#include "serve/stamps.h"
#include "serve/tokens.h"
#include "stage/source.h"

struct eg_server;
struct eg_serve_request;
struct eg_store;
struct eg_time_span;

/* The form of errors: our own, or that of InfluxDB 2 or 1. */
enum eg_serve_style { EG_SERVE_OURS, EG_SERVE_V2, EG_SERVE_V1 };

enum { EG_SERVE_GET = 1, EG_SERVE_POST = 2 };

struct eg_serve_route {
	const char *path;   /* if it ends with '/', the rest of the path is v->rest */
	unsigned methods;
	enum eg_serve_style style;
	bool open;          /* needs no token */
	bool whole;         /* shows all sensors: refused to a token for some sensors */
	bool store;         /* exists only with a store */
	/* Called before the body is received. May answer; the body is discarded then. NULL:
	 * nothing to check. */
	void (*check)(struct eg_server *s, struct eg_serve_request *v);
	/* Called with the whole body. Answers, now or later. */
	void (*act)(struct eg_server *s, struct eg_serve_request *v);
	/* For routes that take readings: answers when each reading is safe or refused. */
	void (*result)(struct eg_serve_request *v);
};

/* Requests in the order in which they were added. Zeroed it is empty. */
struct eg_serve_list {
	struct eg_serve_request *first, *last;
	size_t n;
};

/* A request, from its headers until it is answered and its readings are settled. */
struct eg_serve_request {
	struct eg_ingest in; /* must be first: a chunk is cast to its request */
	struct eg_server *s;
	struct eg_http_request *r; /* NULL: it has ended, but its readings are not settled yet */
	const struct eg_serve_route *route;
	const char *rest;
	struct eg_token *token;
	int64_t unit;     /* nanoseconds of a unit of line protocol's times */
	size_t unparsed;  /* points that could not be parsed */
	size_t held;      /* bytes counted in held_bytes for its readings */
	bool answered;
	bool under_way;   /* its readings are downstream, not settled yet */
	int64_t due;      /* waiting, settled: when it is answered with 504 (eg_mono_ms) */
	uint64_t stamp;   /* watching: of the last event, see eg_latest_each */
	bool behind;      /* watching: the last event was left out, since the client is slow */
	/* waiting, settled or watching; NULL: none of them */
	struct eg_serve_list *list;
	struct eg_serve_request *before, *after;
};

enum { EG_SERVE_REFUSALS = 20 };

/* A refused reading, as the page shows it. */
struct eg_serve_refusal {
	int64_t ns;
	const char *sender; /* the name of its token */
	const char *reason;
	char text[EG_QUOTE_MAX];
};

struct eg_server {
	const struct eg_serve *cfg;
	struct eg_source_loop loop;
	struct eg_http *http;
	struct eg_tokens tokens;
	struct eg_token anybody; /* stands for all clients if there are no tokens */
	uint64_t requests, turned_away, connections, held; /* shown with the metrics */
	size_t held_bytes; /* of request bodies, and of readings without a receipt */
	struct eg_serve_list waiting;  /* for receipts, in the order of due */
	struct eg_serve_list settled;  /* their readings are settled: to be answered */
	struct eg_serve_list watching; /* gets events */
	struct eg_meters *meters; /* NULL: none */
	struct eg_slots *days;
	struct eg_latest *latest;
	struct eg_stamps *stamps;
	struct eg_store *store; /* NULL: not open */
	bool store_lost;        /* a warning was printed that the store is gone */
	struct eg_serve_refusal refusal[EG_SERVE_REFUSALS];
	uint64_t refusals;   /* number since the start; modulo EG_SERVE_REFUSALS: the next index */
	int64_t events_ms;   /* when the last event was sent (eg_mono_ms) */
	uint64_t events_out; /* number of safe records at that time */
	int64_t started_ns, started_ms; /* eg_wall_ns, eg_mono_ms */
	struct eg_health health;
};

/* --- serve_list.c: lists of requests --- */

/* Adds a request, which is in no list, at the end. */
void eg_serve_list_add(struct eg_serve_list *l, struct eg_serve_request *v);

/* Removes a request from its list. Does nothing if it is in none. */
void eg_serve_list_remove(struct eg_serve_request *v);

/* --- serve_request.c: routes and access --- */

/* See struct eg_http_calls. */
void eg_serve_begun(void *ctx, struct eg_http_request *r);
void eg_serve_whole(void *ctx, struct eg_http_request *r);
void eg_serve_gone(void *ctx, struct eg_http_request *r);

/* --- serve_origin.c: guards against web pages --- */

/* Whether a web page of another origin made the request, by the headers Origin and
 * Sec-Fetch-Site, which a page cannot set. tls: the server's own origin is https. */
bool eg_serve_foreign_page(const struct eg_http_request *r, bool tls);

/* --- serve_answer.c: answers and errors --- */

/* Answers with an error in the route's form. Of *v only s, r and route need to be set. */
void eg_serve_refuse(struct eg_serve_request *v, unsigned status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Answer with a JSON body, which is copied, or with an empty body and status 204. */
void eg_serve_json(struct eg_serve_request *v, unsigned status, const char *body, size_t len);
void eg_serve_nothing(struct eg_serve_request *v);

/* See struct eg_http_calls. */
size_t eg_serve_too_slow(void *ctx, struct eg_http_request *r, char *out, size_t size);

/* --- serve_body.c: a request's body as text --- */

enum eg_serve_type { EG_SERVE_NO_TYPE, EG_SERVE_JSON, EG_SERVE_NDJSON, EG_SERVE_PLAIN,
	EG_SERVE_OTHER };

/* The type by the Content-Type header, without its parameters. */
enum eg_serve_type eg_serve_type_of(const struct eg_http_request *r);

/* Sets *body to the decompressed body without its byte order mark; valid as long as that of
 * the request. Answers and returns false if it does not match its Content-Encoding. */
bool eg_serve_open_body(struct eg_server *s, struct eg_serve_request *v, struct eg_slice *body);

/* --- serve_write.c: readings in, receipts back --- */

/* The check and act functions of the routes that take readings. */
void eg_serve_check_json(struct eg_server *s, struct eg_serve_request *v);
void eg_serve_check_bulk(struct eg_server *s, struct eg_serve_request *v);
void eg_serve_check_points(struct eg_server *s, struct eg_serve_request *v);
void eg_serve_ingest(struct eg_server *s, struct eg_serve_request *v);
void eg_serve_bulk(struct eg_server *s, struct eg_serve_request *v);
void eg_serve_points(struct eg_server *s, struct eg_serve_request *v);

/* Called with the result of each chunk; ctx is the server. */
extern const struct eg_child_calls eg_serve_fate;

/* Answers the requests whose readings are settled. kept: refused readings are on disk; else no
 * receipt may be given, and the answer is 503. */
void eg_serve_answer_settled(struct eg_server *s, bool kept);

/* Answers those waiting requests with 504 that are due at now (eg_mono_ms). */
void eg_serve_expire(struct eg_server *s, int64_t now);

/* --- serve_result.c: the results of a request's readings --- */

/* The result functions of the routes. */
void eg_serve_result_one(struct eg_serve_request *v);
void eg_serve_result_bulk(struct eg_serve_request *v);
void eg_serve_result_points(struct eg_serve_request *v);

/* --- serve_view.c: for people and supervisors --- */

/* The act functions of their routes. */
void eg_serve_health(struct eg_server *s, struct eg_serve_request *v);
void eg_serve_live(struct eg_server *s, struct eg_serve_request *v);
void eg_serve_ready(struct eg_server *s, struct eg_serve_request *v);
void eg_serve_ping(struct eg_server *s, struct eg_serve_request *v);
void eg_serve_metrics(struct eg_server *s, struct eg_serve_request *v);
void eg_serve_page(struct eg_server *s, struct eg_serve_request *v);
void eg_serve_events(struct eg_server *s, struct eg_serve_request *v);

/* Notes what is settled and what waits, for /health. now: eg_mono_ms. */
void eg_serve_note_health(struct eg_server *s, int64_t now);

/* Sends an event to each watcher, if the last one is at least a second ago. now: eg_mono_ms. */
void eg_serve_send_events(struct eg_server *s, int64_t now);

/* When the next event is due (eg_mono_ms); INT64_MAX: nobody watches. */
int64_t eg_serve_next_event(const struct eg_server *s);

/* --- serve_store.c: the store that is read --- */

/* Opens the store if it is not open, or if another file is at its path now. Warns once when
 * it is gone. Answers with 503 and returns false if there is none. */
bool eg_serve_open_store(struct eg_server *s, struct eg_serve_request *v);

/* Call before an answer from the store. Answers with 503 and returns false if the store was
 * written to during the read and could not be locked. */
bool eg_serve_store_steady(struct eg_server *s, struct eg_serve_request *v);

/* Answers with 503 after a read has failed, and closes the store. */
void eg_serve_store_failed(struct eg_server *s, struct eg_serve_request *v,
    const struct eg_error *e);

/* --- serve_query.c: the parameters of a request that reads the store --- */

/* Whether the request's token is for this sensor; answers with 403 if not. */
bool eg_serve_may_see(struct eg_serve_request *v, const char *sensor, size_t len);

/* The range of time in from=, to= and inclusive=. Without from=, it begins at from. Answers with
 * 400 and returns false if one of them is wrong. */
bool eg_serve_span(struct eg_serve_request *v, int64_t from, struct eg_time_span *span);

/* The number in limit=; without limit=, the value of otherwise. Answers with 400 and returns false
 * if it is out of range. */
bool eg_serve_limit(struct eg_serve_request *v, size_t otherwise, size_t *limit);

/* --- serve_read.c: readings of the store --- */

/* The act functions of their routes. */
void eg_serve_measurement(struct eg_server *s, struct eg_serve_request *v);
void eg_serve_latest(struct eg_server *s, struct eg_serve_request *v);
void eg_serve_sensor(struct eg_server *s, struct eg_serve_request *v);

#endif
