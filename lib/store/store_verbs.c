/* SPDX-License-Identifier: MIT */
/* The verbs of a store: what they take, and what they print. */
#include "store/store_verbs.h"

#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/stop.h"
#include "record/time_arg.h"

int
eg_verb_flush(struct eg_verb *r)
{
	size_t done = 0;

	while (done < r->len && !r->out.gone) {
		ssize_t n = eg_output_write(&r->out, r->buf + done, r->len - done, &r->e);
		struct pollfd p = { .fd = r->out.fd, .events = POLLOUT };

		if (n < 0)
			return -1;
		done += (size_t)n;
		/* A part was written, or a neighbour has made the pipe non-blocking. */
		if (n == 0 && !r->out.gone && poll(&p, 1, -1) > 0)
			(void)eg_output_hung_up(&r->out, p.revents & (short)~POLLOUT);
	}
	r->len = 0;
	return r->out.gone ? 1 : 0;
}

static int
print(void *ctx, const char *text, size_t len, struct eg_error *e)
{
	struct eg_verb *r = ctx;
	int rc = 0;

	(void)e; /* is r->e */
	if (r->len + len > sizeof(r->buf))
		rc = eg_verb_flush(r);
	if (rc == 0) {
		memcpy(r->buf + r->len, text, len);
		r->len += len;
	}
	return rc;
}

static void
print_text(struct eg_verb *r, const char *text)
{
	(void)print(r, text, strlen(text), &r->e);
}

int
eg_verb_key(struct eg_verb *r, const char *key, char buf[EG_STORE_KEY_SIZE], struct eg_record *rec)
{
	char q[EG_QUOTE_MAX];
	enum eg_fault fault = eg_store_key_parse(key, strlen(key), buf, rec);

	if (fault == EG_FAULT_NONE)
		return 0;
	return eg_fail(&r->e, EG_USAGE, "%s is not a key sensor:timestamp: %s",
	    eg_quote(key, strlen(key), q), eg_fault_text(fault));
}

int
eg_verb_time(struct eg_verb *r, const char *text, int64_t *ns)
{
	char q[EG_QUOTE_MAX];

	if (eg_time_arg_parse(text, r->now, ns))
		return 0;
	return eg_fail(&r->e, EG_USAGE,
	    "%s is not a time: 2026-11-23T14:18:36, 2026-11-23, -7d and now are",
	    eg_quote(text, strlen(text), q));
}

/* FROM and TO at arg. */
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

bool
eg_verb_open(struct eg_verb *r, enum eg_store_mode mode)
{
	r->store = eg_store_open(r->path, mode, r->keep_ns, &r->e);
	return r->store != NULL;
}

bool
eg_verb_fed(const struct eg_verb *r)
{
	return r->args == 1 && strcmp(r->arg[0], "-") == 0;
}

static enum eg_store_lines
lines_of(const struct eg_verb *r)
{
	return r->deletions ? EG_STORE_DELETIONS : r->written ? EG_STORE_DATED : EG_STORE_RECORDS;
}

static const char *
get_line(struct eg_verb *r, const struct eg_record *key)
{
	struct eg_store_out out = { print, r };
	bool found;

	(void)eg_store_get(r->store, key, lines_of(r), &out, &found, &r->e);
	return NULL;
}

static const char *
range_line(struct eg_verb *r, const struct eg_record *noon)
{
	struct eg_store_out out = { print, r };
	struct eg_time_span day;

	eg_store_day_span(noon->ns, &day);
	(void)eg_store_range(r->store, noon->line, noon->sensor_len, &day, lines_of(r), &out, &r->e);
	return NULL;
}

static const char *
digest_line(struct eg_verb *r, const struct eg_record *any)
{
	struct eg_store_out out = { print, r };

	(void)eg_store_days(r->store, any->line, any->sensor_len, &out, &r->e);
	return NULL;
}

/* What a line lacks to be a record. A day's noon is an instant on the first and the
 * last day too, which are not whole. */
static const struct eg_verb_feed keys = { ":0", false, get_line };
static const struct eg_verb_feed days = { "T12:00:00:0", false, range_line };
static const struct eg_verb_feed names = { ":2000-01-01T00:00:00:0", false, digest_line };

static void
run_get(struct eg_verb *r)
{
	struct eg_store_out out = { print, r };
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
	if (!eg_verb_open(r, EG_STORE_READ) || eg_store_get(r->store, &rec, lines_of(r), &out, &found, &r->e) != 0)
		return;
	if (!found) {
		eg_warn("there is no record %s", eg_quote(r->arg[0], strlen(r->arg[0]), q));
		r->status = EG_REFUSED;
	}
}

static void
run_range(struct eg_verb *r)
{
	struct eg_store_out out = { print, r };
	struct eg_time_span span;

	if (parse_span(r, 1, &span) != 0 || !eg_verb_open(r, EG_STORE_READ))
		return;
	if (eg_verb_fed(r))
		eg_verb_feed(r, &days);
	else
		eg_store_range(r->store, r->arg[0], strlen(r->arg[0]), &span, lines_of(r), &out, &r->e);
}

