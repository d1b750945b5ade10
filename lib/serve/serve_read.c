/* SPDX-License-Identifier: MIT */
/* Readings of an eg-store database, as JSON. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/number.h"
#include "record/json_text.h"
#include "record/record.h"
#include "serve/serve_parts.h"
#include "store/store.h"

enum {
	/* Number of readings in an answer without limit=. */
	HISTORY_FEW = 1000,
	RECENT_FEW = 100,
	/* The server does nothing else while a request reads, so it may not read more. */
	READ_MOST = 200000,
};

/* What is collected from the records that are read. */
struct walk {
	FILE *f; /* the answer; NULL: numbers only */
	size_t limit, n;
	size_t seen; /* number of records read, at most READ_MOST */
	bool more; /* there are more records than READ_MOST */
	double mean, square;
	struct eg_record *newest; /* a heap when it is full, the oldest first */
};

static void
too_many(struct eg_serve_request *v)
{
	eg_serve_refuse(v, 422, "more than %d readings: narrow 'from' and 'to'", READ_MOST);
}

/* Writes a reading as an object, with the number in the form of JSON. */
static void
put_json_reading(FILE *f, const struct eg_record *r, bool named)
{
	char number[EG_VALUE_MAX + 2];
	size_t n = eg_decimal_json(r->line + r->value_at, (size_t)(r->len - r->value_at), number);

	putc('{', f);
	if (named) {
		(void)fputs("\"sensor_id\":", f);
		eg_jsontext_put(f, r->line, r->sensor_len);
		putc(',', f);
	}
	fprintf(f, "\"timestamp\":\"%.*s\",\"value\":%.*s}", (int)eg_record_time(r).len,
	    eg_record_time(r).s, (int)n, number);
}

/* Answers with the text written to f. */
static void
answer_text(struct eg_serve_request *v, FILE *f, char **body, size_t *len)
{
	if (fclose(f) != 0)
		eg_serve_refuse(v, 503, "out of memory");
	else if (eg_serve_store_steady(v->s, v))
		eg_serve_json(v, 200, *body, *len);
}

static int
on_one(void *ctx, const char *line, size_t len, struct eg_error *e)
{
	struct eg_record r;

	(void)e;
	if (eg_record_parse(line, len - 1, &r) == EG_FAULT_NONE)
		put_json_reading(ctx, &r, true);
	return 0;
}

void
eg_serve_measurement(struct eg_server *s, struct eg_serve_request *v)
{
	char buf[EG_STORE_KEY_SIZE], *body = NULL;
	size_t len = 0;
	struct eg_store_out out = { on_one, NULL };
	struct eg_error e = { 0 };
	struct eg_record r;
	bool found;
	FILE *f;

	if (eg_store_key_parse(v->rest, strlen(v->rest), buf, &r) != EG_FAULT_NONE) {
		eg_serve_refuse(v, 400, "the key is not sensor:timestamp");
		return;
	}
	if (!eg_serve_may_see(v, r.line, r.sensor_len) || !eg_serve_open_store(s, v))
		return;
	out.ctx = f = open_memstream(&body, &len);
	if (f == NULL) {
		eg_serve_refuse(v, 503, "out of memory");
		return;
	}
	if (eg_store_get(s->store, &r, EG_STORE_RECORDS, &out, &found, &e) != 0 || !found) {
		(void)fclose(f);
		if (e.status != EG_OK)
			eg_serve_store_failed(s, v, &e);
		else if (eg_serve_store_steady(s, v))
			eg_serve_refuse(v, 404, "there is no such reading");
	} else {
		putc('\n', f);
		answer_text(v, f, &body, &len);
	}
	free(body);
}

static int
on_history(void *ctx, const char *line, size_t len, struct eg_error *e)
{
	struct walk *w = ctx;
	struct eg_record r;

	(void)e;
	if (w->n == w->limit) {
		w->more = true;
		return 1;
	}
	if (eg_record_parse(line, len - 1, &r) != EG_FAULT_NONE)
		return 0;
	if (w->n++ > 0)
		putc(',', w->f);
	put_json_reading(w->f, &r, false);
	return 0;
}

static void
history(struct eg_server *s, struct eg_serve_request *v, size_t name_len,
    const struct eg_time_span *span)
{
	struct walk w = { 0 };
	struct eg_store_out out = { on_history, &w };
	struct eg_error e = { 0 };
	char *body = NULL;
	size_t len = 0;

	if (!eg_serve_limit(v, HISTORY_FEW, &w.limit))
		return;
	w.f = open_memstream(&body, &len);
	if (w.f == NULL) {
		eg_serve_refuse(v, 503, "out of memory");
		return;
	}
	(void)fputs("{\"sensor_id\":", w.f);
	eg_jsontext_put(w.f, v->rest, name_len);
	(void)fputs(",\"readings\":[", w.f);
	if (eg_store_range(s->store, v->rest, name_len, span, EG_STORE_RECORDS, &out, &e) != 0) {
		(void)fclose(w.f);
		eg_serve_store_failed(s, v, &e);
	} else {
		fprintf(w.f, "],\"more\":%s}\n", w.more ? "true" : "false");
		answer_text(v, w.f, &body, &len);
	}
	free(body);
}

/* Welford's algorithm, which does not subtract two large sums. */
static int
on_number(void *ctx, const char *line, size_t len, struct eg_error *e)
{
	struct walk *w = ctx;
	struct eg_record r;
	double x, delta;

	(void)e;
	if (w->n == w->limit) {
		w->more = true;
		return 1;
	}
	if (eg_record_parse(line, len - 1, &r) != EG_FAULT_NONE)
		return 0;
	x = eg_decimal_value(line + r.value_at, (size_t)(r.len - r.value_at));
	delta = x - w->mean;
	w->mean += delta / (double)++w->n;
	w->square += delta * (x - w->mean);
	return 0;
}

