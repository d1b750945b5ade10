/* SPDX-License-Identifier: MIT */
/* A sink that writes batches to an InfluxDB until it has them, halved where it refuses. */
#include "influx/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/metrics.h"
#include "influx/influx.h"
#include "influx/lineprotocol_write.h"
#include "influx/peer.h"
#include "influx/write_reply.h"
#include "influx/write_request.h"
#include "stage/stage.h"

enum {
	FIRST_PAUSE_MS = 200,
	LONGEST_PAUSE_MS = 15 * 1000,
	BATCH_BYTES = 512 * 1024,
	HELD_MAX = 8,   /* single records refused alike before it must be our settings */
	HELD_MS = 1000, /* how long one of them waits for what becomes of the next */
};

struct eg_writer {
	const struct eg_influx_config *config;
	const struct eg_lineprotocol *form;
	struct eg_influx *influx;
	/* One more than requests may be on their way: the next is made ready meanwhile. */
	struct eg_write_request flight[EG_INFLUX_SLOTS_MAX];
	size_t slots;
	uint64_t batches;
	size_t body_most; /* bytes; less after a 413 */
	struct eg_peer peer;
	bool landed;       /* since clashes were looked at */

	/* The database has taken something, or refuses for different reasons: what it
	 * refuses is bad data. Until then a refusal may as well mean that we ask for
	 * the wrong thing: refusals are held back, and one request goes at a time. */
	bool trusted;
	struct eg_batch *held[HELD_MAX]; /* of one record each */
	size_t nheld;
	size_t alike; /* records refused so far, all for the same reason */
	int64_t held_until;
	char reason[EG_WRITE_REPLY_REASON];

	uint64_t requests, retries, splits, bytes, age_s;
	struct eg_metric metrics[6];
	struct eg_sink sink;
};

static void
refuse(struct eg_batch *b, size_t from, size_t to, const char *reason)
{
	char text[EG_WRITE_REPLY_REASON + 32];

	snprintf(text, sizeof(text), "the database %s", reason);
	for (size_t i = from; i < to; i++)
		eg_batch_refuse(b, i, text);
}

static void
release_held(struct eg_writer *w)
{
	for (size_t i = 0; i < w->nheld; i++) {
		refuse(w->held[i], 0, w->held[i]->n, w->reason);
		eg_batch_done(w->held[i]);
	}
	w->nheld = 0;
}

/* From now on what is refused is bad data, and so is what was refused before. */
static void
trust(struct eg_writer *w)
{
	if (w->trusted)
		return;
	w->trusted = true;
	release_held(w);
	for (size_t i = 0; i < w->slots; i++)
		if (w->flight[i].state != EG_WRITE_REQUEST_FREE)
			refuse(w->flight[i].batch, 0, w->flight[i].wrong, w->reason);
}

/* The batch has ended. One whose records were all refused shows a wrong setting; one
 * of a single record shows nothing alone. */
static int
land(struct eg_writer *w, struct eg_write_request *f, struct eg_error *e)
{
	f->state = EG_WRITE_REQUEST_FREE;
	w->landed = true;
	if (w->trusted || f->wrongs == 0) {
		eg_batch_done(f->batch);
		return 0;
	}
	if (f->wrongs > 1 || w->alike >= HELD_MAX)
		return eg_fail(e, EG_CONFIG, "'%s' %s; the same for each of the first %zu records, "
		    "which looks like a wrong setting: they are not refused",
		    w->config->to.url, w->reason, w->alike);
	if (w->nheld == 0)
		w->held_until = eg_mono_ms() + HELD_MS;
	w->held[w->nheld++] = f->batch;
	return 0;
}

static int
advance(struct eg_writer *w, struct eg_write_request *f, struct eg_error *e)
{
	if (!eg_write_request_next(f, w->form, w->body_most))
		return land(w, f, e);
	f->state = EG_WRITE_REQUEST_READY;
	return 0;
}

/* The one record that the range of f holds. */
static void
refuse_one(struct eg_writer *w, struct eg_write_request *f, const char *reason)
{
	if (!w->trusted && w->alike > 0 && strcmp(w->reason, reason) != 0)
		trust(w);
	if (w->trusted) {
		refuse(f->batch, f->from, f->to, reason);
		return;
	}
	snprintf(w->reason, sizeof(w->reason), "%s", reason);
	w->alike++;
	f->wrongs++;
	f->wrong = f->to;
}

