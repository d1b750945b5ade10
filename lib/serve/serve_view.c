/* SPDX-License-Identifier: MIT */
/* The web page and its events for people, health and metrics for supervisors. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "meters/meters.h"
#include "record/json_text.h"
#include "serve/serve_page.h"
#include "serve/serve_parts.h"

enum {
	WATCHERS = 64,
	EVENTS_MS = 1000,
};

/* The page is one file that loads nothing else, and no frame may show it. */
static const char csp[] = "default-src 'none'; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline'; connect-src 'self'; frame-ancestors 'none'";

static int64_t
waiting_ms(const struct eg_server *s)
{
	int64_t oldest = eg_downstream_oldest(&s->loop.down);

	return oldest == 0 ? 0 : eg_mono_ms() - oldest;
}

void
eg_serve_note_health(struct eg_server *s, int64_t now)
{
	const struct eg_metrics *m = &s->loop.run.metrics;
	uint64_t settled = m->out + m->refused;

	eg_health_note(&s->health, settled, m->in - settled, 0, now);
}

enum { WHY = 128 };

/* What is wrong; NULL: nothing. */
static const char *
fault(struct eg_server *s, char out[WHY])
{
	int64_t now = eg_mono_ms();

	if (s->loop.down.output.gone)
		return "standard output is closed";
	eg_serve_note_health(s, now);
	return eg_health_fault(&s->health, now, out, WHY);
}

static void
answer_health(const struct eg_server *s, struct eg_serve_request *v, const char *why)
{
	char out[EG_HEALTH_ANSWER];
	size_t n = eg_health_answer(&s->health, why, out);

	eg_serve_json(v, why != NULL ? 503 : 200, out, n);
}

void
eg_serve_health(struct eg_server *s, struct eg_serve_request *v)
{
	char why[WHY];

	answer_health(s, v, fault(s, why));
}

/* That this is answered shows that the program lives. */
void
eg_serve_live(struct eg_server *s, struct eg_serve_request *v)
{
	eg_serve_note_health(s, eg_mono_ms());
	answer_health(s, v, NULL);
}

/* Answers as InfluxDB 2 does, with a duration in Go's form. */
void
eg_serve_ready(struct eg_server *s, struct eg_serve_request *v)
{
	int64_t up = (eg_mono_ms() - s->started_ms) / 1000;
	char started[EG_TIME_SIZE], out[256], text[WHY];
	const char *why = fault(s, text);
	int n;

	if (why != NULL) {
		eg_serve_refuse(v, 503, "%s", why);
		return;
	}
	(void)eg_time_format(s->started_ns, started);
	n = snprintf(out, sizeof(out), "{\"status\":\"ready\",\"started\":\"%sZ\","
	    "\"up\":\"%lldh%lldm%llds\"}\n", started, (long long)up / 3600,
	    (long long)up / 60 % 60, (long long)up % 60);
	eg_serve_json(v, 200, out, (size_t)n);
}

void
eg_serve_ping(struct eg_server *s, struct eg_serve_request *v)
{
	(void)s;
	eg_serve_nothing(v);
}

void
eg_serve_metrics(struct eg_server *s, struct eg_serve_request *v)
{
	static const char *const headers[] = { "Content-Type",
		"text/plain; version=0.0.4; charset=utf-8", NULL };
	char *body = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&body, &len);

	if (f != NULL) {
		eg_serve_note_health(s, eg_mono_ms());
		eg_health_print_state(&s->health, eg_mono_ms(), f);
		eg_metrics_print(f, &s->loop.run.metrics);
	}
	if (f == NULL || fclose(f) != 0) {
		eg_serve_refuse(v, 503, "out of memory");
	} else {
		v->answered = true;
		eg_http_answer(v->r, 200, body, len, headers);
	}
	free(body);
}

void
eg_serve_page(struct eg_server *s, struct eg_serve_request *v)
{
	static const char *const headers[] = { "Content-Type", "text/html; charset=utf-8",
		"Content-Security-Policy", csp,
		"X-Content-Type-Options", "nosniff", "Referrer-Policy", "no-referrer", NULL };

	size_t len;
	const char *page = eg_serve_page_text(&len);

	(void)s;
	v->answered = true;
	eg_http_answer(v->r, 200, page, len, headers);
}

