/* SPDX-License-Identifier: MIT */
/* A sink that writes batches to an InfluxDB, and repeats each until it is written or refused. */
#include "influx/writer.h"

#include <stdlib.h>

#include "base/clock.h"
#include "influx/writer_parts.h"

enum {
	FIRST_PAUSE_MS = 200,
	LONGEST_PAUSE_MS = 15 * 1000,
	BATCH_BYTES = 512 * 1024,
};

/* The index of the first of n records of f whose key another batch in flight also holds; n if
 * there is none. The server may process two requests in either order, but the later record must
 * win. */
static size_t
first_clash(struct eg_writer *w, const struct eg_write_request *f, size_t n)
{
	/* A single connection keeps the order. */
	for (size_t i = 0; i < w->slots && w->concurrency.most > 1; i++)
		if (&w->request[i] != f && w->request[i].state != EG_WRITE_REQUEST_FREE)
			n = eg_write_request_clash(&w->request[i], f, n);
	return n;
}

static bool
ready(void *self)
{
	const struct eg_writer *w = self;
	size_t used = 0;

	for (size_t i = 0; i < w->slots; i++) {
		used += w->request[i].state != EG_WRITE_REQUEST_FREE;
		/* A later batch must not overtake a waiting one. */
		if (w->request[i].state == EG_WRITE_REQUEST_CLASHING)
			return false;
	}
	return used <= w->concurrency.limit && w->peer.log.retry.failures == 0;
}

static int
send_batch(void *self, struct eg_batch *b, struct eg_error *e)
{
	struct eg_writer *w = self;
	struct eg_write_request *f = w->request;
	size_t n;

	(void)e;
	while (f->state != EG_WRITE_REQUEST_FREE)
		f++;
	eg_write_request_start(f, b);
	f->number = w->batches++;
	n = first_clash(w, f, b->n);
	f->state = n > 0 ? EG_WRITE_REQUEST_READY : EG_WRITE_REQUEST_CLASHING;
	eg_write_request_build(f, w->forms, n > 0 ? n : b->n, w->limit.bytes);
	if (f->to < b->n)
		eg_batch_shorten(b, f->to);
	if (f->lines < b->n)
		eg_write_request_refuse_unfit(f, w->forms);
	if (f->lines == 0)
		eg_writer_next_request(w, f);
	return 0;
}

static size_t
count_in_flight(const struct eg_writer *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->slots; i++)
		n += w->request[i].state == EG_WRITE_REQUEST_POSTED;
	return n;
}

/* Whether another request may be posted. While the server is unreachable, or an empty request
 * asks it whether the settings are right, only one is in flight. */
static bool
may_post(const struct eg_writer *w)
{
	return w->settings != EG_SETTINGS_CHECKING &&
	    count_in_flight(w) < (w->peer.log.retry.failures > 0 ? 1 : w->concurrency.limit);
}

/* The oldest request that is ready, or NULL. */
static struct eg_write_request *
next_ready(struct eg_writer *w)
{
	struct eg_write_request *first = NULL;

	for (size_t i = 0; i < w->slots; i++) {
		struct eg_write_request *f = &w->request[i];

		if (f->state == EG_WRITE_REQUEST_CLASHING && w->freed &&
		    first_clash(w, f, f->batch->n) == f->batch->n)
			f->state = EG_WRITE_REQUEST_READY;
		if (f->state == EG_WRITE_REQUEST_READY && (first == NULL || f->number < first->number))
			first = f;
	}
	w->freed = false;
	return first;
}

/* Posts the requests that are due. Returns 1 if it posted any, else 0; -1 with *e. */
static int
post_ready(struct eg_writer *w, struct eg_error *e)
{
	int64_t now = eg_mono_ms();
	struct eg_write_request *f;
	bool posted = false;

	while (may_post(w) && now >= w->peer.log.retry.due && (f = next_ready(w)) != NULL) {
		bool check = w->settings == EG_SETTINGS_TO_BE_CHECKED;
		size_t sent = eg_influx_post(w->influx, (size_t)(f - w->request), check ? 0 : f->len,
		    f->ns, e);

		if (sent == 0)
			return -1;
		if (check) {
			w->settings = EG_SETTINGS_CHECKING;
			w->checking = f;
		}
		w->bytes += sent;
		w->requests++;
		f->state = EG_WRITE_REQUEST_POSTED;
		f->posted_ms = now;
		posted = true;
	}
	return posted;
}