static int
take_answer(struct eg_writer *w, struct eg_write_request *f, const struct eg_write_reply *a,
    struct eg_error *e)
{
	char reason[EG_WRITE_REPLY_REASON];
	enum eg_verdict verdict = eg_write_reply_judge(a, w->config->to.v1, reason);

	if (verdict == EG_VERDICT_AGAIN) {
		f->state = EG_WRITE_REQUEST_READY;
		w->retries++;
		eg_peer_failed(&w->peer, f->posted_ms, a, reason);
		return 0;
	}
	if (verdict == EG_VERDICT_STOP)
		return eg_fail(e, EG_CONFIG, "'%s' %s", w->config->to.url, reason);
	eg_peer_answered(&w->peer, a);
	if (verdict == EG_VERDICT_SMALLER && f->len / 2 < w->body_most)
		w->body_most = f->len / 2;
	if (verdict == EG_VERDICT_WRITTEN)
		trust(w);
	else if (f->lines == 1)
		refuse_one(w, f, reason);
	else {
		w->splits++;
		eg_write_request_split(f);
	}
	return advance(w, f, e);
}

/* The first of n records of f whose key is on its way in another batch: two requests
 * may be carried out in either order, but the later record must win. */
static size_t
first_clash(struct eg_writer *w, const struct eg_write_request *f, size_t n)
{
	/* A single request at a time, the oldest first, is in order anyway. */
	for (size_t i = 0; i < w->slots && w->config->connections > 1; i++)
		if (&w->flight[i] != f && w->flight[i].state != EG_WRITE_REQUEST_FREE)
			n = eg_write_request_clash(&w->flight[i], f, n);
	return n;
}

static bool
ready(void *self)
{
	const struct eg_writer *w = self;
	bool room = false, busy = false;

	for (size_t i = 0; i < w->slots; i++) {
		room |= w->flight[i].state == EG_WRITE_REQUEST_FREE;
		busy |= w->flight[i].state != EG_WRITE_REQUEST_FREE;
		/* What came later must not overtake what waits. */
		if (w->flight[i].state == EG_WRITE_REQUEST_CLASHING)
			return false;
	}
	return room && w->peer.retry.failures == 0 && (w->trusted || !busy);
}

static int
send_batch(void *self, struct eg_batch *b, struct eg_error *e)
{
	struct eg_writer *w = self;
	struct eg_write_request *f = w->flight;
	size_t n;

	while (f->state != EG_WRITE_REQUEST_FREE)
		f++;
	eg_write_request_start(f, b);
	f->number = w->batches++;
	n = first_clash(w, f, b->n);
	f->state = n > 0 ? EG_WRITE_REQUEST_READY : EG_WRITE_REQUEST_CLASHING;
	eg_write_request_build(f, w->form, 0, n > 0 ? n : b->n, w->body_most);
	/* A batch whose refusal is held back must not keep the next one from leaving: it
	 * counts as full. */
	if (f->to < b->n || !w->trusted)
		eg_batch_shorten(b, f->to);
	if (f->lines < b->n)
		eg_write_request_refuse_unfit(f, w->form);
	return f->lines > 0 ? 0 : advance(w, f, e);
}

/* The oldest batch that may be posted now, or NULL. While the peer is away, one request
 * at a time tries. */
static struct eg_write_request *
next_ready(struct eg_writer *w, int64_t now)
{
	size_t busy = 0, most = w->peer.retry.failures > 0 ? 1 : w->config->connections;
	struct eg_write_request *first = NULL;

	for (size_t i = 0; i < w->slots; i++) {
		struct eg_write_request *f = &w->flight[i];

		busy += f->state == EG_WRITE_REQUEST_POSTED;
		if (f->state == EG_WRITE_REQUEST_CLASHING && w->landed &&
		    first_clash(w, f, f->batch->n) == f->batch->n)
			f->state = EG_WRITE_REQUEST_READY;
		if (f->state == EG_WRITE_REQUEST_READY && (first == NULL || f->number < first->number))
			first = f;
	}
	w->landed = false;
	return busy < most && now >= w->peer.retry.due ? first : NULL;
}