static void
numbers(struct eg_server *s, struct eg_serve_request *v, size_t name_len,
    const struct eg_time_span *span, bool std)
{
	struct walk w = { .limit = READ_MOST };
	struct eg_store_out out = { on_number, &w };
	struct eg_error e = { 0 };
	char *body = NULL, number[40] = "null";
	size_t len = 0;
	double x;
	FILE *f;

	if (eg_store_range(s->store, v->rest, name_len, span, EG_STORE_RECORDS, &out, &e) != 0) {
		eg_serve_store_failed(s, v, &e);
		return;
	}
	if (!eg_serve_store_steady(s, v))
		return;
	if (w.more || w.n == 0) {
		if (w.more)
			too_many(v);
		else
			eg_serve_refuse(v, 404, "there are no readings");
		return;
	}
	f = open_memstream(&body, &len);
	if (f == NULL) {
		eg_serve_refuse(v, 503, "out of memory");
		return;
	}
	x = std ? sqrt(w.square / (double)(w.n - 1)) : w.mean;
	if (w.n > (size_t)std && isfinite(x))
		snprintf(number, sizeof(number), "%.15g", x);
	(void)fputs("{\"sensor_id\":", f);
	eg_jsontext_put(f, v->rest, name_len);
	fprintf(f, ",\"count\":%zu,\"%s\":%s}\n", w.n, std ? "std" : "mean", number);
	answer_text(v, f, &body, &len);
	free(body);
}

void
eg_serve_sensor(struct eg_server *s, struct eg_serve_request *v)
{
	const char *slash = strrchr(v->rest, '/'), *what = slash != NULL ? slash + 1 : "";
	size_t len = slash != NULL ? (size_t)(slash - v->rest) : 0;
	struct eg_time_span span;

	if (strcmp(what, "history") != 0 && strcmp(what, "mean") != 0 && strcmp(what, "std") != 0) {
		eg_serve_refuse(v, 404, "there is no such path");
		return;
	}
	if (!eg_serve_may_see(v, v->rest, len) || !eg_serve_span(v, INT64_MIN, &span) ||
	    !eg_serve_open_store(s, v))
		return;
	if (*what == 'h')
		history(s, v, len, &span);
	else
		numbers(s, v, len, &span, *what == 's');
}

/* Moves the element at index i of the heap down to its place. */
static void
sift(struct walk *w, size_t i)
{
	for (size_t child; (child = 2 * i + 1) < w->n; i = child) {
		struct eg_record top = w->newest[i];

		if (child + 1 < w->n && w->newest[child + 1].ns < w->newest[child].ns)
			child++;
		if (top.ns <= w->newest[child].ns)
			break;
		w->newest[i] = w->newest[child];
		w->newest[child] = top;
	}
}

static int
on_recent(void *ctx, const char *line, size_t len, struct eg_error *e)
{
	struct walk *w = ctx;
	struct eg_record r;
	char *copy;

	if (w->seen++ == READ_MOST) {
		w->more = true;
		return 1;
	}
	if (eg_record_parse(line, len - 1, &r) != EG_FAULT_NONE)
		return 0;
	if (w->n == w->limit && r.ns <= w->newest[0].ns)
		return 0;
	copy = malloc(len);
	if (copy == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	memcpy(copy, line, len);
	r.line = copy;
	if (w->n < w->limit) {
		w->newest[w->n++] = r;
		for (size_t i = w->n / 2; w->n == w->limit && i-- > 0;)
			sift(w, i);
		return 0;
	}
	free((void *)(uintptr_t)w->newest[0].line);
	w->newest[0] = r;
	sift(w, 0);
	return 0;
}

static int
newest_first(const void *a, const void *b)
{
	const struct eg_record *p = a, *q = b;

	return (q->ns > p->ns) - (q->ns < p->ns);
}

static void
put_recent(struct eg_serve_request *v, struct walk *w)
{
	char *body = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&body, &len);

	if (f == NULL) {
		eg_serve_refuse(v, 503, "out of memory");
		return;
	}
	qsort(w->newest, w->n, sizeof(*w->newest), newest_first);
	(void)fputs("{\"readings\":[", f);
	for (size_t i = 0; i < w->n; i++) {
		if (i > 0)
			putc(',', f);
		put_json_reading(f, &w->newest[i], true);
	}
	(void)fputs("]}\n", f);
	answer_text(v, f, &body, &len);
	free(body);
}

void
eg_serve_latest(struct eg_server *s, struct eg_serve_request *v)
{
	struct walk w = { 0 };
	struct eg_store_out out = { on_recent, &w };
	struct eg_time_span span;
	struct eg_error e = { 0 };
	int64_t hour_ago = eg_wall_ns() - 3600 * EG_NS_PER_S;

	if (!eg_serve_limit(v, RECENT_FEW, &w.limit) || !eg_serve_span(v, hour_ago, &span) ||
	    !eg_serve_open_store(s, v))
		return;
	w.newest = calloc(w.limit, sizeof(*w.newest));
	if (w.newest == NULL) {
		eg_serve_refuse(v, 503, "out of memory");
		return;
	}
	if (eg_store_dump(s->store, &span, EG_STORE_RECORDS, &out, &e) != 0)
		eg_serve_store_failed(s, v, &e);
	else if (w.more)
		too_many(v);
	else
		put_recent(v, &w);
	for (size_t i = 0; i < w.n; i++)
		free((void *)(uintptr_t)w.newest[i].line);
	free(w.newest);
}
