/* SPDX-License-Identifier: MIT */
/* The loop of a source: its chunks go downstream, and their results come back. */
#include "stage/source.h"

#include <string.h>

#include "base/clock.h"
#include "base/options.h"
#include "base/stop.h"
#include "base/wait.h"
#include "record/record.h"

enum { FD_STOP, FD_SOURCE, FD_DOWN = FD_SOURCE + EG_SOURCE_FDS, FDS = FD_DOWN + EG_DOWNSTREAM_FDS };

/* The time in the text of the oldest record without a receipt. */
static bool
oldest_time(const void *of, int64_t *ns)
{
	const struct eg_source_loop *l = of;
	struct eg_slice text = eg_downstream_oldest_text(&l->down);
	const char *end = text.len > 0 ? memchr(text.s, '\n', text.len) : NULL;
	struct eg_record r;

	if (end == NULL || eg_record_parse(text.s, (size_t)(end - text.s), &r) != EG_FAULT_NONE)
		return false;
	*ns = r.ns;
	return true;
}

static void
open_flow(struct eg_source_loop *l)
{
	eg_flow_init(&l->run.flow);
	l->run.flow.oldest_time = oldest_time;
	l->run.flow.of = l;
	l->run.metrics.flow = &l->run.flow;
}

static void
pass_settled(void *ctx, struct eg_chunk *c)
{
	struct eg_source_loop *l = ctx;

	l->sent = eg_mono_ms();
	l->source->fate.settled(l->source->self, c);
}

static void
pass_refused(void *ctx, struct eg_chunk *c, const char *line, size_t len)
{
	struct eg_source_loop *l = ctx;

	l->source->fate.refused(l->source->self, c, line, len);
}

static void
pass_dropped(void *ctx, struct eg_chunk *c)
{
	struct eg_source_loop *l = ctx;

	l->source->fate.dropped(l->source->self, c);
}

void
eg_source_send(struct eg_source_loop *l, struct eg_chunk *c, uint64_t records)
{
	l->sent = eg_mono_ms();
	eg_flow_batch(&l->run.flow, records);
	eg_metrics_taken(&l->run.metrics, l->sent);
	eg_downstream_send(&l->down, c);
}

static bool
nothing_pending(const struct eg_source_loop *l)
{
	return eg_downstream_idle(&l->down) && l->source->idle(l->source->self) &&
	    l->run.rejects.len == 0;
}

/* Stops the source. Pending records have the grace period to be settled. */
static void
start_ending(struct eg_source_loop *l, int64_t now)
{
	if (l->ending)
		return;
	l->ending = true;
	eg_loop_end(&l->run, now);
	l->source->stop(l->source->self);
}

static struct eg_loop_state
source_state(const struct eg_source_loop *l)
{
	const struct eg_source *s = l->source;
	int64_t oldest = eg_downstream_oldest(&l->down), moved = eg_downstream_moved(&l->down);

	return (struct eg_loop_state){
		/* A child that saves its data does not hold up a second signal. */
		.settled = nothing_pending(l) && !(eg_stop_asked() > 1 && eg_downstream_running(&l->down)),
		.output_gone = l->down.output.gone,
		.peer_since = s->away != NULL ? s->away(s->self) : 0,
		.receipts_since = oldest != 0 && moved > oldest ? moved : oldest,
	};
}

static int
check_source_limits(struct eg_source_loop *l, int64_t now)
{
	struct eg_loop_state state;

	if (eg_loop_tick(&l->run, now, l->down.output.gone))
		start_ending(l, now);
	state = source_state(l);
	return eg_loop_check(&l->run, now, &state);
}

/* Whether the loop may end. The child is given the rest of the grace period to end by itself,
 * since it may have data to save. */
static bool
over(struct eg_source_loop *l, int64_t now)
{
	const struct eg_source *s = l->source;

	if (!l->ending && s->ended != NULL && s->ended(s->self, now))
		start_ending(l, now);
	if (!l->ending)
		return false;
	if (l->down.output.gone)
		return s->idle(s->self);
	eg_downstream_close(&l->down);
	if (!nothing_pending(l))
		return false;
	if (eg_downstream_running(&l->down) && now < l->run.deadline)
		return false;
	if (eg_downstream_running(&l->down))
		eg_warn("'%s' does not end: it is killed", l->command[0]);
	return true;
}

