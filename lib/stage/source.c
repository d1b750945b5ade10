/* SPDX-License-Identifier: MIT */
/* The loop of a source: what it hands out goes downstream, fates come back. */
#include "stage/source.h"

#include <limits.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/options.h"
#include "base/stop.h"

enum { FD_STOP, FD_SOURCE, FD_DOWN = FD_SOURCE + EG_SOURCE_FDS, FDS = FD_DOWN + EG_DOWNSTREAM_FDS };

static void
on_settled(void *ctx, struct eg_chunk *c)
{
	struct eg_source_loop *l = ctx;

	l->sent = eg_mono_ms();
	l->source->fate.settled(l->source->self, c);
}

static void
on_refused(void *ctx, struct eg_chunk *c, const char *line, size_t len)
{
	struct eg_source_loop *l = ctx;

	l->source->fate.refused(l->source->self, c, line, len);
}

static void
on_dropped(void *ctx, struct eg_chunk *c)
{
	struct eg_source_loop *l = ctx;

	l->source->fate.dropped(l->source->self, c);
}

void
eg_source_send(struct eg_source_loop *l, struct eg_chunk *c)
{
	l->sent = eg_mono_ms();
	eg_downstream_send(&l->down, c);
}

static bool
all_settled(const struct eg_source_loop *l)
{
	return eg_downstream_idle(&l->down) && l->source->idle(l->source->self) && l->rejects.len == 0;
}

/* No more is taken. What is under way has the grace period to be settled. */
static void
start_ending(struct eg_source_loop *l, int64_t now)
{
	if (l->ending)
		return;
	l->ending = true;
	l->deadline = now + l->common->grace_ms;
	l->source->stop(l->source->self);
}

static int
give_up(struct eg_source_loop *l, const char *why)
{
	const struct eg_metrics *m = &l->metrics;

	return eg_fail(&l->error, EG_TEMPORARY, "%s with %llu records without a receipt", why,
	    (unsigned long long)(m->in - m->out - m->refused));
}

/* --timeout: without the peer, or without any movement of what waits for receipts. */
static int
check_timeout(struct eg_source_loop *l, int64_t now)
{
	const struct eg_source *s = l->source;
	int64_t limit = l->common->timeout_ms, oldest = eg_downstream_oldest(&l->down);
	int64_t away = s->away != NULL ? s->away(s->self) : 0;
	char why[64];

	if (limit <= 0)
		return 0;
	if (away != 0 && now - away >= limit) {
		snprintf(why, sizeof(why), "gave up waiting for %s", s->peer);
		return give_up(l, why);
	}
	if (eg_rejects_away(&l->rejects) != 0 && now - eg_rejects_away(&l->rejects) >= limit)
		return give_up(l, "gave up waiting for room for refused lines");
	if (oldest != 0 && now - oldest >= limit && now - eg_downstream_moved(&l->down) >= limit)
		return give_up(l, "gave up waiting for receipts");
	return 0;
}

static int
check_limits(struct eg_source_loop *l, int64_t now)
{
	if (eg_stop_asked() > 0 || l->down.output.gone)
		start_ending(l, now);
	if (eg_stop_asked() > 1)
		return give_up(l, "ended by a second signal");
	if (l->ending && now >= l->deadline && !all_settled(l))
		return give_up(l, "the grace period is over, ended");
	return check_timeout(l, now);
}

/* Whether all is done. A child ends by itself, it may have data to save, but not later
 * than the grace period. */
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
	if (!all_settled(l))
		return false;
	if (eg_downstream_running(&l->down) && now < l->deadline)
		return false;
	if (eg_downstream_running(&l->down))
		eg_warn("'%s' does not end: it is killed", l->command[0]);
	return true;
}

/* Acts on what waits for a receipt for too long. Returns when to call it again. */
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
		eg_downstream_again(&l->down, l->common->grace_ms);
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

