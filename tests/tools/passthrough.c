/* SPDX-License-Identifier: MIT */
/* A stage whose sink does what its options say: slow, out of order, refusing, away. */
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/metrics.h"
#include "base/options.h"
#include "base/wait.h"
#include "stage/stage.h"

enum { MAX_FLIGHTS = 64, LOOK_MS = 20 };

struct script {
	int64_t begin, delay_ms, away_ms;
	size_t flights, shorten;
	uint64_t hold, after, records;
	const char *refuse, *until;
	int fail;
	bool reverse;
	uint64_t batches;
	size_t batch_records, batch_bytes;
	struct eg_batch *flying[MAX_FLIGHTS];
	int64_t due[MAX_FLIGHTS];
};

#define INTO(type, m, ...) type(struct script, m, __VA_ARGS__)
static const struct eg_option table[] = {
	{ 0, "after", "N", "let --fail happen with the Nth record", INTO(EG_INT, after, 1, INT_MAX),
		.preset = "1" },
	{ 0, "away", "DURATION", "the peer is away this long at first",
		INTO(EG_DURATION, away_ms, 0, INT_MAX) },
	{ 'b', "batch", "N", "records in a full batch", INTO(EG_INT, batch_records, 1, 65536),
		.preset = "1000" },
	{ 0, "bytes", "N", "bytes in a full batch", INTO(EG_INT, batch_bytes, 1, INT_MAX),
		.preset = "65536" },
	{ 'd', "delay", "DURATION", "a batch takes this long (0)",
		INTO(EG_DURATION, delay_ms, 0, INT_MAX) },
	{ 'f', "flights", "N", "batches on their way", INTO(EG_INT, flights, 1, MAX_FLIGHTS),
		.preset = "4" },
	{ 0, "fail", "STATUS", "fail with this status", INTO(EG_INT, fail, 1, 255) },
	{ 0, "hold", "N", "the first N batches are never done (0)", INTO(EG_INT, hold, 0, INT_MAX) },
	{ 0, "refuse", "TEXT", "refuse records with TEXT in the value",
		EG_TEXT(struct script, refuse) },
	{ 0, "reverse", NULL, "later batches are done before earlier ones",
		EG_FLAG(struct script, reverse) },
	{ 0, "shorten", "N", "take only so many records of a batch",
		INTO(EG_INT, shorten, 1, INT_MAX) },
	{ 0, "until", "FILE", "no batch is done until this file is there",
		EG_TEXT(struct script, until) },
	{ 0 },
};

static int64_t
away(void *self)
{
	struct script *s = self;

	return eg_mono_ms() < s->begin + s->away_ms ? s->begin : 0;
}

/* A test that looks at what waits must not need to be quicker than a delay. */
static bool
closed(const struct script *s)
{
	return s->until != NULL && access(s->until, F_OK) != 0;
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
	if (s->delay_ms == 0 && s->batches > s->hold && !closed(s)) {
		eg_batch_done(b);
		return 0;
	}
	s->flying[i] = b;
	s->due[i] = s->batches > s->hold ? eg_mono_ms() + s->delay_ms * turns : INT64_MAX;
	return 0;
}

static int
wait_for(void *self, struct pollfd *fds, size_t n, int64_t due, struct eg_error *e)
{
	struct script *s = self;

	(void)e;
	if (away(s) != 0 && s->begin + s->away_ms < due)
		due = s->begin + s->away_ms;
	for (size_t i = 0; i < s->flights; i++)
		if (s->flying[i] != NULL && s->due[i] < due)
			due = closed(s) ? eg_mono_ms() + LOOK_MS : s->due[i];
	(void)eg_wait_fds(fds, n, due);
	return 0;
}

static int
work(void *self, struct eg_error *e)
{
	struct script *s = self;
	int64_t now = eg_mono_ms();

	(void)e;
	for (size_t i = 0; i < s->flights; i++) {
		if (s->flying[i] == NULL || s->due[i] > now || closed(s))
			continue;
		eg_batch_done(s->flying[i]);
		s->flying[i] = NULL;
	}
	return 0;
}

int
main(int argc, char *argv[])
{
	struct script s = { .begin = eg_mono_ms() };
	struct eg_sink sink = { .self = &s, .ready = ready, .send = send_batch, .wait = wait_for,
		.work = work, .away = away };
	const struct eg_metric extra[] = { { "batches", "Batches sent.", &s.batches, false },
		{ NULL, NULL, NULL, false } };
	struct eg_options o = { .synopsis = "[options]", .purpose = "pass records through as scripted",
		.table = table, .settings = &s, .rejects = true, .peers = true, .listens = true };

	eg_diag_init("passthrough");
	if (eg_options_parse(&o, argc, argv) < argc)
		eg_usage("takes no operands");
	sink.batch_records = s.batch_records;
	sink.batch_bytes = s.batch_bytes;
	sink.flights = s.flights;
	return eg_stage_run(&sink, &o.common, extra);
}
