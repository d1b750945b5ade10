/* SPDX-License-Identifier: MIT */
/* Counters of a program, as a line and in Prometheus' text format. */
#include "base/metrics.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/options.h"
#include "base/reject_kinds.h"
#include "base/stop.h"

enum { TICK_MS = 1000 };

static uint64_t
pending(const struct eg_metrics *m)
{
	return m->in - m->out - m->refused;
}

/* Prometheus text exposition format 0.0.4. */
static void
print_one(FILE *f, const char *name, const char *help, bool gauge, uint64_t value)
{
	const char *end = gauge ? "" : "_total";

	fprintf(f, "# HELP energyguard_%s%s %s\n# TYPE energyguard_%s%s %s\n", name, end, help,
	    name, end, gauge ? "gauge" : "counter");
	fprintf(f, "energyguard_%s%s{program=\"%s\"} %llu\n", name, end, eg_program(),
	    (unsigned long long)value);
}

/* A metric whose labels tell which process this is, for those who read counters of several. */
static void
print_info(FILE *f)
{
	char host[256];

	if (gethostname(host, sizeof(host)) != 0)
		host[0] = '\0';
	host[sizeof(host) - 1] = '\0';
	for (char *at = host; *at != '\0'; at++)
		if (!isalnum((unsigned char)*at) && strchr("._-", *at) == NULL)
			*at = '_'; /* such a name is none, but a label must stay one */
	fprintf(f, "# HELP energyguard_info The program's version and its machine; always 1.\n"
	    "# TYPE energyguard_info gauge\n"
	    "energyguard_info{program=\"%s\",version=\"" EG_VERSION "\",host=\"%s\"} 1\n", eg_program(),
	    host);
}

/* One counter for each kind of reason: a label has few values, and none of a reading. */
static void
print_reasons(FILE *f, const struct eg_reject_kinds *k)
{
	char name[EG_REJECT_KIND_TEXT];

	if (k == NULL || k->n == 0)
		return;
	(void)fputs("# HELP energyguard_refusals_total Lines refused for good, by the reason.\n"
	    "# TYPE energyguard_refusals_total counter\n", f);
	for (size_t i = 0; i < k->n; i++)
		fprintf(f, "energyguard_refusals_total{program=\"%s\",reason=\"%s\"} %llu\n", eg_program(),
		    eg_reject_kind_name(&k->at[i], name), (unsigned long long)k->at[i].count);
}

void
eg_metrics_print(FILE *f, const struct eg_metrics *m)
{
	print_one(f, "records_in", "Records read.", false, m->in);
	print_one(f, "records_out", "Records that are safe.", false, m->out);
	print_one(f, "records_refused", "Records refused for good.", false, m->refused);
	print_one(f, "records_pending", "Records without a fate yet.", true, pending(m));
	print_one(f, "written_timestamp_seconds", "When this was written.", true,
	    (uint64_t)time(NULL));
	print_one(f, "peer_away_seconds", "Since when the peer is unavailable.", true,
	    m->peer_since == 0 ? 0 : (uint64_t)(eg_mono_ms() - m->peer_since) / 1000);
	for (const struct eg_metric *x = m->extra; x != NULL && x->name != NULL; x++)
		if (*x->value != EG_METRIC_UNKNOWN)
			print_one(f, x->name, x->help, x->gauge, *x->value);
	print_reasons(f, m->reasons);
	print_info(f);
	if (m->flow != NULL)
		eg_flow_print(f, m->flow, eg_mono_ms());
	(void)fputs(EG_METRICS_END, f);
}

static int
write_file(const struct eg_metrics *m, const char *text, size_t len, struct eg_error *e)
{
	if (m->path == NULL)
		return 0;
	if (eg_file_is_stream(m->path))
		return eg_file_write(m->path, text, len, e);
	/* not synced, since it is replaced every second */
	return eg_file_replace_unsynced(m->path, text, len, e);
}

