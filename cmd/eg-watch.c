/* SPDX-License-Identifier: MIT */
/* Watch readings by rules.
 *
 * Reads records and a file of rules. Without a command it is a filter: it writes an edge when
 * a rule begins to hold for a sensor, and when it ends. With a command it is a stage: the
 * command gets the edges, and a record comes out when its edges have their receipts. */

#include "base/clock.h"
#include "base/diag.h"
#include "base/options.h"
#include "record/filter.h"
#include "stage/stage.h"
#include "watch/watch.h"
#include "watch/watch_sink.h"

struct settings {
	bool live;
	const char *state;
	int64_t quiet_ms;
	const char *rules;
	char *const *command;
};

static const struct eg_option table[] = {
	{ 'l', "live", NULL, "find silent sensors by the clock, not by the times of other records",
		EG_FLAG(struct settings, live) },
	{ 'Q', "quiet", "DURATION", "end the input of the command after so long without a receipt",
		EG_DURATION(struct settings, quiet_ms, 1, EG_DAY_MS), .preset = "1m" },
	{ 's', "state", "FILE", "keep the state in FILE, and go on from it",
		EG_NAME(struct settings, state, 1, INT64_MAX), .written = true },
	{ 0 },
};

/* The state of the filter. */
struct run {
	struct eg_watch *watch;
	struct eg_filter *f; /* set during a call */
};

static int
write_edge(void *ctx, const char *line, size_t len, struct eg_error *e)
{
	struct run *r = ctx;
	const struct eg_record edge = { .line = line, .len = (uint16_t)(len - 1) };

	return eg_filter_pass(r->f, &edge, e);
}

static void
ahead(void *ctx, const struct eg_record *records, size_t n)
{
	eg_watch_ahead(((struct run *)ctx)->watch, records, n);
}

static int
take(void *ctx, struct eg_filter *f, const struct eg_record *record, struct eg_error *e)
{
	struct run *r = ctx;

	r->f = f;
	return eg_watch_take(r->watch, record, e);
}

static int
end(void *ctx, struct eg_filter *f, struct eg_error *e)
{
	struct run *r = ctx;

	r->f = f;
	return eg_watch_end(r->watch, e);
}

static int64_t
due(void *ctx)
{
	return eg_watch_due(((struct run *)ctx)->watch);
}

static int
tick(void *ctx, struct eg_filter *f, struct eg_error *e)
{
	struct run *r = ctx;

	r->f = f;
	return eg_watch_tick(r->watch, eg_wall_ns(), eg_mono_ns(), e);
}

static int
filter(const struct settings *s, const struct eg_watch_rules *rules, const struct eg_common *common)
{
	struct run r = { .watch = NULL };
	struct eg_error e = { 0 };
	struct eg_filter_work w = { .ahead = ahead, .take = take, .end = end, .ctx = &r };
	int rc = -1;

	if (s->live) {
		w.due = due;
		w.tick = tick;
	}
	r.watch = eg_watch_new(rules, s->live, write_edge, &r, &e);
	if (r.watch != NULL &&
	    (!s->live || eg_watch_tick(r.watch, eg_wall_ns(), eg_mono_ns(), &e) == 0) &&
	    (s->state == NULL || eg_watch_load(r.watch, s->state, &e) == 0)) {
		rc = eg_filter_run(&w, common, &e);
		/* All edges of the records read so far are written, even after a signal. */
		if (s->state != NULL && (rc == 0 || e.status == EG_REFUSED || e.status == EG_TEMPORARY)) {
			struct eg_error saved = { 0 };

			if (eg_watch_save(r.watch, s->state, &saved) != 0)
				rc = eg_report(&saved);
		}
	}
	rc = rc > 0 ? rc : eg_filter_status(rc, &e);
	eg_watch_free(r.watch);
	return rc;
}

static int
run_stage(const struct settings *s, const struct eg_watch_rules *rules,
    const struct eg_common *common)
{
	const struct eg_watch_sink_config cfg = { .rules = rules, .state = s->state, .live = s->live,
		.command = s->command, .quiet_ms = s->quiet_ms };
	struct eg_error e = { 0 };
	struct eg_watch_sink *sink = eg_watch_sink_open(&cfg, &e);
	int status;

	if (sink == NULL)
		return eg_report(&e);
	status = eg_stage_run(eg_watch_sink(sink), common, eg_watch_sink_metrics(sink));
	eg_watch_sink_close(sink, common->grace_ms);
	return status;
}

static void
parse_options(struct settings *s, struct eg_options *o, int argc, char *argv[])
{
	int n = eg_options_parse(o, argc, argv);

	if (n == argc || o->ended)
		eg_usage("no file of rules given");
	s->rules = argv[n];
	o->next = n + 1;
	n = eg_options_parse(o, argc, argv);
	if (n < argc && !o->ended)
		eg_usage("unexpected argument '%s': want one file of rules, and a command behind --", argv[n]);
	if (n == argc && o->ended)
		eg_usage("no command behind --");
	s->command = n < argc ? argv + n : NULL;
}

int
main(int argc, char *argv[])
{
	static const char *const lock_ends[] = { EG_WATCH_LOCK_END, NULL };
	static struct settings s;
	struct eg_options o = { .synopsis = "[options] RULES [-- command ...]",
		.purpose = "Watch readings by rules.", .table = table, .settings = &s, .rejects = true,
		.peers = true };
	struct eg_watch_rules rules;
	struct eg_error e = { 0 };
	int status;

	eg_diag_init("eg-watch");
	parse_options(&s, &o, argc, argv);
	eg_options_own(&o, "the rules", s.rules, NULL);
	if (s.state != NULL)
		eg_options_own(&o, "the lock of the state", s.state, lock_ends);
	if (eg_watch_rules_read(&rules, s.rules, &e) != 0)
		return eg_report(&e);
	status = s.command != NULL ? run_stage(&s, &rules, &o.common) : filter(&s, &rules, &o.common);
	eg_watch_rules_free(&rules);
	return status;
}
