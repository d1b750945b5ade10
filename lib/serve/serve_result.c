/* SPDX-License-Identifier: MIT */
/* Answers with the results of a request's readings, in the form of its route. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record/json_text.h"
#include "record/record.h"
#include "serve/serve_parts.h"

enum { QUOTED_POINTS = 5 };

/* The reading of /ingest is safe, or it was refused. */
void
eg_serve_result_one(struct eg_serve_request *v)
{
	const struct eg_ingest *in = &v->in;
	char out[EG_LINE_MAX + 64];
	struct eg_record r;
	int n;

	if (in->refused > 0) {
		eg_serve_refuse(v, in->denied > 0 ? 403 : 422, "%s", in->refusal[0].reason);
		return;
	}
	/* A timestamp needs no escapes in JSON. */
	(void)eg_record_parse(in->chunk.text, in->chunk.len - 1, &r);
	n = snprintf(out, sizeof(out), "{\"status\":\"success\",\"timestamp\":\"%.*s\"}\n",
	    r.value_at - r.sensor_len - 2, r.line + r.sensor_len + 1);
	eg_serve_json(v, 200, out, (size_t)n);
}

static int
by_index(const void *a, const void *b)
{
	const struct eg_refusal *p = a, *q = b;

	return (p->index > q->index) - (p->index < q->index);
}

/* Refusals by the downstream were appended after those by this server: sorts all by index. */
static void
put_refusal_list(FILE *f, const struct eg_ingest *in)
{
	if (in->refused > 0)
		qsort(in->refusal, in->refused < EG_INGEST_KEPT ? in->refused : EG_INGEST_KEPT,
		    sizeof(*in->refusal), by_index);
	for (size_t i = 0; i < in->refused && i < EG_INGEST_KEPT; i++) {
		const struct eg_refusal *r = &in->refusal[i];

		fprintf(f, "%s{\"index\":%u,\"reason\":", i > 0 ? "," : "", r->index);
		eg_jsontext_put(f, r->reason, strlen(r->reason));
		(void)fputs(",\"text\":", f);
		eg_jsontext_put(f, r->text, strlen(r->text));
		putc('}', f);
	}
}

/* Answers with 403 if the token may write none of the readings. Returns whether it answered. */
static bool
all_denied(struct eg_serve_request *v)
{
	const struct eg_ingest *in = &v->in;

	if (in->records > 0 || in->refused == 0 || in->denied != in->refused)
		return false;
	eg_serve_refuse(v, 403, v->route->style == EG_SERVE_OURS ?
	    "the token may not write any of these sensors" :
	    "insufficient permissions for write");
	return true;
}

void
eg_serve_result_bulk(struct eg_serve_request *v)
{
	const struct eg_ingest *in = &v->in;
	char *body = NULL;
	size_t len = 0;
	FILE *f;

	if (all_denied(v))
		return;
	f = open_memstream(&body, &len);
	if (f == NULL) {
		eg_serve_refuse(v, 503, "out of memory");
		return;
	}
	fprintf(f, "{\"status\":\"%s\",\"accepted\":%zu,\"refused\":%zu,\"errors\":[",
	    in->refused == 0 ? "success" : in->records > 0 ? "partial" : "error", in->records,
	    in->refused);
	put_refusal_list(f, in);
	(void)fputs("]}\n", f);
	if (fclose(f) != 0)
		eg_serve_refuse(v, 503, "out of memory");
	else
		eg_serve_json(v, in->refused == 0 ? 200 : 422, body, len);
	free(body);
}

/* Writes the first refused points with their reasons, one a line. */
static void
put_points(FILE *f, const struct eg_ingest *in)
{
	for (size_t i = 0; i < in->refused && i < QUOTED_POINTS; i++)
		fprintf(f, "%sunable to parse %s: %s", i > 0 ? "\n" : "", in->refusal[i].text,
		    in->refusal[i].reason);
}

/* Answers as InfluxDB does, with some of the refused points and the number of all: 400 if a
 * point cannot be parsed, else 422 (API v1 has 400 only). */
void
eg_serve_result_points(struct eg_serve_request *v)
{
	const struct eg_ingest *in = &v->in;
	bool v1 = v->route->style == EG_SERVE_V1, parsed = v->unparsed == 0;
	char *text = NULL;
	size_t len = 0;
	FILE *f;

	if (all_denied(v))
		return;
	if (in->refused == 0) {
		eg_serve_nothing(v);
		return;
	}
	f = open_memstream(&text, &len);
	if (f != NULL)
		put_points(f, in);
	if (f == NULL || fclose(f) != 0)
		eg_serve_refuse(v, 503, "out of memory");
	else
		eg_serve_refuse(v, parsed && !v1 ? 422 : 400, "%spartial write: %s dropped=%zu",
		    parsed && !v1 ? "failure writing points to database: " : "", text,
		    in->refused);
	free(text);
}