/* Hands the counters to the file of --metrics and to what serves --listen. */
static int
publish(struct eg_metrics *m, struct eg_error *e)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f;
	int rc;

	if (m->path == NULL && m->watched.common == NULL)
		return 0;
	f = open_memstream(&text, &len);
	if (f == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	eg_metrics_print(f, m);
	if (fclose(f) != 0) {
		free(text);
		return eg_fail(e, EG_BUG, "out of memory");
	}
	eg_watched_show(&m->watched, text, len, eg_mono_ms());
	rc = write_file(m, text, len, e);
	free(text);
	return rc;
}

static void
print_line(const struct eg_metrics *m)
{
	char text[512];
	size_t n = 0;

	text[0] = '\0';
	for (const struct eg_metric *x = m->extra; x != NULL && x->name != NULL; x++) {
		if (*x->value == 0 || *x->value == EG_METRIC_UNKNOWN || n >= sizeof(text) - 64)
			continue;
		n += (size_t)snprintf(text + n, sizeof(text) - n, ", %s %llu", x->name,
		    (unsigned long long)*x->value);
	}
	eg_note("in %llu = out %llu + refused %llu + pending %llu%s", (unsigned long long)m->in,
	    (unsigned long long)m->out, (unsigned long long)m->refused,
	    (unsigned long long)pending(m), text);
}

static void
print_progress(struct eg_metrics *m, int64_t now)
{
	double seconds = (double)(now - m->last_ms) / 1000;

	eg_note("in %llu, out %llu, refused %llu, pending %llu, %.0f/s", (unsigned long long)m->in,
	    (unsigned long long)m->out, (unsigned long long)m->refused,
	    (unsigned long long)pending(m),
	    seconds > 0 ? (double)(m->out - m->last_out) / seconds : 0);
	m->last_ms = now;
	m->last_out = m->out;
}

/* A full disk must not stop the readings, so a failure is a warning, given once. */
static void
refresh(struct eg_metrics *m)
{
	struct eg_error e = { 0 };

	if (publish(m, &e) == 0)
		m->complained = false;
	else if (!m->complained) {
		m->complained = true;
		eg_warn("%s", e.text);
	}
}

int
eg_metrics_open(struct eg_metrics *m, const struct eg_common *c, struct eg_error *e)
{
	m->path = c->metrics;
	m->progress = c->progress;
	m->last_ms = eg_mono_ms();
	m->next = m->path != NULL || m->progress || c->listen != NULL ? m->last_ms + TICK_MS :
	    INT64_MAX;
	if (m->path != NULL && eg_file_holds_other(m->path, "# HELP energyguard_"))
		return eg_fail(e, EG_USAGE, "--metrics: '%s' holds no counters: "
		    "name another file, or remove this one", m->path);
	if (c->listen != NULL && eg_watched_start(&m->watched, c, e) != 0)
		return -1;
	return publish(m, e);
}

void
eg_metrics_taken(struct eg_metrics *m, int64_t now)
{
	if (m->flow != NULL)
		eg_flow_taken(m->flow, m->in - m->refused_unsent, now);
}

static void
note_flow(struct eg_metrics *m, int64_t now)
{
	eg_metrics_taken(m, now);
	if (m->flow != NULL)
		eg_flow_settled(m->flow, m->out + m->refused - m->refused_unsent, now);
}

void
eg_metrics_tick(struct eg_metrics *m, int64_t now)
{
	note_flow(m, now);
	if (eg_stop_usr1())
		print_line(m);
	if (now < m->next)
		return;
	m->next = now + TICK_MS;
	refresh(m);
	if (m->progress)
		print_progress(m, now);
}

void
eg_metrics_close(struct eg_metrics *m, int verbose)
{
	note_flow(m, eg_mono_ms());
	refresh(m);
	eg_watched_end(&m->watched);
	if (verbose > 0 || m->progress)
		print_line(m);
}
