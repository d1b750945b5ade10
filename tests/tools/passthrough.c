/* SPDX-License-Identifier: MIT */
/* A stage whose sink does what its options say: slow, out of order, refusing, away. */
#include <getopt.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/metrics.h"
#include "base/options.h"
#include "stage/stage.h"

enum { OPT_AFTER = 256, OPT_AWAY, OPT_BYTES, OPT_FAIL, OPT_HOLD, OPT_REFUSE, OPT_REVERSE, OPT_SHORTEN };

static const struct eg_option table[] = {
	{ OPT_AFTER, "after", "N", "let --fail happen with the Nth record (1)" },
	{ OPT_AWAY, "away", "DURATION", "the peer is away this long at first" },
	{ 'b', "batch", "N", "records in a full batch (1000)" },
	{ OPT_BYTES, "bytes", "N", "bytes in a full batch (65536)" },
	{ 'd', "delay", "DURATION", "a batch takes this long (0)" },
	{ 'f', "flights", "N", "batches on their way (4)" },
	{ OPT_FAIL, "fail", "STATUS", "fail with this status" },
	{ OPT_HOLD, "hold", "N", "the first N batches are never done (0)" },
	{ OPT_REFUSE, "refuse", "TEXT", "refuse records with TEXT in the value" },
	{ OPT_REVERSE, "reverse", NULL, "later batches are done before earlier ones" },
	{ OPT_SHORTEN, "shorten", "N", "take only so many records of a batch" },
	{ 0, NULL, NULL, NULL },
};

enum { MAX_FLIGHTS = 64 };

struct script {
	int64_t begin, delay_ms, away_ms;
	size_t flights, shorten;
	uint64_t hold, after, records;
	const char *refuse;
	int fail;
	bool reverse;
	uint64_t batches;
	struct eg_batch *flying[MAX_FLIGHTS];
	int64_t due[MAX_FLIGHTS];
};

static int64_t
away(void *self)
{
	struct script *s = self;

	return eg_mono_ms() < s->begin + s->away_ms ? s->begin : 0;
}

static size_t
seat(const struct script *s, const struct eg_batch *b)
{
	size_t i = 0;

	while (i < s->flights && s->flying[i] != b)
		i++;
	return i;
}

static bool
ready(void *self)
{
	return away(self) == 0 && seat(self, NULL) < ((struct script *)self)->flights;
}

static void
refuse_some(const struct script *s, struct eg_batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct eg_record *r = &b->rec[i];

		if (memmem(r->line + r->value_at, (size_t)(r->len - r->value_at), s->refuse,
		    strlen(s->refuse)) != NULL)
			eg_batch_refuse(b, i, "the script refuses it");
	}
}

static int
send_batch(void *self, struct eg_batch *b, struct eg_error *e)
{
	struct script *s = self;
	size_t i = seat(s, NULL);
	int64_t turns = s->reverse ? (int64_t)(s->flights - i) : 1;

	if (s->shorten > 0 && s->shorten < b->n)
		eg_batch_shorten(b, s->shorten);
	s->batches++;
	s->records += b->n;
	if (s->fail != 0 && s->records >= s->after)
		return eg_fail(e, (enum eg_status)s->fail, "the script fails");
	if (s->refuse != NULL)
		refuse_some(s, b);
	if (s->delay_ms == 0 && s->batches > s->hold) {
		eg_batch_done(b);
		return 0;
	}
	s->flying[i] = b;
	s->due[i] = s->batches > s->hold ? eg_mono_ms() + s->delay_ms * turns : INT64_MAX;
	return 0;
}

static int
wait_for(void *self, struct pollfd *fds, size_t n, int timeout_ms, struct eg_error *e)
{
	struct script *s = self;
	int64_t now = eg_mono_ms(), due = timeout_ms < 0 ? INT64_MAX : now + timeout_ms;

	(void)e;
	if (away(s) != 0 && s->begin + s->away_ms < due)
		due = s->begin + s->away_ms;
	for (size_t i = 0; i < s->flights; i++)
		if (s->flying[i] != NULL && s->due[i] < due)
			due = s->due[i];
	due = due == INT64_MAX ? -1 : due < now ? 0 : due - now;
	poll(fds, n, due > INT_MAX ? INT_MAX : (int)due);
	return 0;
}

static int
work(void *self, struct eg_error *e)
{
	struct script *s = self;
	int64_t now = eg_mono_ms();

	(void)e;
	for (size_t i = 0; i < s->flights; i++) {
		if (s->flying[i] == NULL || s->due[i] > now)
			continue;
		eg_batch_done(s->flying[i]);
		s->flying[i] = NULL;
	}
	return 0;
}

static void
take_option(struct script *s, struct eg_sink *sink, int c)
{
	switch (c) {
	case OPT_AFTER:
		s->after = (uint64_t)eg_option_int("after", 1, INT_MAX);
		break;
	case OPT_AWAY:
		s->away_ms = eg_option_duration("away", 0, INT_MAX);
		break;
	case 'b':
		sink->batch_records = (size_t)eg_option_int("batch", 1, 65536);
		break;
	case OPT_BYTES:
		sink->batch_bytes = (size_t)eg_option_int("bytes", 1, INT_MAX);
		break;
	case 'd':
		s->delay_ms = eg_option_duration("delay", 0, INT_MAX);
		break;
	case 'f':
		sink->flights = s->flights = (size_t)eg_option_int("flights", 1, MAX_FLIGHTS);
		break;
	case OPT_FAIL:
		s->fail = (int)eg_option_int("fail", 1, 255);
		break;
	case OPT_HOLD:
		s->hold = (uint64_t)eg_option_int("hold", 0, INT_MAX);
		break;
	case OPT_REFUSE:
		s->refuse = optarg;
		break;
	case OPT_REVERSE:
		s->reverse = true;
		break;
	case OPT_SHORTEN:
		s->shorten = (size_t)eg_option_int("shorten", 1, INT_MAX);
		break;
	default:
		abort();
	}
}

int
main(int argc, char *argv[])
{
	struct script s = { .begin = eg_mono_ms(), .flights = 4, .after = 1 };
	struct eg_sink sink = { .self = &s, .batch_records = 1000, .batch_bytes = 65536, .flights = 4,
		.ready = ready, .send = send_batch, .wait = wait_for, .work = work, .away = away };
	const struct eg_metric extra[] = { { "batches", "Batches sent.", &s.batches, false },
		{ NULL, NULL, NULL, false } };
	struct eg_options o = { .synopsis = "[options]", .purpose = "pass records through as scripted",
		.table = table, .rejects = true, .peers = true };
	int c;

	eg_diag_init("passthrough");
	while ((c = eg_options_next(&o, argc, argv)) != -1)
		take_option(&s, &sink, c);
	if (optind < argc)
		eg_usage("takes no operands");
	return eg_stage_run(&sink, &o.common, extra);
}
