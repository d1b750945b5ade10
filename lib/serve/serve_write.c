/* SPDX-License-Identifier: MIT */
/* The door's readings: taken from bodies, sent downstream, and answered by receipts. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/gunzip.h"
#include "record/json_text.h"
#include "record/record.h"
#include "record/time_arg.h"
#include "serve/lineprotocol_read.h"
#include "serve/serve_parts.h"

/* Points of many fields are longer as records; beyond this a body is too large. */
enum { GROWTH = 6, GROWTH_LEAST = 64 * 1024 };


enum body { NO_TYPE, JSON, PLAIN, OTHER };

static enum body
type_of(const struct eg_http_request *r)
{
	const char *type = eg_http_header(r, "Content-Type");
	size_t n = type != NULL ? strcspn(type, "; ") : 0;

	if (n == 0)
		return NO_TYPE;
	if (n == 16 && strncasecmp(type, "application/json", n) == 0)
		return JSON;
	return n == 10 && strncasecmp(type, "text/plain", n) == 0 ? PLAIN : OTHER;
}

void
eg_serve_check_json(struct eg_server *s, struct eg_serve_request *v)
{
	enum body type = type_of(v->r);

	(void)s;
	if (type != JSON && type != NO_TYPE)
		eg_serve_refuse(v, 415, "the content type is not application/json");
}

void
eg_serve_check_bulk(struct eg_server *s, struct eg_serve_request *v)
{
	const char *precision = eg_http_query(v->r, "precision");

	(void)s;
	v->unit = EG_LINEPROTOCOL_AUTO;
	if (type_of(v->r) == OTHER)
		eg_serve_refuse(v, 415,
		    "the content type is neither application/json nor text/plain");
	else if (precision != NULL && !eg_lineprotocol_precision(precision, false, &v->unit))
		eg_serve_refuse(v, 400, "the precision is none of ns, us, ms, s");
}

void
eg_serve_check_points(struct eg_server *s, struct eg_serve_request *v)
{
	const char *precision = eg_http_query(v->r, "precision");
	bool v1 = v->route->style == EG_SERVE_V1;

	(void)s;
	/* A client may send any content type here, as to InfluxDB. */
	v->unit = 1;
	if (precision != NULL && *precision != '\0' && !eg_lineprotocol_precision(precision, v1, &v->unit))
		eg_serve_refuse(v, 400, v1 ? "invalid precision" :
		    "invalid precision; valid precision units are ns, us, ms, and s");
}

static void
tell(void *ctx, const char *text, size_t len, const char *reason)
{
	struct eg_serve_request *v = ctx;
	struct eg_server *s = v->s;
	struct eg_serve_refusal *r = &s->refusal[s->refusals++ % EG_SERVE_REFUSALS];

	r->ns = eg_wall_ns();
	r->who = v->token->name;
	r->reason = reason;
	(void)eg_quote(text, len, r->text);
	/* A failure has no way back from here: the loop finds it in s->error. */
	(void)eg_rejects_add(&s->rejects, 0, text, len, reason, &s->error);
}

static void
prepare(struct eg_server *s, struct eg_serve_request *v)
{
	v->in.stamps = s->stamps;
	v->in.now_ns = eg_wall_ns() / EG_NS_PER_MS * EG_NS_PER_MS;
	v->in.body_len = v->r->len;
	v->in.limit = GROWTH * s->cfg->body_max + GROWTH_LEAST;
	v->in.token = v->token;
	v->in.tell = tell;
	v->in.ctx = v;
}

/* The body, which may be none. */
static const char *
body_of(const struct eg_serve_request *v)
{
	return v->r->body != NULL ? v->r->body : "";
}

/* Unpacks a body that is packed. Answers and returns false when it cannot be. */
static bool
unpack(struct eg_server *s, struct eg_serve_request *v)
{
	const char *encoding = eg_http_header(v->r, "Content-Encoding");
	char *out;
	size_t len;

	if (encoding == NULL || strcasecmp(encoding, "identity") == 0)
		return true;
	switch (eg_gunzip(body_of(v), v->r->len, s->cfg->body_max, &out, &len)) {
	case EG_GUNZIP_OK:
		eg_http_replace_body(v->r, out, len);
		return true;
	case EG_GUNZIP_LARGE:
		eg_serve_refuse(v, 413, "the body is longer than %zu bytes", s->cfg->body_max);
		return false;
	case EG_GUNZIP_BAD:
		eg_serve_refuse(v, 400, "the body is not gzip, or damaged");
		return false;
	default:
		eg_serve_refuse(v, 503, "out of memory");
		return false;
	}
}

/* The body is read: why says why none of it can be taken, if so. What is good goes
 * downstream, and the answer comes with its receipts. */