static void
put_counters(FILE *f, const struct eg_server *s, double rate)
{
	const struct eg_metrics *m = &s->loop.run.metrics;

	fprintf(f, "\"in\":%llu,\"out\":%llu,\"refused\":%llu,\"pending\":%llu,\"rate\":%.1f,"
	    "\"connections\":%zu,\"requests\":%llu,\"waiting_ms\":%lld", (unsigned long long)m->in,
	    (unsigned long long)m->out, (unsigned long long)m->refused,
	    (unsigned long long)(m->in - m->out - m->refused), rate,
	    eg_http_connections(s->http), (unsigned long long)eg_http_requests(s->http),
	    (long long)waiting_ms(s));
}

/* Writes the tokens that were used, and when they were used last. */
static void
put_senders(FILE *f, const struct eg_server *s, int64_t now)
{
	const struct eg_token *t = s->tokens.n > 0 ? s->tokens.token : &s->anybody;
	size_t n = s->tokens.n > 0 ? s->tokens.n : 1, shown = 0;

	(void)fputs(",\"senders\":[", f);
	for (size_t i = 0; i < n && shown < EG_LATEST_SENSORS; i++) {
		if (t[i].requests == 0)
			continue;
		(void)fputs(shown++ > 0 ? ",{\"name\":" : "{\"name\":", f);
		eg_jsontext_put(f, t[i].name, strlen(t[i].name));
		fprintf(f, ",\"requests\":%llu,\"readings\":%llu,\"seen_ms\":%lld}",
		    (unsigned long long)t[i].requests, (unsigned long long)t[i].readings,
		    (long long)(now - t[i].seen_ms));
	}
	putc(']', f);
}

static void
put_event_refusals(FILE *f, const struct eg_server *s)
{
	uint64_t first = s->refusals > EG_SERVE_REFUSALS ? s->refusals - EG_SERVE_REFUSALS : 0;

	(void)fputs(",\"refusals\":[", f);
	for (uint64_t i = s->refusals; i-- > first;) {
		const struct eg_serve_refusal *r = &s->refusal[i % EG_SERVE_REFUSALS];
		char time[EG_TIME_SIZE];

		(void)eg_time_format(r->ns - r->ns % 1000000000, time);
		fprintf(f, "%s{\"time\":\"%s\",\"sender\":", i + 1 < s->refusals ? "," : "", time);
		eg_jsontext_put(f, r->sender, strlen(r->sender));
		(void)fputs(",\"reason\":", f);
		eg_jsontext_put(f, r->reason, strlen(r->reason));
		(void)fputs(",\"text\":", f);
		eg_jsontext_put(f, r->text, strlen(r->text));
		putc('}', f);
	}
	putc(']', f);
}

struct put {
	FILE *f;
	struct eg_meters *meters; /* NULL: none */
	int64_t now;
	size_t n;
	bool hours; /* with the whole hour of each sensor: the watcher does not have it */
};

/* Writes the means of the minutes up to the sensor's newest one: an hour, or only the last. */
static void
put_trace(FILE *f, const struct eg_trace *t, bool hour)
{
	int64_t minute = t->minute;
	double mean;

	if (hour)
		minute -= EG_TRACE_MINUTES - 1;
	/* Empty minutes at the beginning are omitted. */
	while (minute < t->minute && !eg_trace_mean(t, minute, &mean))
		minute++;
	fprintf(f, ",\"minute\":%lld,\"means\":[", (long long)t->minute);
	for (bool more = false; minute <= t->minute; minute++, more = true) {
		if (more)
			putc(',', f);
		if (eg_trace_mean(t, minute, &mean) && isfinite(mean))
			fprintf(f, "%.10g", mean);
		else
			(void)fputs("null", f);
	}
	putc(']', f);
}

