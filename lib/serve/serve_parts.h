/* SPDX-License-Identifier: MIT */
/* What the files of the door share; nobody else includes it. */
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

/* How errors look: as ours, or as those of InfluxDB 2 and 1. */
enum eg_serve_style { EG_SERVE_OURS, EG_SERVE_V2, EG_SERVE_V1 };

enum { EG_SERVE_GET = 1, EG_SERVE_POST = 2 };

struct eg_serve_route {
	const char *path;   /* ends with '/': what stands behind it is v->rest */
	unsigned methods;
	enum eg_serve_style style;
	bool open;          /* needs no token */
	bool whole;         /* shows or tells of every sensor: not for a token of some */
	bool store;         /* is there only with a store */
	/* Before the body: answers when it is not wanted. NULL: nothing to check. */
	void (*check)(struct eg_server *s, struct eg_serve_request *v);
	/* With the body: answers now or later. */
	void (*act)(struct eg_server *s, struct eg_serve_request *v);
	/* Of a route that takes readings: answers when each of them has its fate. */
	void (*result)(struct eg_serve_request *v);
};

/* Requests in the order in which they were added. Zeroed it is empty. */
struct eg_serve_list {
	struct eg_serve_request *first, *last;
	size_t n;
};

/* A request. */
struct eg_serve_request {
	struct eg_ingest in; /* first: the unit that goes downstream is the visit's */
	struct eg_server *s;
	struct eg_http_request *r; /* NULL: its end has come, only its readings are under way */
	const struct eg_serve_route *route;
	const char *rest;
	struct eg_token *token;
	int64_t unit;     /* of a line protocol body's times */
	size_t unparsed;  /* points of it that could not be read */
	size_t held;      /* bytes counted for the unit */
	bool answered;
	bool under_way;   /* its readings are downstream */
	int64_t due;      /* waiting: when its time is over */
	uint64_t stamp;   /* watching: of what it has seen */
	/* The list's own. list: where the request waits or watches; NULL: neither. */
	struct eg_serve_list *list;
	struct eg_serve_request *before, *after;
};

enum { EG_SERVE_REFUSALS = 20 };

/* A refusal for the page. */
struct eg_serve_refusal {
	int64_t ns;
	const char *who; /* a token's name */
	const char *reason;
	char text[EG_QUOTE_MAX];
};

struct eg_server {
	const struct eg_serve *cfg;
	struct eg_source_loop loop;
	struct eg_http *http;
	struct eg_tokens tokens;
	struct eg_token anybody; /* when there are no tokens */
	uint64_t requests, turned_away, connections, held; /* shown with the metrics */
	size_t held_bytes;
	struct eg_serve_list waiting; /* for receipts, in the order of their dues */
	struct eg_serve_list watching;
	struct eg_latest *recent;
	struct eg_stamps *stamps;
	struct eg_store *store; /* NULL: not open (yet) */
	bool store_lost;        /* it was open, is gone, and a warning was printed */
	struct eg_serve_refusal refusal[EG_SERVE_REFUSALS];
	uint64_t refusals; /* the next one's place, counted on */
	int64_t told;      /* when the watchers were last told */
	uint64_t told_out;
	int64_t started_ns, started_ms; /* eg_wall_ns, eg_mono_ms */
};

/* Adds a request, which is in no list, at the end. */
void eg_serve_list_add(struct eg_serve_list *l, struct eg_serve_request *v);

/* Removes a request from its list. Does nothing if it is in none. */
void eg_serve_list_remove(struct eg_serve_request *v);

/* --- serve_request.c: who may do what --- */

void eg_serve_begun(void *ctx, struct eg_http_request *r);
void eg_serve_whole(void *ctx, struct eg_http_request *r);
void eg_serve_gone(void *ctx, struct eg_http_request *r);

/* --- serve_origin.c: what a browser says of the page behind a request --- */

/* Whether the request's Host is a name or address of this machine alone (localhost,
 * 127.0.0.0/8, [::1]), with a port or without, or there is none, as from no browser. */
bool eg_serve_local_host(const struct eg_http_request *r);

