/* SPDX-License-Identifier: MIT */
/* The verbs that read a store. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/stop.h"
#include "store/store_feed.h"
#include "store/store_verbs_parts.h"

/* Parses FROM and TO at arg. */
static int
parse_span(struct eg_verb *r, int at, struct eg_time_span *span)
{
	int64_t to;

	*span = EG_TIME_SPAN_ALL;
	if (r->inclusive && r->args <= at + 1)
		return eg_fail(&r->e, EG_USAGE, "--inclusive needs FROM and TO");
	if (r->args > at && eg_verb_time(r, r->arg[at], &span->from) != 0)
		return -1;
	if (r->args <= at + 1)
		return 0;
	if (eg_verb_time(r, r->arg[at + 1], &to) != 0)
		return -1;
	if (span->from > to)
		return eg_fail(&r->e, EG_USAGE, "'%s' is later than '%s'", r->arg[at], r->arg[at + 1]);
	*span = eg_time_span(span->from, to, r->inclusive);
	return 0;
}

static enum eg_store_lines
which_lines(const struct eg_verb *r)
{
	return r->deletions ? EG_STORE_DELETIONS : r->written ? EG_STORE_DATED : EG_STORE_RECORDS;
}

static const char *
get_line(struct eg_verb *r, const struct eg_record *key)
{
	struct eg_store_out out = { eg_verb_print, r };
	bool found;

	(void)eg_store_get(r->store, key, which_lines(r), &out, &found, &r->e);
	return NULL;
}

static const char *
range_line(struct eg_verb *r, const struct eg_record *noon)
{
	struct eg_store_out out = { eg_verb_print, r };
	struct eg_time_span day;

	eg_store_day_span(noon->ns, &day);
	(void)eg_store_range(r->store, noon->line, noon->sensor_len, &day, which_lines(r), &out, &r->e);
	return NULL;
}

static const char *
digest_line(struct eg_verb *r, const struct eg_record *any)
{
	struct eg_store_out out = { eg_verb_print, r };

	(void)eg_store_days(r->store, any->line, any->sensor_len, &out, &r->e);
	return NULL;
}

/* ":0" makes a key a record. Noon makes a day a record: it exists also on the first and the last
 * day of the range, which are not complete. */
static const struct eg_verb_feed keys = { ":0", false, get_line };
static const struct eg_verb_feed days = { "T12:00:00:0", false, range_line };
static const struct eg_verb_feed names = { ":2000-01-01T00:00:00:0", false, digest_line };

void
eg_verb_get(struct eg_verb *r)
{
	struct eg_store_out out = { eg_verb_print, r };
	char buf[EG_STORE_KEY_SIZE], q[EG_QUOTE_MAX];
	struct eg_record rec;
	bool found = false;

	if (eg_verb_fed(r)) {
		if (eg_verb_open(r, EG_STORE_READ))
			eg_verb_feed(r, &keys);
		return;
	}
	if (eg_verb_key(r, r->arg[0], buf, &rec) != 0)
		return;
	if (!eg_verb_open(r, EG_STORE_READ) ||
	    eg_store_get(r->store, &rec, which_lines(r), &out, &found, &r->e) != 0)
		return;
	if (!found) {
		eg_warn("there is no record %s", eg_quote(r->arg[0], strlen(r->arg[0]), q));
		r->status = EG_REFUSED;
	}
}

void
eg_verb_range(struct eg_verb *r)
{
	struct eg_store_out out = { eg_verb_print, r };
	struct eg_time_span span;

	if (parse_span(r, 1, &span) != 0 || !eg_verb_open(r, EG_STORE_READ))
		return;
	if (eg_verb_fed(r))
		eg_verb_feed(r, &days);
	else
		eg_store_range(r->store, r->arg[0], strlen(r->arg[0]), &span, which_lines(r), &out, &r->e);
}

void
eg_verb_dump(struct eg_verb *r)
{
	struct eg_store_out out = { eg_verb_print, r };
	struct eg_time_span span;

	if (parse_span(r, 0, &span) == 0 && eg_verb_open(r, EG_STORE_READ))
		eg_store_dump(r->store, &span, which_lines(r), &out, &r->e);
}

