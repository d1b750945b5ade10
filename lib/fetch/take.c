/* SPDX-License-Identifier: MIT */
/* Processes the answers of devices. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "decode/decode.h"
#include "fetch/parts.h"
#include "fetch/url.h"
#include "fetch/verdict.h"
#include "record/record.h"

enum { REDIRECTS_MAX = 3 };

/* Warns of a failure once, as long as it stays the same, and sets the time of the next request:
 * soon for a device that is unreachable, at its next turn for one with another failure. */
static void
note_failure(struct eg_fetch_run *r, struct eg_fetch_peer *p, const struct eg_fetch_verdict *v,
    int64_t pause_ms)
{
	const char *url = p->device->url;
	char text[EG_FETCH_REASON + EG_FETCH_URL_MAX + 8];
	int64_t retry;

	r->failures++;
	r->failed[v->status] = true;
	r->away += p->trouble.retry.failures == 0;
	(void)snprintf(text, sizeof(text), "'%.*s' %s", (int)eg_fetch_url_shown(url), url, v->reason);
	if (r->o->once) {
		eg_warn("%s", text);
		return;
	}
	eg_backoff_log_failed(&p->trouble, v->kind, eg_mono_ms(), pause_ms, text);
	retry = p->trouble.retry.due;
	p->due = eg_fetch_next_turn(r, p);
	if (pause_ms > 0 ? retry > p->due : v->status == EG_TEMPORARY && retry < p->due)
		p->due = retry;
}

static void
note_success(struct eg_fetch_run *r, struct eg_fetch_peer *p)
{
	const char *url = p->device->url;
	char text[EG_FETCH_URL_MAX + 16];

	(void)snprintf(text, sizeof(text), "'%.*s' is back", (int)eg_fetch_url_shown(url), url);
	r->away -= p->trouble.retry.failures > 0;
	eg_backoff_log_over(&p->trouble, eg_mono_ms(), text);
	p->due = r->o->once ? INT64_MAX : eg_fetch_next_turn(r, p);
}

static int
keep_records(struct eg_fetch_run *r, const struct eg_decoded *d)
{
	if (eg_output_queue_add(&r->queue, d->lines, d->len, &r->loop.error) != 0)
		return -1;
	r->loop.metrics.in += d->records;
	r->empty += d->len == 0;
	r->passed_over += d->passed_over;
	if (d->unknown != NULL)
		eg_warn("not understood and passed over, named once: %s", d->unknown);
	return 0;
}

/* Reports an answer that the format's decoder refuses. */
static int
refuse_body(struct eg_fetch_run *r, struct eg_fetch_peer *p, const struct eg_fetch_answer *a,
    const char *reason)
{
	struct eg_fetch_verdict v = { .status = EG_REFUSED, .kind = EG_FETCH_KIND_BODY };
	char text[EG_FETCH_REASON + EG_FETCH_URL_MAX + 8];
	const char *url = p->device->url;

	p->known = false;
	r->loop.metrics.in++;
	r->loop.metrics.refused++;
	(void)snprintf(v.reason, sizeof(v.reason), "gives an answer that is refused: %s", reason);
	note_failure(r, p, &v, 0);
	(void)snprintf(text, sizeof(text), "'%.*s': %s", (int)eg_fetch_url_shown(url), url, reason);
	return eg_rejects_add(&r->loop.rejects, 0, a->body, a->len, text, &r->loop.error);
}

/* Whether the body ends within a line, and may be cut short there. JSON and telegrams have an end
 * of their own. */
static bool
ends_within_line(const struct eg_fetch_run *r, const struct eg_fetch_answer *a)
{
	enum eg_framing_kind kind = eg_decode_framing(r->decode);

	return a->open_end && (kind == EG_FRAMING_LINES || kind == EG_FRAMING_ROWS) &&
	    a->body[a->len - 1] != '\n';
}

static int
decode_body(struct eg_fetch_run *r, struct eg_fetch_peer *p, const struct eg_fetch_answer *a)
{
	struct eg_decode_message m = { .body = a->body, .len = a->len, .arrived = eg_wall_ns(),
		.sensor = p->device->sensor };
	struct eg_decoded d;

	if (ends_within_line(r, a))
		return refuse_body(r, p, a, eg_fault_text(EG_FAULT_UNTERMINATED));
	m.from = eg_fetch_url_host(p->device->url, &m.from_len);
	if (eg_decode_message(r->decode, &m, &d, &r->loop.error) != 0)
		return -1;
	if (d.reason != NULL)
		return refuse_body(r, p, a, d.reason);
	p->known = true;
	p->version = a->version;
	note_success(r, p);
	return keep_records(r, &d);
}

static int
take_answer(struct eg_fetch_run *r, struct eg_fetch_peer *p, const struct eg_fetch_answer *a)
{
	struct eg_fetch_verdict v;

	r->busy--;
	eg_fetch_judge(a, p->device->url, p->known, &v);
	if (v.meaning == EG_FETCH_MOVED && p->redirects < REDIRECTS_MAX) {
		p->redirects++;
		return eg_fetch_ask(r, p, a->redirect);
	}
	if (v.meaning == EG_FETCH_MOVED)
		v = (struct eg_fetch_verdict){ .meaning = EG_FETCH_FAILED, .status = EG_CONFIG,
			.kind = EG_FETCH_KIND_REDIRECT, .reason = "redirects more than three times" };
	if (v.meaning == EG_FETCH_BODY)
		return decode_body(r, p, a);
	if (v.meaning == EG_FETCH_UNCHANGED) {
		r->unchanged++;
		note_success(r, p);
		return 0;
	}
	p->known = false;
	note_failure(r, p, &v, a->retry_after_ms);
	return 0;
}

int
eg_fetch_take(struct eg_fetch_run *r)
{
	const struct eg_fetch_answer *a;
	void *who;

	while ((a = eg_fetch_requests_next(r->requests, &who, &r->loop.error)) != NULL)
		if (take_answer(r, who, a) != 0)
			return -1;
	if (r->loop.error.status != EG_OK)
		return -1;
	return eg_rejects_flush(&r->loop.rejects, &r->loop.error) < 0 ? -1 : 0;
}