/* Acts when records have waited too long for a receipt. Returns when to call it again. */
static int64_t
check_stuck(struct eg_source_loop *l, int64_t now)
{
	const struct eg_source *s = l->source;
	int64_t oldest = eg_downstream_oldest(&l->down), moved = eg_downstream_moved(&l->down);
	int64_t quiet = s->quiet_ms(s->self), due = (moved > l->sent ? moved : l->sent) + quiet;

	if (oldest == 0)
		return INT64_MAX;
	if (s->give_back_ms > 0 && now - oldest >= s->give_back_ms) {
		s->give_back(s->self, now - oldest);
		eg_downstream_again(&l->down, l->run.common->grace_ms);
		return now + s->give_back_ms;
	}
	if (now >= due) {
		eg_downstream_close(&l->down);
		due = now + quiet;
	}
	if (s->give_back_ms > 0 && oldest + s->give_back_ms < due)
		due = oldest + s->give_back_ms;
	return due;
}

static void
wait_for_all(struct eg_source_loop *l, struct pollfd fds[FDS], int64_t due)
{
	struct eg_loop_state state = source_state(l);
	int64_t limit = eg_loop_due(&l->run, &state);

	if (limit < due)
		due = limit;
	for (size_t i = 0; i < FDS; i++)
		fds[i] = (struct pollfd){ .fd = -1 };
	fds[FD_STOP] = eg_stop_pollfd();
	l->source->poll(l->source->self, &fds[FD_SOURCE], &due);
	eg_downstream_poll(&l->down, &fds[FD_DOWN], &due);
	(void)eg_wait_fds(fds, FDS, due);
	eg_stop_polled(&fds[FD_STOP]);
}

static int
work_all(struct eg_source_loop *l, struct pollfd fds[FDS])
{
	const struct eg_source *s = l->source;
	int kept;

	if (s->work(s->self, &fds[FD_SOURCE], &l->run.error) != 0 || l->run.error.status != EG_OK ||
	    eg_downstream_work(&l->down, &fds[FD_DOWN], &l->run.error) != 0 ||
	    l->run.error.status != EG_OK)
		return -1;
	l->starts = eg_downstream_starts(&l->down);
	/* Settled chunks are reported to the source only when the lines refused before them are
	 * on disk. */
	kept = eg_rejects_sync(&l->run.rejects, &l->run.error);
	if (kept == 0 && s->flush != NULL && s->flush(s->self, &fds[FD_SOURCE], &l->run.error) != 0)
		return -1;
	return l->run.error.status == EG_OK ? 0 : -1;
}

static void
loop(struct eg_source_loop *l)
{
	struct pollfd fds[FDS];

	for (size_t i = 0; i < FDS; i++)
		fds[i] = (struct pollfd){ .fd = -1 };
	while (work_all(l, fds) == 0) {
		int64_t now = eg_mono_ms();

		if (check_source_limits(l, now) != 0 || over(l, now))
			return;
		wait_for_all(l, fds, check_stuck(l, now));
	}
}

static int
open_source(struct eg_source_loop *l, const struct eg_common *common)
{
	static const struct eg_child_calls calls = { .refused = pass_refused, .settled = pass_settled,
		.dropped = pass_dropped };
	struct eg_error *e = &l->run.error;

	/* Standard output first: if it is closed, the next descriptor opened would take its number. */
	if (eg_downstream_open(&l->down, l->command, &calls, l, e) != 0 ||
	    eg_loop_open(&l->run, common) != 0 || l->source->open(l->source->self, l, e) != 0)
		return -1;
	l->run.metrics.extra = l->source->extra;
	if (eg_metrics_open(&l->run.metrics, common, e) != 0)
		return -1;
	return l->source->start_early ? eg_downstream_start(&l->down, e) : 0;
}

int
eg_source_run(struct eg_source_loop *l, const struct eg_source *source, char *const *command,
    const struct eg_common *common)
{
	bool opened;

	*l = (struct eg_source_loop){ .source = source, .command = command,
		.run = { .common = common, .peer = source->peer, .rejects = EG_REJECTS_INIT },
		.sent = eg_mono_ms() };
	open_flow(l);
	opened = open_source(l, common) == 0;
	if (opened) {
		loop(l);
		start_ending(l, eg_mono_ms());
	}
	eg_downstream_free(&l->down);
	if (opened && source->close != NULL)
		source->close(source->self, &l->run.error);
	if (opened)
		eg_loop_close(&l->run);
	if (l->run.error.status != EG_OK)
		return eg_report(&l->run.error);
	if (l->down.output.gone)
		return EG_LOCAL_IO;
	return l->run.metrics.refused > 0 ? source->refused_status : EG_OK;
}