static void
run_dump(struct eg_verb *r)
{
	struct eg_store_out out = { print, r };
	struct eg_time_span span;

	if (parse_span(r, 0, &span) == 0 && eg_verb_open(r, EG_STORE_READ))
		eg_store_dump(r->store, &span, lines_of(r), &out, &r->e);
}

static void
run_sensors(struct eg_verb *r)
{
	struct eg_store_out out = { print, r };

	if (eg_verb_open(r, EG_STORE_READ))
		eg_store_sensors(r->store, &out, &r->e);
}

/* A time, or what stands for none, between quote marks. */
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

static void
run_stat(struct eg_verb *r)
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
	print_text(r, text);
}

static void
tell_fault(const char *text)
{
	eg_warn("%s", text);
}

static void
run_check(struct eg_verb *r)
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
	print_text(r, text);
}

static void
run_backup(struct eg_verb *r)
{
	/* An end that is asked for leaves no half of a copy. */
	if (eg_stop_install(&r->e) == 0 && eg_verb_open(r, EG_STORE_READ))
		eg_store_backup(r->store, r->arg[0], &r->e);
}

/* Deletions that are due to be forgotten are so before stores are compared, if the
 * file can be written. */
static void
run_digest(struct eg_verb *r)
{
	struct eg_store_out out = { print, r };
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

static const struct verb {
	const char *name;
	int min, max; /* operands */
	void (*run)(struct eg_verb *r);
	const char *form;
	const char *options; /* letters of those that it takes */
} verbs[] = {
	{ "get", 1, 1, run_get, "[--written] KEY or -", "w" },
	{ "range", 1, 3, run_range, "[OPTIONS] SENSOR [FROM [TO]] or -", "diw" },
	{ "dump", 0, 2, run_dump, "[OPTIONS] [FROM [TO]]", "diw" },
	{ "sensors", 0, 0, run_sensors, "without operands", "" },
	{ "stat", 0, 0, run_stat, "[--json]", "j" },
	{ "delete", 1, INT16_MAX, eg_verb_delete, "KEY... or [--deletions] -", "d" },
	{ "evict", 1, 1, eg_verb_evict, "[--deletions] -", "d" },
	{ "merge", 1, 1, eg_verb_merge, "-", "" },
	{ "expire", 1, 1, eg_verb_expire, "BEFORE", "" },
	{ "check", 0, 0, run_check, "without operands", "" },
	{ "backup", 1, 1, run_backup, "DEST", "" },
	{ "digest", 0, 1, run_digest, "[SENSOR] or -", "" },
};

static const struct verb *
find_verb(const char *name)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

/* The options of verbs, and where each is noted. */
static bool *
option_of(struct eg_verb *r, int letter, const char **name)
{
	switch (letter) {
	case 'd':
		*name = "--deletions";
		return &r->deletions;
	case 'i':
		*name = "--inclusive";
		return &r->inclusive;
	case 'j':
		*name = "--json";
		return &r->json;
	default:
		*name = "--written";
		return &r->written;
	}
}

static const char letters[] = "dijw";

static bool
take_option(struct eg_verb *r, const char *arg)
{
	for (const char *c = letters; *c != '\0'; c++) {
		const char *name;
		bool *set = option_of(r, *c, &name);

		if (strcmp(arg, name) == 0 || (arg[0] == '-' && arg[1] == *c && arg[2] == '\0'))
			return *set = true;
	}
	return false;
}

/* Options stand before FILE or directly behind the verb: what comes later may be a
 * time such as -7d. */
static int
take_operands(struct eg_verb *r, const struct verb *v, char *arg[], int args)
{
	const char *name;

	for (; args > 0 && take_option(r, *arg); arg++)
		args--;
	if (args > 0 && strcmp(*arg, "--") == 0) {
		arg++;
		args--;
	}
	for (const char *c = letters; *c != '\0'; c++)
		if (*option_of(r, *c, &name) && strchr(v->options, *c) == NULL)
			return eg_fail(&r->e, EG_USAGE, "%s does not go with %s", name, v->name);
	if (r->deletions && r->written)
		return eg_fail(&r->e, EG_USAGE, "--deletions and --written exclude each other");
	if (args < v->min || args > v->max)
		return eg_fail(&r->e, EG_USAGE, "the form is: FILE %s %s", v->name, v->form);
	r->arg = arg;
	r->args = args;
	return 0;
}

enum eg_status
eg_verb_run(struct eg_verb *r, char *arg[], int args)
{
	const struct verb *v = find_verb(arg[0]);
	char q[EG_QUOTE_MAX];
	int gone = 0;

	if (v == NULL)
		eg_fail(&r->e, EG_USAGE, "%s is not a verb", eg_quote(arg[0], strlen(arg[0]), q));
	else if (take_operands(r, v, arg + 1, args - 1) == 0 &&
	    eg_output_open(&r->out, STDOUT_FILENO, &r->e) == 0) {
		/* Writes fail instead of killing us, and are told. */
		signal(SIGPIPE, SIG_IGN);
		r->now = eg_wall_ns();
		v->run(r);
		if (r->store != NULL)
			(void)eg_store_steady(r->store, &r->e);
		gone = eg_verb_flush(r);
	}
	eg_store_close(r->store);
	if (r->e.status != EG_OK)
		return r->e.status;
	return gone > 0 || r->out.gone ? EG_LOCAL_IO : r->status;
}