static void
go_on(struct eg_server *s, struct eg_serve_request *v, const char *why)
{
	eg_http_drop_body(v->r);
	if (v->in.full) {
		eg_serve_refuse(v, 413, "the readings in the body are too many");
		return;
	}
	if (v->in.broken || why != NULL) {
		eg_serve_refuse(v, v->in.broken ? 503 : 400, "%s", v->in.broken ? "out of memory" :
		    why);
		return;
	}
	s->metrics.in += v->in.records + v->in.refused;
	s->metrics.refused += v->in.refused;
	if (v->in.records == 0) {
		v->route->result(v);
		return;
	}
	v->held = eg_ingest_held(&v->in);
	s->held_bytes += v->held;
	v->under_way = true;
	s->sent = eg_mono_ms();
	v->due = s->sent + s->cfg->wait_ms;
	eg_serve_list_add(&s->waiting, v);
	eg_downstream_send(&s->down, &v->in.unit);
}

void
eg_serve_ingest(struct eg_server *s, struct eg_serve_request *v)
{
	prepare(s, v);
	if (unpack(s, v))
		go_on(s, v, eg_ingest_object(&v->in, body_of(v), v->r->len));
}

static void
read_points(struct eg_server *s, struct eg_serve_request *v)
{
	struct eg_lineprotocol_reader p = { s->cfg->sensor_tag, v->unit, s->cfg->skip_text };

	eg_lineprotocol_read(&p, &v->in, body_of(v), v->r->len, &v->unparsed);
}

void
eg_serve_bulk(struct eg_server *s, struct eg_serve_request *v)
{
	enum body type = type_of(v->r);
	const char *body, *why = NULL;
	size_t len, first;

	prepare(s, v);
	if (!unpack(s, v))
		return;
	body = body_of(v);
	len = v->r->len;
	first = eg_jsontext_space(body, len, 0);
	if (type == JSON || (type == NO_TYPE && first < len && body[first] == '['))
		why = eg_ingest_array(&v->in, body, len);
	else if (eg_lineprotocol_likely(body, len))
		read_points(s, v);
	else
		eg_ingest_lines(&v->in, body, len);
	go_on(s, v, why);
}

void
eg_serve_points(struct eg_server *s, struct eg_serve_request *v)
{
	prepare(s, v);
	if (!unpack(s, v))
		return;
	read_points(s, v);
	go_on(s, v, NULL);
}

/* The unit has come back: nothing of the visit is under way any more. */
static void
come_back(struct eg_serve_request *v)
{
	struct eg_server *s = v->s;

	s->held_bytes -= v->held;
	v->under_way = false;
	eg_serve_list_remove(v);
}

static void
let_go(struct eg_serve_request *v)
{
	if (v->r != NULL)
		return;
	eg_ingest_free(&v->in);
	free(v);
}

static void
on_refused(void *ctx, struct eg_chunk *u, const char *line, size_t len)
{
	struct eg_serve_request *v = (struct eg_serve_request *)u;
	struct eg_server *s = ctx;

	s->metrics.refused++;
	v->in.records--;
	eg_ingest_refused_later(&v->in, line, len, "refused downstream");
}

static void
note_recent(void *ctx, const struct eg_record *r)
{
	struct eg_server *s = ctx;

	eg_latest_note(s->recent, r);
}

static void
on_settled(void *ctx, struct eg_chunk *u)
{
	struct eg_serve_request *v = (struct eg_serve_request *)u;
	struct eg_server *s = ctx;

	come_back(v);
	s->metrics.out += v->in.records;
	v->token->readings += v->in.records;
	eg_ingest_each(&v->in, note_recent, s);
	if (v->r != NULL && !v->answered)
		v->route->result(v);
	let_go(v);
}

static void
on_dropped(void *ctx, struct eg_chunk *u)
{
	struct eg_serve_request *v = (struct eg_serve_request *)u;
	struct eg_server *s = ctx;

	come_back(v);
	s->metrics.in -= v->in.records;
	if (v->r != NULL && !v->answered)
		eg_serve_refuse(v, 503, "the server is ending; "
		    "the readings may be written, sending them again does no harm");
	let_go(v);
}

const struct eg_child_calls eg_serve_child_calls = { on_refused, on_settled, on_dropped };

void
eg_serve_expire(struct eg_server *s, int64_t now)
{
	struct eg_serve_request *v;

	while ((v = s->waiting.first) != NULL && now >= v->due) {
		eg_serve_list_remove(v);
		eg_serve_refuse(v, 504, "no receipt within %g s; "
		    "the readings may still be written, sending them again does no harm",
		    (double)s->cfg->wait_ms / 1000);
	}
}