static int
work(void *self, struct eg_error *e)
{
	struct eg_writer *w = self;
	const struct eg_write_reply *a;
	int posted;
	size_t i;

	do {
		w->in_flight = count_in_flight(w);
		while ((a = eg_influx_next(w->influx, &i, e)) != NULL)
			if (eg_writer_take_answer(w, &w->request[i], a, e) != 0)
				return -1;
		if (e->status != EG_OK)
			return -1;
		posted = post_ready(w, e);
	} while (posted > 0);
	if (count_in_flight(w) == 0)
		eg_concurrency_idle(&w->concurrency);
	w->connections = w->concurrency.limit;
	if (w->peer.answered_ms > 0)
		w->age_s = (uint64_t)(eg_mono_ms() - w->peer.answered_ms) / 1000;
	return posted;
}

/* When a request that is ready may be posted, on eg_mono_ms's clock; INT64_MAX: not before an
 * answer. */
static int64_t
post_due(const struct eg_writer *w)
{
	for (size_t i = 0; i < w->slots && may_post(w); i++)
		if (w->request[i].state == EG_WRITE_REQUEST_READY)
			return w->peer.log.retry.due;
	return INT64_MAX;
}

static int
wait_events(void *self, struct pollfd *fds, size_t n, int64_t due, struct eg_error *e)
{
	struct eg_writer *w = self;
	int64_t post = post_due(w);

	return eg_influx_wait(w->influx, fds, n, post < due ? post : due, e);
}

static int64_t
away(void *self)
{
	const struct eg_writer *w = self;

	return w->peer.log.retry.failures > 0 ? w->peer.log.retry.since : 0;
}

static void
name_metrics(struct eg_writer *w)
{
	struct eg_metric *m = w->metrics;

	m[0] = (struct eg_metric){ "requests", "Requests sent.", &w->requests, false };
	m[1] = (struct eg_metric){ "retries", "Requests sent again after a failure.", &w->retries, false };
	m[2] = (struct eg_metric){ "splits", "Requests refused without a named record, and split.",
		&w->splits, false };
	m[3] = (struct eg_metric){ "bytes_sent", "Bytes of request bodies as sent.", &w->bytes, false };
	m[4] = (struct eg_metric){ "answer_age_seconds", "Seconds since the last answer.", &w->age_s,
		true };
	m[5] = (struct eg_metric){ "connections", "Requests that may be in flight now.", &w->connections,
		true };
}

struct eg_writer *
eg_writer_open(const struct eg_influx_config *c, const struct eg_forms *forms, size_t batch,
    struct eg_error *e)
{
	struct eg_writer *w = calloc(1, sizeof(*w));

	if (w == NULL) {
		eg_fail(e, EG_BUG, "out of memory");
		return NULL;
	}
	w->config = c;
	if (c->connections > 0)
		eg_concurrency_fix(&w->concurrency, c->connections);
	else
		eg_concurrency_find(&w->concurrency, EG_INFLUX_CONNECTIONS_MAX);
	w->connections = w->concurrency.limit;
	w->slots = w->concurrency.most + 1;
	w->forms = forms;
	w->limit.bytes = EG_INFLUX_BODY_MAX;
	w->peer = (struct eg_peer){ .url = c->to.url,
		.log.retry = { .base_ms = FIRST_PAUSE_MS, .max_ms = LONGEST_PAUSE_MS } };
	w->sink = (struct eg_sink){ .self = w, .batch_records = batch, .batch_bytes = BATCH_BYTES,
		.flights = w->slots, .ready = ready, .send = send_batch,
		.wait = wait_events, .work = work, .away = away };
	name_metrics(w);
	w->influx = eg_influx_open(c, w->slots, e);
	for (size_t i = 0; i < w->slots && e->status == EG_OK; i++)
		/* With a single connection there are no clashes. */
		eg_write_request_open(&w->request[i], eg_influx_body(w->influx, i), batch,
		    w->concurrency.most > 1, e);
	if (e->status == EG_OK)
		return w;
	eg_writer_close(w);
	return NULL;
}

void
eg_writer_close(struct eg_writer *w)
{
	if (w == NULL)
		return;
	for (size_t i = 0; i < EG_INFLUX_SLOTS_MAX; i++)
		eg_write_request_close(&w->request[i]);
	eg_influx_close(w->influx);
	free(w);
}

struct eg_sink *
eg_writer_sink(struct eg_writer *w)
{
	return &w->sink;
}

const struct eg_metric *
eg_writer_metrics(const struct eg_writer *w)
{
	return w->metrics;
}
