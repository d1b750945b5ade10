/* SPDX-License-Identifier: MIT */
/* eg-watch with a command, as a sink. It handles one batch at a time: 1. the records change
 * the state in memory; 2. the edges go to the command as one chunk; 3. once all edges are settled,
 * the state is saved; 4. the batch is done. If eg-watch is killed before step 3 is over, the
 * records are read again with the old state; after it, they are ignored as known. */
#include "watch/watch_sink.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/metrics.h"
#include "base/process.h"
#include "base/stop.h"
#include "base/wait.h"
#include "record/names.h"
#include "stage/child.h"
#include "stage/stage.h"
#include "watch/watch.h"

enum { BATCH_RECORDS = 32768, BATCH_BYTES = 1024 * 1024, STAGE_FDS = 8, STEP_MS = 100 };

struct eg_watch_sink {
	struct eg_watch_sink_config cfg;
	struct eg_watch *watch;
	struct eg_child *child;
	struct pollfd fds[STAGE_FDS + EG_CHILD_FDS];
	struct eg_batch *batch; /* batch being handled; NULL: none */
	struct eg_chunk chunk;  /* edges of the batch, or of eg_watch_tick */
	char *text;             /* text of the edges, owned */
	size_t len, room;
	bool flying;            /* the command has the chunk and has not settled it */
	uint64_t refused, starts;
	struct eg_metric metrics[7];
	struct eg_sink sink;
};

static int
on_edge(void *ctx, const char *line, size_t len, struct eg_error *e)
{
	struct eg_watch_sink *s = ctx;

	if (!eg_buf_grow(&s->text, &s->room, s->len + len, 1))
		return eg_fail(e, EG_BUG, "out of memory");
	memcpy(s->text + s->len, line, len);
	s->len += len;
	return 0;
}

static void
on_refused(void *ctx, struct eg_chunk *c, const char *line, size_t len)
{
	struct eg_watch_sink *s = ctx;

	(void)c;
	s->refused++;
	eg_stage_refuse(&s->sink, line, len, "the command refused this edge");
}

static void
on_settled(void *ctx, struct eg_chunk *c)
{
	struct eg_watch_sink *s = ctx;

	(void)c;
	s->flying = false;
}

static const struct eg_child_calls calls = { .refused = on_refused, .settled = on_settled,
	.dropped = on_settled };

/* Sends the edges to the command, if there are any. */
static void
send_edges(struct eg_watch_sink *s)
{
	s->flying = s->len > 0;
	if (!s->flying)
		return;
	s->chunk = (struct eg_chunk){ .text = s->text, .len = s->len };
	eg_child_send(s->child, &s->chunk);
}

/* Once the edges are settled: saves the state, and ends the batch. */
static int
finish(struct eg_watch_sink *s, struct eg_error *e)
{
	struct eg_batch *b = s->batch;

	if (s->flying || (b == NULL && s->len == 0))
		return 0;
	if (s->cfg.state != NULL && eg_watch_save(s->watch, s->cfg.state, e) != 0)
		return -1;
	s->len = 0;
	s->batch = NULL;
	if (b != NULL)
		eg_batch_done(b);
	return 0;
}

static bool
ready(void *self)
{
	const struct eg_watch_sink *s = self;

	return s->batch == NULL && s->len == 0;
}

static int
send_batch(void *self, struct eg_batch *b, struct eg_error *e)
{
	struct eg_watch_sink *s = self;

	if (s->cfg.live && eg_watch_tick(s->watch, eg_wall_ns(), eg_mono_ns(), e) != 0)
		return -1;
	for (size_t i = 0; i < b->n; i++) {
		size_t left = b->n - i;

		if (i % EG_NAMES_AHEAD == 0)
			eg_watch_ahead(s->watch, &b->rec[i], left < EG_NAMES_AHEAD ? left : EG_NAMES_AHEAD);
		if (eg_watch_take(s->watch, &b->rec[i], e) != 0)
			return -1;
	}
	s->batch = b;
	send_edges(s);
	return finish(s, e);
}

/* The time of the next eg_watch_tick (eg_mono_ms). */
static int64_t
clock_due(const struct eg_watch_sink *s)
{
	return s->batch == NULL && s->len == 0 ? eg_watch_due(s->watch) : INT64_MAX;
}

/* The time to close the command's input: after quiet_ms without progress. Its exit status then
 * shows whether the remaining edges are safe or refused. */
static int64_t
quiet_due(const struct eg_watch_sink *s)
{
	int64_t oldest = eg_child_oldest(s->child), moved = eg_child_moved(s->child);

	return s->flying ? (oldest > moved ? oldest : moved) + s->cfg.quiet_ms : INT64_MAX;
}