/* Posts what may go. Whether something was posted, or -1. */
static int
post_ready(struct eg_writer *w, struct eg_error *e)
{
	int64_t now = eg_mono_ms();
	struct eg_write_request *f;
	bool posted = false;

	while ((f = next_ready(w, now)) != NULL) {
		size_t sent = eg_influx_post(w->influx, (size_t)(f - w->flight), f->len, f->ns, e);

		if (sent == 0)
			return -1;
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
			if (take_answer(w, &w->flight[i], a, e) != 0)
				return -1;
		if (e->status != EG_OK)
			return -1;
		posted = post_ready(w, e);
	} while (posted > 0);
	if (w->nheld > 0 && eg_mono_ms() >= w->held_until)
		release_held(w);
	if (w->peer.answered_ms > 0)
		w->age_s = (uint64_t)(eg_mono_ms() - w->peer.answered_ms) / 1000;
	return posted;
}

static int
wait_events(void *self, struct pollfd *fds, size_t n, int timeout_ms, struct eg_error *e)
{
	struct eg_writer *w = self;
	int64_t due = INT64_MAX, left;

	if (w->nheld > 0)
		due = w->held_until;
	for (size_t i = 0; i < w->slots; i++) {
		if (w->flight[i].state == EG_WRITE_REQUEST_READY && w->peer.retry.due < due)
			due = w->peer.retry.due;
		/* Then it is an answer that matters; the connections wake us. */
		if (w->flight[i].state == EG_WRITE_REQUEST_POSTED && w->nheld == 0) {
			due = INT64_MAX;
			break;
		}
	}
	left = due - eg_mono_ms();
	left = left < 0 ? 0 : left;
	if (timeout_ms < 0 || left < timeout_ms)
		timeout_ms = left > 3600 * 1000 ? 3600 * 1000 : (int)left;
	return eg_influx_wait(w->influx, fds, n, timeout_ms, e);
}

static int64_t
away(void *self)
{
	const struct eg_writer *w = self;

	return w->peer.retry.failures > 0 ? w->peer.retry.since : 0;
}

static void
name_metrics(struct eg_writer *w)
{
	struct eg_metric *m = w->metrics;

	m[0] = (struct eg_metric){ "requests", "Requests sent.", &w->requests, false };
	m[1] = (struct eg_metric){ "retries", "Requests to be sent again.", &w->retries, false };
	m[2] = (struct eg_metric){ "splits", "Requests halved, as something in them was refused.",
		&w->splits, false };
	m[3] = (struct eg_metric){ "bytes_sent", "Bytes of all bodies as sent.", &w->bytes, false };
	m[4] = (struct eg_metric){ "answer_age_seconds", "Since the last answer came.", &w->age_s,
		true };
}

struct eg_writer *
eg_writer_open(const struct eg_influx_config *c, const struct eg_lineprotocol *p, size_t batch,
    struct eg_error *e)
{
	struct eg_writer *w = calloc(1, sizeof(*w));

	if (w == NULL) {
		eg_fail(e, EG_BUG, "out of memory");
		return NULL;
	}
	w->config = c;
	w->slots = c->connections + 1;
	w->form = p;
	w->body_most = EG_INFLUX_BODY_MAX;
	w->peer = (struct eg_peer){ .url = c->to.url,
		.retry = { .base_ms = FIRST_PAUSE_MS, .max_ms = LONGEST_PAUSE_MS } };
	w->sink = (struct eg_sink){ .self = w, .batch_records = batch, .batch_bytes = BATCH_BYTES,
		.flights = w->slots + HELD_MAX, .ready = ready, .send = send_batch,
		.wait = wait_events, .work = work, .away = away };
	name_metrics(w);
	w->influx = eg_influx_open(c, w->slots, e);
	for (size_t i = 0; i < w->slots && e->status == EG_OK; i++) {
		w->flight[i].body = eg_influx_body(w->influx, i);
		/* A single connection has nothing to clash with. */
		if (c->connections > 1)
			eg_keyset_open(&w->flight[i].keys, batch, e);
	}
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
		eg_keyset_close(&w->flight[i].keys);
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