void
eg_verb_sensors(struct eg_verb *r)
{
	struct eg_store_out out = { eg_verb_print, r };

	if (eg_verb_open(r, EG_STORE_READ))
		eg_store_sensors(r->store, &out, &r->e);
}

/* Formats a time in quotation marks, or `none`. */
static const char *
time_text(bool there, int64_t ns, const char *quote, const char *none, char out[EG_TIME_SIZE + 2])
{
	char time[EG_TIME_SIZE];

	if (!there)
		return none;
	eg_time_format(ns, time);
	snprintf(out, EG_TIME_SIZE + 2, "%s%s%s", quote, time, quote);
	return out;
}

void
eg_verb_stat(struct eg_verb *r)
{
	const char *quote = r->json ? "\"" : "", *none = r->json ? "null" : "-";
	char first[EG_TIME_SIZE + 2], last[EG_TIME_SIZE + 2], before[EG_TIME_SIZE + 2], text[512];
	struct eg_store_facts f;

	if (!eg_verb_open(r, EG_STORE_READ) || eg_store_stat(r->store, &f, &r->e) != 0)
		return;
	snprintf(text, sizeof(text), r->json ?
	    "{\"records\":%" PRId64 ",\"sensors\":%" PRId64 ",\"first\":%s,\"last\":%s,"
	    "\"bytes\":%" PRId64 ",\"deletions\":%" PRId64 ",\"expired_before\":%s}\n" :
	    "records         %" PRId64 "\nsensors         %" PRId64 "\nfirst           %s\n"
	    "last            %s\nbytes           %" PRId64 "\ndeletions       %" PRId64 "\n"
	    "expired before  %s\n", f.records, f.sensors,
	    time_text(f.records > 0, f.first, quote, none, first),
	    time_text(f.records > 0, f.last, quote, none, last), f.bytes, f.deletions,
	    time_text(f.expired, f.expired_before, quote, none, before));
	eg_verb_print_text(r, text);
}

static void
tell_fault(const char *text)
{
	eg_warn("%s", text);
}

void
eg_verb_check(struct eg_verb *r)
{
	uint64_t records = 0, faults = 0;
	char text[64];

	if (!eg_verb_open(r, EG_STORE_READ) ||
	    eg_store_check(r->store, tell_fault, &records, &faults, &r->e) != 0)
		return;
	if (faults > 0) {
		eg_fail(&r->e, EG_LOCAL_IO, "'%s' is damaged: %" PRIu64 " faults found", r->path, faults);
		return;
	}
	snprintf(text, sizeof(text), "ok: %" PRIu64 " records\n", records);
	eg_verb_print_text(r, text);
}

void
eg_verb_backup(struct eg_verb *r)
{
	/* The handlers prevent that a signal leaves an incomplete copy. */
	if (eg_stop_install(&r->e) == 0 && eg_verb_open(r, EG_STORE_READ))
		eg_store_backup(r->store, r->arg[0], &r->e);
}

/* Removes the memory of old deletions before stores are compared, if the file can be written. */
void
eg_verb_digest(struct eg_verb *r)
{
	struct eg_store_out out = { eg_verb_print, r };
	struct eg_error unwritable = { 0 };

	r->store = eg_store_open(r->path, EG_STORE_WRITE, r->keep_ns, &unwritable);
	if (r->store != NULL)
		eg_store_purge(r->store, &r->e);
	else if (!eg_verb_open(r, EG_STORE_READ))
		return;
	if (r->e.status != EG_OK)
		return;
	if (eg_verb_fed(r))
		eg_verb_feed(r, &names);
	else if (r->args > 0)
		eg_store_days(r->store, r->arg[0], strlen(r->arg[0]), &out, &r->e);
	else
		eg_store_digest(r->store, &out, &r->e);
}

/* Creates a missing file, since eg-replicate asks before it writes. */
void
eg_verb_identity(struct eg_verb *r)
{
	char text[EG_STORE_IDENTITY + 1];

	if (!eg_verb_open(r, EG_STORE_CREATE) || eg_store_identity(r->store, text, &r->e) != 0)
		return;
	text[EG_STORE_IDENTITY - 1] = '\n';
	text[EG_STORE_IDENTITY] = '\0';
	eg_verb_print_text(r, text);
}