/* Lowers due to the limits of check_limits and over. */
static int64_t
next_limit(const struct eg_source_loop *l, int64_t due)
{
	const struct eg_source *s = l->source;
	int64_t limit = l->common->timeout_ms, since[] = { eg_downstream_oldest(&l->down),
		s->away != NULL ? s->away(s->self) : 0 };
	int64_t moved = eg_downstream_moved(&l->down);

	if (since[0] != 0 && since[0] < moved)
		since[0] = moved;
	for (size_t i = 0; i < sizeof(since) / sizeof(since[0]); i++)
		if (limit > 0 && since[i] != 0 && since[i] + limit < due)
			due = since[i] + limit;
	if (l->ending && l->deadline < due)
		due = l->deadline;
	if (eg_rejects_away(&l->rejects) > 0 && l->rejects.trouble.retry.due < due)
		due = l->rejects.trouble.retry.due;
	return l->metrics.next < due ? l->metrics.next : due;
}

static void
wait_for_all(struct eg_source_loop *l, struct pollfd fds[FDS], int64_t due)
{
	int64_t now;

	for (size_t i = 0; i < FDS; i++)
		fds[i] = (struct pollfd){ .fd = -1 };
	due = next_limit(l, due);
	fds[FD_STOP] = (struct pollfd){ .fd = eg_stop_fd(), .events = POLLIN };
	l->source->poll(l->source->self, &fds[FD_SOURCE], &due);
	eg_downstream_poll(&l->down, &fds[FD_DOWN], &due);
	now = eg_mono_ms();
	due = due < now ? 0 : due - now;
	if (poll(fds, FDS, due > INT_MAX ? INT_MAX : (int)due) < 0)
		for (size_t i = 0; i < FDS; i++)
			fds[i].revents = 0;
	if (fds[FD_STOP].revents != 0)
		eg_stop_drain();
}

static int
work_all(struct eg_source_loop *l, struct pollfd fds[FDS])
{
	const struct eg_source *s = l->source;
	int kept;

	if (s->work(s->self, &fds[FD_SOURCE], &l->error) != 0 || l->error.status != EG_OK ||
	    eg_downstream_work(&l->down, &fds[FD_DOWN], &l->error) != 0 ||
	    l->error.status != EG_OK)
		return -1;
	l->starts = eg_downstream_starts(&l->down);
	/* What was settled is passed on once the lines refused before it are on disk. */
	kept = eg_rejects_sync(&l->rejects, &l->error);
	if (kept == 0 && s->flush != NULL && s->flush(s->self, &fds[FD_SOURCE], &l->error) != 0)
		return -1;
	return l->error.status == EG_OK ? 0 : -1;
}

static void
loop(struct eg_source_loop *l)
{
	struct pollfd fds[FDS];

	for (size_t i = 0; i < FDS; i++)
		fds[i] = (struct pollfd){ .fd = -1 };
	while (work_all(l, fds) == 0) {
		int64_t now = eg_mono_ms();

		eg_metrics_tick(&l->metrics, now);
		if (check_limits(l, now) != 0 || over(l, now))
			return;
		wait_for_all(l, fds, check_stuck(l, now));
	}
}

static int
open_all(struct eg_source_loop *l)
{
	static const struct eg_child_calls calls = { .refused = on_refused, .settled = on_settled,
		.dropped = on_dropped };

	/* Standard output first: where it is closed, the next one to open takes its place. */
	if (eg_downstream_open(&l->down, l->command, &calls, l, &l->error) != 0 ||
	    eg_stop_install(&l->error) != 0 ||
	    eg_rejects_open(&l->rejects, l->common->rejects, &l->error) != 0 ||
	    l->source->open(l->source->self, l, &l->error) != 0)
		return -1;
	l->metrics.extra = l->source->extra;
	return eg_metrics_open(&l->metrics, l->common, &l->error);
}

int
eg_source_run(struct eg_source_loop *l, const struct eg_source *source, char *const *command,
    const struct eg_common *common)
{
	bool opened;

	*l = (struct eg_source_loop){ .source = source, .command = command, .common = common,
		.rejects.fd = -1, .sent = eg_mono_ms() };
	opened = open_all(l) == 0;
	if (opened) {
		loop(l);
		start_ending(l, eg_mono_ms());
	}
	eg_downstream_free(&l->down);
	if (opened && source->close != NULL)
		source->close(source->self, &l->error);
	eg_rejects_close(&l->rejects, &l->error);
	if (opened)
		eg_metrics_close(&l->metrics, common->verbose);
	if (l->error.status != EG_OK)
		return eg_report(&l->error);
	if (l->down.output.gone)
		return EG_LOCAL_IO;
	return l->metrics.refused > 0 ? source->refused_status : EG_OK;
}
