/* SPDX-License-Identifier: MIT */
/* Reads readings from bodies, sends them downstream, and answers on their receipts. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "record/json_text.h"
#include "record/record.h"
#include "record/time_arg.h"
#include "decode/lineprotocol_read.h"
#include "serve/serve_parts.h"

/* A request's records may take GROWTH times --max-body and GROWTH_LEAST bytes: those of points
 * with many fields are longer than the body. */
enum { GROWTH = 6, GROWTH_LEAST = 64 * 1024 };


void
eg_serve_check_json(struct eg_server *s, struct eg_serve_request *v)
{
	enum eg_serve_type type = eg_serve_type_of(v->r);

	(void)s;
	if (type != EG_SERVE_JSON && type != EG_SERVE_NO_TYPE)
		eg_serve_refuse(v, 415, "the content type is not application/json");
}

void
eg_serve_check_bulk(struct eg_server *s, struct eg_serve_request *v)
{
	const char *precision = eg_http_query(v->r, "precision");

	(void)s;
	v->unit = EG_LINEPROTOCOL_AUTO;
	if (eg_serve_type_of(v->r) == EG_SERVE_OTHER)
		eg_serve_refuse(v, 415, "the content type is none of application/json, "
		    "application/x-ndjson, text/plain");
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
note_refusal(void *ctx, const char *text, size_t len, const char *reason)
{
	struct eg_serve_request *v = ctx;
	struct eg_server *s = v->s;
	struct eg_serve_refusal *r = &s->refusal[s->refusals++ % EG_SERVE_REFUSALS];

	r->ns = eg_wall_ns();
	r->sender = v->token->name;
	r->reason = reason;
	(void)eg_quote(text, len, r->text);
	/* A failure ends the loop, which checks s->loop.run.error. */
	(void)eg_rejects_add(&s->loop.run.rejects, 0, text, len, reason, &s->loop.run.error);
}

static void
prepare_ingest(struct eg_server *s, struct eg_serve_request *v)
{
	v->in.stamps = s->stamps;
	v->in.now_ns = eg_wall_ns() / EG_NS_PER_MS * EG_NS_PER_MS;
	v->in.body_len = v->r->len;
	v->in.limit = GROWTH * s->cfg->body_max + GROWTH_LEAST;
	v->in.clocks = s->cfg->now ? EG_INGEST_ARRIVAL : EG_INGEST_REFUSE;
	v->in.token = v->token;
	v->in.on_refused = note_refusal;
	v->in.ctx = v;
}

/* Sends the accepted readings of a body downstream; the answer follows with the receipts. why: the
 * reason to refuse the whole body; NULL: there is none. */
static void
send_downstream(struct eg_server *s, struct eg_serve_request *v, const char *why)
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
	s->loop.run.metrics.in += v->in.records + v->in.refused;
	s->loop.run.metrics.refused += v->in.refused;
	s->loop.run.metrics.refused_unsent += v->in.refused;
	v->due = eg_mono_ms() + s->cfg->wait_ms;
	if (v->in.records == 0) {
		eg_serve_list_add(&s->settled, v);
		return;
	}
	v->held = eg_ingest_held(&v->in);
	s->held_bytes += v->held;
	v->under_way = true;
	eg_serve_list_add(&s->waiting, v);
	eg_source_send(&s->loop, &v->in.chunk, v->in.records);
}

void
eg_serve_ingest(struct eg_server *s, struct eg_serve_request *v)
{
	struct eg_slice body;

	prepare_ingest(s, v);
	if (eg_serve_open_body(s, v, &body))
		send_downstream(s, v, eg_ingest_object(&v->in, body.s, body.len));
}

static void
read_points(struct eg_server *s, struct eg_serve_request *v, struct eg_slice body)
{
	struct eg_lineprotocol_reader p = { s->cfg->sensor_tag, v->unit, s->cfg->skip_text };

	eg_ingest_points(&v->in, &p, body.s, body.len, &v->unparsed);
}

/* Whether a text body is JSON: its first line that is not blank begins with the character first and
 * is not a record (the name of a sensor may begin with first, too). */
static bool
is_json_text(struct eg_slice body, char first)
{
	size_t at = eg_jsontext_space(body.s, body.len, 0), n = body.len - at;
	const char *nl = memchr(body.s + at, '\n', n);
	struct eg_record r;

	if (nl != NULL)
		n = (size_t)(nl - body.s) - at;
	return n > 0 && body.s[at] == first && eg_record_parse(body.s + at, n, &r) != EG_FAULT_NONE;
}