static int
work(void *self, struct eg_error *e)
{
	struct eg_watch_sink *s = self;

	if (eg_child_work(s->child, &s->fds[STAGE_FDS], e) != 0)
		return -1;
	s->starts = eg_child_starts(s->child);
	if (eg_mono_ms() >= quiet_due(s))
		eg_child_close(s->child);
	if (finish(s, e) != 0)
		return -1;
	if (eg_mono_ms() >= clock_due(s)) {
		if (eg_watch_tick(s->watch, eg_wall_ns(), eg_mono_ns(), e) != 0)
			return -1;
		send_edges(s);
	}
	return 0;
}

static int
wait_for(void *self, struct pollfd *fds, size_t n, int64_t due, struct eg_error *e)
{
	struct eg_watch_sink *s = self;
	int64_t own = clock_due(s), quiet = quiet_due(s);

	if (n > STAGE_FDS)
		return eg_fail(e, EG_BUG, "too many descriptors to wait for");
	due = own < due ? own : due;
	due = quiet < due ? quiet : due;
	for (size_t i = 0; i < STAGE_FDS; i++)
		s->fds[i] = i < n ? fds[i] : (struct pollfd){ .fd = -1 };
	eg_child_poll(s->child, &s->fds[STAGE_FDS], &due);
	(void)eg_wait_fds(s->fds, STAGE_FDS + EG_CHILD_FDS, due);
	memcpy(fds, s->fds, n * sizeof(*fds));
	return 0;
}

/* The time at which the oldest edge without a receipt was sent (eg_mono_ms); 0: there is none. */
static int64_t
away(void *self)
{
	const struct eg_watch_sink *s = self;

	return eg_child_oldest(s->child);
}

static void
name_metrics(struct eg_watch_sink *s)
{
	const struct eg_watch_counts *n = eg_watch_counts(s->watch);
	struct eg_metric *m = s->metrics;

	m[0] = (struct eg_metric){ "sensors", "Sensors seen.", &n->sensors, true };
	m[1] = (struct eg_metric){ "edges", "Edges, since the start.", &n->edges, false };
	m[2] = (struct eg_metric){ "late", "Records not newer than the last of their sensor.", &n->late,
		false };
	m[3] = (struct eg_metric){ "edges_refused", "Edges that the command refused.", &s->refused,
	    false };
	m[4] = (struct eg_metric){ "child_starts", "Starts of the command.", &s->starts, false };
}

struct eg_watch_sink *
eg_watch_sink_open(const struct eg_watch_sink_config *cfg, struct eg_error *e)
{
	struct eg_watch_sink *s = calloc(1, sizeof(*s));

	if (s == NULL) {
		eg_fail(e, EG_BUG, "out of memory");
		return NULL;
	}
	s->cfg = *cfg;
	for (size_t i = 0; i < STAGE_FDS + EG_CHILD_FDS; i++)
		s->fds[i].fd = -1;
	s->sink = (struct eg_sink){ .self = s, .batch_records = BATCH_RECORDS,
		.batch_bytes = BATCH_BYTES, .flights = 1, .ready = ready, .send = send_batch,
		.wait = wait_for, .work = work, .away = away };
	s->watch = eg_watch_new(cfg->rules, cfg->live, on_edge, s, e);
	if (s->watch != NULL && eg_process_check(cfg->command, e) == 0 &&
	    (s->child = eg_child_new(cfg->command, &calls, s, e)) != NULL &&
	    (!cfg->live || eg_watch_tick(s->watch, eg_wall_ns(), eg_mono_ns(), e) == 0) &&
	    (cfg->state == NULL || eg_watch_load(s->watch, cfg->state, e) == 0)) {
		eg_child_warn_quiet(s->child);
		name_metrics(s);
		return s;
	}
	eg_watch_sink_close(s, 0);
	return NULL;
}

void
eg_watch_sink_close(struct eg_watch_sink *s, int64_t grace_ms)
{
	int64_t end = eg_mono_ms() + grace_ms;
	struct eg_error e = { 0 };

	if (s == NULL)
		return;
	while (s->child != NULL && eg_child_idle(s->child) && eg_child_running(s->child) &&
	    eg_mono_ms() < end && eg_stop_asked() < 2) {
		struct pollfd stop = eg_stop_pollfd();

		eg_child_close(s->child);
		if (wait_for(s, &stop, 1, eg_mono_ms() + STEP_MS, &e) != 0 ||
		    eg_child_work(s->child, &s->fds[STAGE_FDS], &e) != 0)
			break;
		eg_stop_polled(&stop);
	}
	eg_child_free(s->child);
	eg_watch_free(s->watch);
	free(s->text);
	free(s);
}

struct eg_sink *
eg_watch_sink(struct eg_watch_sink *s)
{
	return &s->sink;
}

const struct eg_metric *
eg_watch_sink_metrics(struct eg_watch_sink *s)
{
	return s->metrics;
}
