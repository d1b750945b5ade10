/* SPDX-License-Identifier: MIT */
#include "health/health.h"

#include <stdlib.h>
#include <string.h>

#include "base/metrics.h"

enum { COUNTERS_MAX = 1024 * 1024 };

/* Finds the last occurrence of the text s in [from, from + len); NULL: there is none. */
static const char *
find_last(const char *from, size_t len, const char *s)
{
	const char *found = NULL, *at = from;

	while ((at = memmem(at, len - (size_t)(at - from), s, strlen(s))) != NULL)
		found = at++;
	return found;
}

/* The value of the counter; 0 if there is none. text ends with a NUL. */
static uint64_t
value_of(const char *text, const char *name)
{
	char line[96];
	const char *at;

	(void)snprintf(line, sizeof(line), "\nenergyguard_%s{", name);
	at = strstr(text, line);
	if (at == NULL)
		return 0;
	at += strlen(line);
	at = at + strcspn(at, "}\n");
	return *at == '}' ? strtoull(at + 1, NULL, 10) : 0;
}

static void
take_program(struct eg_health *h)
{
	const char *at = strstr(h->text, "{program=\"");
	size_t n;

	if (at == NULL)
		return;
	at += strlen("{program=\"");
	n = strspn(at, "abcdefghijklmnopqrstuvwxyz0123456789-_");
	if (n < sizeof(h->program) && at[n] == '"') {
		memcpy(h->program, at, n);
		h->program[n] = '\0';
	}
}

void
eg_health_note(struct eg_health *h, uint64_t settled, uint64_t pending, uint64_t peer_away_s,
    int64_t now)
{
	/* Records that begin to wait now have waited since now. */
	bool idle = h->pending == 0 || pending == 0 || h->seen == 0;

	if (settled != h->settled)
		h->settled_at = now;
	if (settled != h->settled || idle)
		h->moved = now;
	h->settled = settled;
	h->pending = pending;
	h->peer_away_s = peer_away_s;
	h->seen = now;
}

/* Makes the first len bytes of next the newest counters. -1: no memory, or no counters. */
static int
take_counters(struct eg_health *h, size_t len, int64_t now)
{
	/* If the writer had to leave counters unfinished, others follow within them. */
	const char *begin = find_last(h->next, len, EG_METRICS_BEGIN);
	char *text;

	if (begin == NULL || (text = strndup(begin, len - (size_t)(begin - h->next))) == NULL)
		return -1;
	free(h->text);
	h->text = text;
	h->len = strlen(text);
	take_program(h);
	eg_health_note(h, value_of(text, "records_out_total") + value_of(text, "records_refused_total"),
	    value_of(text, "records_pending"), value_of(text, "peer_away_seconds"), now);
	return 0;
}

bool
eg_health_feed(struct eg_health *h, const char *bytes, size_t len, int64_t now)
{
	const char *end;
	bool taken = false;
	char *more;

	if (h->next_len + len > COUNTERS_MAX)
		h->next_len = 0;
	if (len > COUNTERS_MAX || (more = realloc(h->next, h->next_len + len)) == NULL)
		return false;
	h->next = more;
	memcpy(h->next + h->next_len, bytes, len);
	h->next_len += len;
	while ((end = memmem(h->next, h->next_len, EG_METRICS_END, strlen(EG_METRICS_END))) != NULL) {
		size_t used = (size_t)(end - h->next) + strlen(EG_METRICS_END);

		taken |= take_counters(h, (size_t)(end - h->next), now) == 0;
		h->next_len -= used;
		memmove(h->next, h->next + used, h->next_len);
	}
	return taken;
}

bool
eg_health_alive(const struct eg_health *h, int64_t now)
{
	return h->seen != 0 && now - h->seen < h->limit_ms;
}

const char *
eg_health_fault(const struct eg_health *h, int64_t now, char *out, size_t size)
{
	if (h->seen == 0)
		(void)snprintf(out, size, "no counters have come yet");
	else if (!eg_health_alive(h, now))
		(void)snprintf(out, size, "no counters for %lld s: the program hangs",
		    (long long)(now - h->seen) / 1000);
	else if (h->pending > 0 && now - h->moved >= h->limit_ms)
		(void)snprintf(out, size, "%llu records wait, and no receipt has come for %lld s",
		    (unsigned long long)h->pending, (long long)(now - h->moved) / 1000);
	else if ((int64_t)h->peer_away_s * 1000 >= h->limit_ms)
		(void)snprintf(out, size, "the peer is unavailable for %llu s",
		    (unsigned long long)h->peer_away_s);
	else
		return NULL;
	return out;
}

static void
put_metric(const struct eg_health *h, FILE *f, const char *name, const char *help, long long value)
{
	fprintf(f, "# HELP energyguard_%s %s\n# TYPE energyguard_%s gauge\n", name, help, name);
	fprintf(f, "energyguard_%s{program=\"%s\"} %lld\n", name, h->program, value);
}

void
eg_health_print_state(const struct eg_health *h, int64_t now, FILE *f)
{
	char why[128];

	put_metric(h, f, "healthy", "Whether /health answers 200.",
	    eg_health_fault(h, now, why, sizeof(why)) == NULL);
	put_metric(h, f, "alive", "Whether /live answers 200.", eg_health_alive(h, now));
	if (h->settled_at != 0)
		put_metric(h, f, "last_receipt_age_seconds", "Time since the last receipt or refusal.",
		    (long long)(now - h->settled_at) / 1000);
	put_metric(h, f, "waiting_seconds", "For how long records have waited without any receipt.",
	    h->pending == 0 ? 0 : (long long)(now - h->moved) / 1000);
}

void
eg_health_print(const struct eg_health *h, int64_t now, FILE *f)
{
	if (h->text == NULL)
		return;
	(void)fwrite(h->text, 1, h->len, f);
	eg_health_print_state(h, now, f);
}

size_t
eg_health_answer(const struct eg_health *h, const char *why, char out[EG_HEALTH_ANSWER])
{
	return (size_t)snprintf(out, EG_HEALTH_ANSWER, "{\"name\":\"%s\",\"status\":\"%s\","
	    "\"message\":\"%s\",\"pending\":%llu,\"version\":\"%s\"}\n", h->program,
	    why != NULL ? "fail" : "pass", why != NULL ? why : h->pending > 0 ? "at work" : "nothing waits",
	    (unsigned long long)h->pending, EG_VERSION);
}

void
eg_health_free(struct eg_health *h)
{
	free(h->text);
	free(h->next);
	*h = (struct eg_health){ .limit_ms = h->limit_ms };
}