/* Whether the request was made by a web page of another origin than the server's. Only
 * what Origin and Sec-Fetch-Site say, which no page can set, is looked at. tls: the
 * server's own origin is https. */
bool eg_serve_foreign_page(const struct eg_http_request *r, bool tls);

/* --- serve_answer.c: what they are told --- */

/* Answers with an error of the route's style; of the visit only route and r are used. */
void eg_serve_refuse(struct eg_serve_request *v, unsigned status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Answers with JSON of ours, or with nothing (204). */
void eg_serve_json(struct eg_serve_request *v, unsigned status, const char *body, size_t len);
void eg_serve_nothing(struct eg_serve_request *v);

size_t eg_serve_too_slow(void *ctx, struct eg_http_request *r, char *out, size_t size);

/* --- serve_body.c: a request's body as text --- */

enum eg_serve_type { EG_SERVE_NO_TYPE, EG_SERVE_JSON, EG_SERVE_NDJSON, EG_SERVE_PLAIN,
	EG_SERVE_OTHER };

/* What the Content-Type says, its parameters aside. */
enum eg_serve_type eg_serve_type_of(const struct eg_http_request *r);

/* The body, unpacked and without a byte order mark, into *body, which lives as long as the
 * request's. Answers and returns false when it is not what Content-Encoding says. */
bool eg_serve_open_body(struct eg_server *s, struct eg_serve_request *v, struct eg_slice *body);

/* --- serve_write.c: readings in, receipts back --- */

void eg_serve_check_json(struct eg_server *s, struct eg_serve_request *v);
void eg_serve_check_bulk(struct eg_server *s, struct eg_serve_request *v);
void eg_serve_check_points(struct eg_server *s, struct eg_serve_request *v);
void eg_serve_ingest(struct eg_server *s, struct eg_serve_request *v);
void eg_serve_bulk(struct eg_server *s, struct eg_serve_request *v);
void eg_serve_points(struct eg_server *s, struct eg_serve_request *v);

/* What becomes of a request's readings; ctx is the server. */
extern const struct eg_child_calls eg_serve_fate;

/* Answers the waiting requests whose time is over at now (eg_mono_ms). */
void eg_serve_expire(struct eg_server *s, int64_t now);

/* --- serve_result.c: what became of a request's readings --- */

void eg_serve_result_one(struct eg_serve_request *v);
void eg_serve_result_bulk(struct eg_serve_request *v);
void eg_serve_result_points(struct eg_serve_request *v);

/* --- serve_view.c: for people and supervisors --- */

void eg_serve_health(struct eg_server *s, struct eg_serve_request *v);
void eg_serve_ready(struct eg_server *s, struct eg_serve_request *v);
void eg_serve_ping(struct eg_server *s, struct eg_serve_request *v);
void eg_serve_metrics(struct eg_server *s, struct eg_serve_request *v);
void eg_serve_page(struct eg_server *s, struct eg_serve_request *v);
void eg_serve_events(struct eg_server *s, struct eg_serve_request *v);

/* Sends the watchers what is new, if a second has passed since the last time. */
void eg_serve_send_events(struct eg_server *s, int64_t now);

/* When that is due (eg_mono_ms), INT64_MAX: nobody watches. */
int64_t eg_serve_next_event(const struct eg_server *s);

/* --- serve_store.c: the store that is read --- */

/* Opens the store, or makes sure that the file at its path is the one that is open. Warns
 * once when it is gone. Answers with 503 and returns false when there is none. */
bool eg_serve_open_store(struct eg_server *s, struct eg_serve_request *v);

/* To be called before an answer from the store: answers with 503 and returns false when
 * what was read may be mixed. */
bool eg_serve_store_steady(struct eg_server *s, struct eg_serve_request *v);

/* Answers with 503 to a question that failed. */
void eg_serve_store_failed(struct eg_server *s, struct eg_serve_request *v,
    const struct eg_error *e);

/* --- serve_read.c: what is in the store --- */

void eg_serve_measurement(struct eg_server *s, struct eg_serve_request *v);
void eg_serve_latest(struct eg_server *s, struct eg_serve_request *v);
void eg_serve_sensor(struct eg_server *s, struct eg_serve_request *v);

#endif