/* Reads a body whose form is that of its type or its first line. Returns as eg_ingest_array. */
static const char *
read_bulk(struct eg_server *s, struct eg_serve_request *v, struct eg_slice body)
{
	enum eg_serve_type type = eg_serve_type_of(v->r);

	if (type == EG_SERVE_JSON || (type != EG_SERVE_NDJSON && is_json_text(body, '[')))
		return eg_ingest_array(&v->in, body.s, body.len);
	if (type == EG_SERVE_NDJSON || is_json_text(body, '{'))
		eg_ingest_objects(&v->in, body.s, body.len);
	else if (eg_lineprotocol_likely(body.s, body.len))
		read_points(s, v, body);
	else
		eg_ingest_lines(&v->in, body.s, body.len);
	return NULL;
}

void
eg_serve_bulk(struct eg_server *s, struct eg_serve_request *v)
{
	struct eg_slice body;

	prepare_ingest(s, v);
	if (eg_serve_open_body(s, v, &body))
		send_downstream(s, v, read_bulk(s, v, body));
}

void
eg_serve_points(struct eg_server *s, struct eg_serve_request *v)
{
	struct eg_slice body;

	prepare_ingest(s, v);
	if (!eg_serve_open_body(s, v, &body))
		return;
	read_points(s, v, body);
	send_downstream(s, v, NULL);
}

/* Releases what the request held downstream: its chunk is settled or dropped. */
static void
release_request(struct eg_serve_request *v)
{
	struct eg_server *s = v->s;

	s->held_bytes -= v->held;
	v->under_way = false;
	eg_serve_list_remove(v);
}

static void
free_if_gone(struct eg_serve_request *v)
{
	if (v->r != NULL)
		return;
	eg_ingest_free(&v->in);
	free(v);
}

static void
on_refused(void *ctx, struct eg_chunk *c, const char *line, size_t len)
{
	struct eg_serve_request *v = (struct eg_serve_request *)c;
	struct eg_server *s = ctx;

	s->loop.run.metrics.refused++;
	v->in.records--;
	eg_ingest_refused_later(&v->in, line, len, "refused downstream");
}

static void
note_latest(void *ctx, const struct eg_record *r)
{
	struct eg_server *s = ctx;

	eg_latest_note(s->latest, r);
}

static void
on_settled(void *ctx, struct eg_chunk *c)
{
	struct eg_serve_request *v = (struct eg_serve_request *)c;
	struct eg_server *s = ctx;

	release_request(v);
	s->loop.run.metrics.out += v->in.records;
	v->token->readings += v->in.records;
	eg_ingest_each(&v->in, note_latest, s);
	if (v->r != NULL && !v->answered)
		eg_serve_list_add(&s->settled, v);
	free_if_gone(v);
}

static void
refuse_uncertain(struct eg_serve_request *v)
{
	eg_serve_refuse(v, 503, "the server is ending; "
	    "the readings may be written, sending them again does no harm");
}

static void
on_dropped(void *ctx, struct eg_chunk *c)
{
	struct eg_serve_request *v = (struct eg_serve_request *)c;

	(void)ctx;
	release_request(v);
	if (v->r != NULL && !v->answered)
		refuse_uncertain(v);
	free_if_gone(v);
}

const struct eg_child_calls eg_serve_fate = { .refused = on_refused, .settled = on_settled,
	.dropped = on_dropped };

void
eg_serve_answer_settled(struct eg_server *s, bool kept)
{
	struct eg_serve_request *v;

	while ((v = s->settled.first) != NULL) {
		eg_serve_list_remove(v);
		if (kept)
			v->route->result(v);
		else
			refuse_uncertain(v);
	}
}

static void
time_out(struct eg_serve_request *v)
{
	eg_serve_list_remove(v);
	eg_serve_refuse(v, 504, "no receipt within %g s; "
	    "the readings may still be written, sending them again does no harm",
	    (double)v->s->cfg->wait_ms / 1000);
}

void
eg_serve_expire(struct eg_server *s, int64_t now)
{
	struct eg_serve_request *v, *next;

	while ((v = s->waiting.first) != NULL && now >= v->due)
		time_out(v);
	/* This usually empties the list. Requests stay if their refused readings cannot be
	 * written. */
	for (v = s->settled.first; v != NULL; v = next) {
		next = v->after;
		if (now >= v->due)
			time_out(v);
	}
}
