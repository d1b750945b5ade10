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
	for (size_t i = 0; i < w->slots && w->config->connections > 1; i++)
		if (&w->request[i] != f && w->request[i].state != EG_WRITE_REQUEST_FREE)
			n = eg_write_request_clash(&w->request[i], f, n);
	return n;
}

static bool
ready(void *self)
{
	const struct eg_writer *w = self;
	bool room = false;

	for (size_t i = 0; i < w->slots; i++) {
		room |= w->request[i].state == EG_WRITE_REQUEST_FREE;
		/* A later batch must not overtake a waiting one. */
		if (w->request[i].state == EG_WRITE_REQUEST_CLASHING)
			return false;
	}
	return room && w->peer.log.retry.failures == 0;
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

/* The oldest request that may be posted now, or NULL. While the server is unreachable, only one
 * request is posted at a time. */
static struct eg_write_request *
next_ready(struct eg_writer *w, int64_t now)
{
	size_t busy = 0, most = w->peer.log.retry.failures > 0 ? 1 : w->config->connections;
	struct eg_write_request *first = NULL;

	for (size_t i = 0; i < w->slots; i++) {
		struct eg_write_request *f = &w->request[i];

		busy += f->state == EG_WRITE_REQUEST_POSTED;
		if (f->state == EG_WRITE_REQUEST_CLASHING && w->freed &&
		    first_clash(w, f, f->batch->n) == f->batch->n)
			f->state = EG_WRITE_REQUEST_READY;
		if (f->state == EG_WRITE_REQUEST_READY && (first == NULL || f->number < first->number))
			first = f;
	}
	w->freed = false;
	return busy < most && now >= w->peer.log.retry.due ? first : NULL;
}

/* Posts the requests that are due. Returns 1 if it posted any, else 0; -1 with *e. */
static int
post_ready(struct eg_writer *w, struct eg_error *e)
{
	int64_t now = eg_mono_ms();
	struct eg_write_request *f;
	bool posted = false;

	while (w->settings != EG_SETTINGS_CHECKING && (f = next_ready(w, now)) != NULL) {
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
		while ((a = eg_influx_next(w->influx, &i, e)) != NULL)
			if (eg_writer_take_answer(w, &w->request[i], a, e) != 0)
				return -1;
		if (e->status != EG_OK)
			return -1;
		posted = post_ready(w, e);
	} while (posted > 0);
	if (w->peer.answered_ms > 0)
		w->age_s = (uint64_t)(eg_mono_ms() - w->peer.answered_ms) / 1000;
	return posted;
}

static int
wait_events(void *self, struct pollfd *fds, size_t n, int64_t due, struct eg_error *e)
{
	struct eg_writer *w = self;
	int64_t retry = INT64_MAX;

	for (size_t i = 0; i < w->slots; i++) {
		if (w->request[i].state == EG_WRITE_REQUEST_READY && w->peer.log.retry.due < retry)
			retry = w->peer.log.retry.due;
		/* An answer to it comes first, and that ends the wait. */
		if (w->request[i].state == EG_WRITE_REQUEST_POSTED) {
			retry = INT64_MAX;
			break;
		}
	}
	return eg_influx_wait(w->influx, fds, n, retry < due ? retry : due, e);
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
	w->slots = c->connections + 1;
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
		    c->connections > 1, e);
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
