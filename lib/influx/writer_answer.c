/* SPDX-License-Identifier: MIT */
/* What the writer does with an answer: the records are written, refused, or sent again. */
#include <stdio.h>

#include "base/clock.h"
#include "influx/refused_lines.h"
#include "influx/write_reply.h"
#include "influx/writer_parts.h"

void
eg_writer_next_request(struct eg_writer *w, struct eg_write_request *f)
{
	if (eg_write_request_next(f, w->forms, w->limit.bytes)) {
		f->state = EG_WRITE_REQUEST_READY;
		return;
	}
	f->state = EG_WRITE_REQUEST_FREE;
	w->freed = true;
	eg_batch_done(f->batch);
}

struct refusal {
	struct eg_write_request *f;
	int status;
};

static void
refuse_rejected_line(void *ctx, size_t line, const char *reason)
{
	struct refusal *r = ctx;
	char text[EG_WRITE_REPLY_REASON + 32];

	snprintf(text, sizeof(text), "the database answers %d: %.*s", r->status,
	    EG_WRITE_REPLY_REASON - 1, reason);
	eg_write_request_refuse(r->f, line, text);
}

/* Refuses the records that the answer names; if it names none, starts a search for them. */
static void
refuse_record(struct eg_writer *w, struct eg_write_request *f, const struct eg_write_reply *a,
    const char *reason)
{
	struct refusal r = { f, (int)a->status };
	char text[EG_WRITE_REPLY_REASON + 32];
	size_t dropped;
	bool oldest;

	snprintf(text, sizeof(text), "the database %s", reason);
	if (f->lines > 1 && eg_refused_lines_named(a, f->body, f->len, f->lines, refuse_rejected_line,
	    &r) > 0)
		return;
	dropped = f->lines > 1 ? eg_refused_lines_dropped(a, f->lines, &oldest) : 0;
	if (dropped > 0 && eg_write_request_refuse_oldest(f, dropped, text))
		return;
	w->splits += f->lines > 1;
	eg_write_request_search(f, text);
}

static void
try_again(struct eg_writer *w, struct eg_write_request *f, const struct eg_write_reply *a,
    const char *reason)
{
	f->state = EG_WRITE_REQUEST_READY;
	w->retries++;
	eg_concurrency_failed(&w->concurrency);
	eg_peer_failed(&w->peer, f->posted_ms, a, reason);
}

/* Handles the answer to the empty request, on f's connection. */
static int
take_settings(struct eg_writer *w, struct eg_write_request *f, const struct eg_write_reply *a,
    struct eg_error *e)
{
	char reason[EG_WRITE_REPLY_REASON];
	enum eg_verdict verdict = eg_write_reply_judge_empty(a, w->config->to.api, reason);

	w->checking = NULL;
	f->state = EG_WRITE_REQUEST_READY;
	/* Another request may have been accepted in the meantime. */
	if (w->settings == EG_SETTINGS_RIGHT)
		return 0;
	w->settings = EG_SETTINGS_TO_BE_CHECKED;
	if (verdict == EG_VERDICT_STOP)
		return eg_fail(e, EG_CONFIG, "'%s' %s; an empty request is refused as well, so the "
		    "settings are wrong and no record is refused", w->config->to.url, reason);
	if (verdict == EG_VERDICT_AGAIN) {
		try_again(w, f, a, reason);
		return 0;
	}
	eg_peer_answered(&w->peer, a);
	w->settings = EG_SETTINGS_RIGHT;
	return 0;
}

/* Handles the answer to a request with records. */
static int
take_records(struct eg_writer *w, struct eg_write_request *f, const struct eg_write_reply *a,
    struct eg_error *e)
{
	char reason[EG_WRITE_REPLY_REASON];
	enum eg_verdict verdict = eg_write_reply_judge(a, w->config->to.api, reason);

	/* A record has at most a few kilobytes, so a smaller limit must be temporary. */
	if (verdict == EG_VERDICT_AGAIN || (verdict == EG_VERDICT_SMALLER && f->lines == 1)) {
		try_again(w, f, a, reason);
		return 0;
	}
	if (verdict == EG_VERDICT_STOP)
		return eg_fail(e, EG_CONFIG, "'%s' %s", w->config->to.url, reason);
	eg_peer_answered(&w->peer, a);
	if (verdict == EG_VERDICT_REFUSED && w->settings != EG_SETTINGS_RIGHT) {
		w->settings = w->settings == EG_SETTINGS_UNKNOWN ? EG_SETTINGS_TO_BE_CHECKED : w->settings;
		f->state = EG_WRITE_REQUEST_READY;
		return 0;
	}
	if (verdict == EG_VERDICT_SMALLER)
		eg_body_limit_shrink(&w->limit, f->len);
	if (verdict == EG_VERDICT_REFUSED)
		refuse_record(w, f, a, reason);
	if (verdict == EG_VERDICT_WRITTEN) {
		w->settings = EG_SETTINGS_RIGHT;
		if (f->full)
			eg_body_limit_full(&w->limit);
		eg_concurrency_answered(&w->concurrency, eg_mono_ns(), f->lines, w->in_flight);
		eg_write_request_written(f);
	}
	eg_writer_next_request(w, f);
	return 0;
}

int
eg_writer_take_answer(struct eg_writer *w, struct eg_write_request *f,
    const struct eg_write_reply *a, struct eg_error *e)
{
	return (w->checking == f ? take_settings : take_records)(w, f, a, e);
}