/* Writes the sensor's line in the file of meters, and its energy of today. */
static void
put_meter(const struct put *p, const struct eg_record *r, const struct eg_today *today)
{
	const struct eg_meter *m = p->meters == NULL ? NULL :
	    eg_meters_find(p->meters, r->line, r->sensor_len);
	const char *unit = m != NULL ? eg_kind_unit(m->kind) : "";
	int64_t since;
	double kwh;

	if (m != NULL && *m->name != '\0') {
		(void)fputs(",\"name\":", p->f);
		eg_jsontext_put(p->f, m->name, strlen(m->name));
	}
	if (*unit != '\0')
		fprintf(p->f, ",\"unit\":\"%s\"", unit);
	if (eg_today_kwh(today, p->now, &kwh, &since) && isfinite(kwh)) {
		fprintf(p->f, ",\"today\":%.6f,\"until\":%lld", kwh,
		    (long long)(today->day.to / EG_NS_PER_MS));
		if (since > today->day.from)
			fprintf(p->f, ",\"since\":%lld", (long long)(since / EG_NS_PER_MS));
	}
}

static void
put_event_reading(void *ctx, const struct eg_record *r, const struct eg_trace *t,
    const struct eg_today *today)
{
	struct put *p = ctx;

	(void)fputs(p->n++ > 0 ? ",{\"sensor\":" : "{\"sensor\":", p->f);
	eg_jsontext_put(p->f, r->line, r->sensor_len);
	/* Both are strings, so that the page shows the digits that were sent. */
	fprintf(p->f, ",\"timestamp\":\"%.*s\",\"value\":\"%.*s\"",
	    (int)eg_record_time(r).len, eg_record_time(r).s, (int)eg_record_value(r).len,
	    eg_record_value(r).s);
	put_meter(p, r, today);
	put_trace(p->f, t, p->hours);
	putc('}', p->f);
}

/* Sends an event to a watcher: what has changed since its last one. If a slow client has no room
 * for it, the next one has what was in it. */
static void
send_event(struct eg_server *s, struct eg_serve_request *v, double rate, int64_t now)
{
	char *body = NULL;
	size_t len = 0;
	uint64_t stamp;
	struct put p = { .f = open_memstream(&body, &len), .hours = v->stamp == 0 || v->behind,
		.meters = s->meters, .now = eg_wall_ns() };

	if (p.f == NULL)
		return;
	(void)fputs("data: {", p.f);
	put_counters(p.f, s, rate);
	put_senders(p.f, s, now);
	put_event_refusals(p.f, s);
	fprintf(p.f, ",\"minute\":%lld,\"readings\":[",
	    (long long)eg_trace_minute(eg_wall_ns()));
	stamp = eg_latest_each(s->latest, v->stamp, put_event_reading, &p);
	(void)fputs("]}\n\n", p.f);
	v->behind = fclose(p.f) != 0 || !eg_http_push(v->r, body, len);
	if (!v->behind)
		v->stamp = stamp;
	free(body);
}

void
eg_serve_events(struct eg_server *s, struct eg_serve_request *v)
{
	static const char *const headers[] = { "Content-Type", "text/event-stream",
		"Cache-Control", "no-store", NULL };

	if (s->watching.n >= WATCHERS) {
		eg_serve_refuse(v, 503, "too many are watching");
		return;
	}
	if (s->loop.ending) {
		eg_serve_refuse(v, 503, "the server is ending");
		return;
	}
	v->answered = true;
	if (s->watching.n == 0) {
		s->events_ms = eg_mono_ms();
		s->events_out = s->loop.run.metrics.out;
	}
	eg_serve_list_add(&s->watching, v);
	eg_http_stream(v->r, headers);
	send_event(s, v, 0, eg_mono_ms());
}

int64_t
eg_serve_next_event(const struct eg_server *s)
{
	return s->watching.n > 0 ? s->events_ms + EVENTS_MS : INT64_MAX;
}

void
eg_serve_send_events(struct eg_server *s, int64_t now)
{
	double rate;

	if (now < eg_serve_next_event(s))
		return;
	rate = (double)(s->loop.run.metrics.out - s->events_out) * 1000 / (double)(now - s->events_ms);
	for (struct eg_serve_request *v = s->watching.first; v != NULL; v = v->after)
		send_event(s, v, rate, now);
	s->events_ms = now;
	s->events_out = s->loop.run.metrics.out;
}
