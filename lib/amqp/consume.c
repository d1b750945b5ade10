/* SPDX-License-Identifier: MIT */
/* The consumer's loop: deliveries go downstream, receipts come back as
 * acknowledgements, refused records as dead letters. */
#include "amqp/consume.h"

#include <limits.h>
#include <poll.h>
#include <stdio.h>

#include "amqp/consumer.h"
#include "amqp/deadletters.h"
#include "amqp/offset.h"
#include "amqp/payload.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/metrics.h"
#include "base/options.h"
#include "base/rejects.h"
#include "base/stop.h"
#include "stage/downstream.h"

enum {
	/* With something pending and nothing moving for so long, the child is asked by the
	 * end of its input what became of the last lines (a refused one shows only by
	 * what follows it). */
	SETTLE_MS = 30 * 1000,
	/* The same when nothing can follow. */
	SETTLE_FULL_MS = 2000,
	/* The same when we want to end; and how often a queue is asked whether it is empty. */
	QUIET_MS = 200,
	/* A stream has no end: nothing new for so long counts as one. */
	STREAM_QUIET_MS = 2000,
	LOOK_MS = 1000,
};

enum { FD_STOP, FD_CONSUMER, FD_DEAD, FD_DOWN, FDS = FD_DOWN + EG_DOWNSTREAM_FDS };

struct handover {
	const struct eg_consume *cfg;
	const struct eg_common *common;
	struct eg_consumer *consumer;
	struct eg_downstream down;
	struct eg_deadletters dead;
	struct eg_rejects rejects;
	struct eg_metrics metrics;
	struct eg_metric extra[7]; /* counters of our own, and the end */
	uint64_t dead_letters, given_back, starts, empty;
	char dead_name[300];
	struct eg_offset offset;
	int64_t came;     /* when a message last came or was settled */
	int64_t deadline; /* of the grace period, 0: none */
	bool ending;      /* no more is taken: what is there is settled, then it ends */
	struct pollfd fds[FDS];
	struct eg_error error;
};

/* The parcel's delivery has its fate. */
static void
settle(struct handover *h, struct eg_payload *p)
{
	eg_consumer_settle(h->consumer, eg_payload_close(p));
	h->came = eg_mono_ms();
}

/* All lines have their fate: the dead letter is next, or the parcel is done. */
static void
on_settled(void *ctx, struct eg_chunk *u)
{
	struct handover *h = ctx;
	struct eg_payload *p = (struct eg_payload *)u;

	h->metrics.out += p->records - p->refused;
	if (p->refused == 0)
		settle(h, p);
	else
		eg_deadletters_add(&h->dead, p);
}

static void
on_dead_letter(void *ctx, struct eg_payload *p)
{
	struct handover *h = ctx;

	h->dead_letters++;
	settle(h, p);
}

static void
on_refused(void *ctx, struct eg_chunk *u, const char *line, size_t len)
{
	struct handover *h = ctx;

	h->metrics.refused++;
	eg_payload_refuse((struct eg_payload *)u, 0, line, len, "refused downstream", &h->rejects,
	    &h->error);
}

/* Without a fate: the broker will bring it again. */
static void
on_dropped(void *ctx, struct eg_chunk *u)
{
	struct handover *h = ctx;
	struct eg_payload *p = (struct eg_payload *)u;

	h->metrics.in -= p->records - p->refused;
	eg_delivery_free(eg_payload_close(p));
}

static void
on_deliver(void *ctx, struct eg_delivery *d)
{
	struct handover *h = ctx;
	struct eg_payload *p = eg_payload_open(d, h->cfg->decode, &h->rejects, &h->error);

	if (p == NULL)
		return;
	h->came = eg_mono_ms();
	h->metrics.in += p->records;
	h->metrics.refused += p->refused;
	h->empty += p->records == 0;
	if (p->unit.len == 0)
		on_settled(h, &p->unit);
	else
		eg_downstream_send(&h->down, &p->unit);
}

static bool
is_stream(const struct eg_consume *cfg)
{
	return cfg->offset != NULL || cfg->offset_file != NULL;
}

/* Nothing that was delivered is without a fate. */
static bool
all_settled(const struct handover *h)
{
	return eg_downstream_idle(&h->down) && eg_deadletters_idle(&h->dead);
}

/* No more is taken. Afterwards a downstream that does not end has a while to do so. */
static void
start_ending(struct handover *h, int64_t now)
{
	if (h->ending)
		return;
	h->ending = true;
	h->deadline = now + h->common->grace_ms;
	eg_consumer_stop(h->consumer);
}

/* --count: what is pending may still come back (a lost connection), so only what is
 * acknowledged makes an end. */
static bool
count_reached(struct handover *h)
{
	uint64_t acked = *eg_consumer_acked(h->consumer);

	if (h->cfg->count == 0)
		return false;
	if (acked + eg_consumer_pending(h->consumer) >= h->cfg->count)
		eg_downstream_close(&h->down);
	return acked >= h->cfg->count;
}

/* --drain: the queue is empty, and nothing is under way here. */
static bool
drained(struct handover *h, int64_t now)
{
	bool quiet = now - h->came >= QUIET_MS;

	if (!h->cfg->drain || eg_consumer_away(h->consumer) != 0)
		return false;
	if (quiet && now - eg_downstream_moved(&h->down) >= QUIET_MS)
		eg_downstream_close(&h->down);
	if (is_stream(h->cfg))
		return all_settled(h) && now - h->came >= STREAM_QUIET_MS;
	if (!quiet || eg_consumer_pending(h->consumer) > 0)
		return false;
	if (eg_consumer_empty(h->consumer))
		return true;
	eg_consumer_ask(h->consumer);
	return false;
}

/* What waits too long for a receipt is asked after, then handed back before the broker
 * takes it back itself and closes the channel (consumer_timeout). We keep it too, for
 * another child: handed back and taken again in turns, it would reach the delivery
 * limit of its queue while the sink is away. */
static void
look_for_stuck(struct handover *h, int64_t now)
{
	int64_t oldest = eg_downstream_oldest(&h->down), moved = eg_downstream_moved(&h->down);
	int64_t patience = eg_consumer_full(h->consumer) ? SETTLE_FULL_MS : SETTLE_MS;
	char why[64];

	if (oldest == 0)
		return;
	if (now - oldest >= h->cfg->give_back_ms) {
		snprintf(why, sizeof(why), "no receipt for %.0f s",
		    (double)(now - oldest) / 1000);
		h->given_back += eg_consumer_pending(h->consumer);
		eg_consumer_give_back(h->consumer, why);
		eg_downstream_again(&h->down, h->common->grace_ms);
	} else if (now - moved >= patience && now - h->came >= patience) {
		eg_downstream_close(&h->down);
	}
}

static int
give_up(struct handover *h, const char *why)
{
	uint64_t n = h->metrics.in - h->metrics.out - h->metrics.refused;

	return eg_fail(&h->error, EG_TEMPORARY, "%s with %llu records without a receipt", why,
	    (unsigned long long)n);
}

static int
check_limits(struct handover *h, int64_t now)
{
	int64_t limit = h->common->timeout_ms, away = eg_consumer_away(h->consumer);
	int64_t oldest = eg_downstream_oldest(&h->down);

	if (eg_stop_asked() > 0 || h->down.output.gone)
		start_ending(h, now);
	if (eg_stop_asked() > 1)
		return give_up(h, "ended by a second signal");
	if (h->ending && now >= h->deadline && !all_settled(h))
		return give_up(h, "the grace period is over, ended");
	if (limit <= 0)
		return 0;
	if (away == 0)
		away = eg_deadletters_away(&h->dead);
	if (away != 0 && now - away >= limit)
		return give_up(h, "gave up waiting for the broker");
	if (oldest != 0 && now - oldest >= limit && now - eg_downstream_moved(&h->down) >= limit)
		return give_up(h, "gave up waiting for receipts");
	return 0;
}

/* Whether all is done. A child is let end by itself, it may have something to put away,
 * but not for ever. */
static bool
over(struct handover *h, int64_t now)
{
	if (!h->ending && (count_reached(h) || drained(h, now)))
		start_ending(h, now);
	if (!h->ending)
		return false;
	if (h->down.output.gone)
		return eg_deadletters_idle(&h->dead);
	eg_downstream_close(&h->down);
	if (!all_settled(h))
		return false;
	if (eg_downstream_running(&h->down) && now < h->deadline)
		return false;
	if (eg_downstream_running(&h->down))
		eg_warn("'%s' does not end: it is killed", h->cfg->command[0]);
	return true;
}

/* When the loop has to look at the clock again, whatever happens. */
static int64_t
next_look(const struct handover *h, int64_t now)
{
	int64_t due = h->metrics.next;
	bool look = h->cfg->offset_file != NULL || h->common->timeout_ms > 0 || !all_settled(h);

	if (h->ending && h->deadline < due)
		due = h->deadline;
	if (h->cfg->drain && !h->ending && now + QUIET_MS < due)
		due = now + QUIET_MS;
	if (look && now + LOOK_MS < due)
		due = now + LOOK_MS;
	if (look && now + h->cfg->give_back_ms < due)
		due = now + h->cfg->give_back_ms;
	return due;
}

static void
wait_for_all(struct handover *h, int64_t now)
{
	int64_t due = next_look(h, now);

	h->fds[FD_STOP] = (struct pollfd){ .fd = eg_stop_fd(), .events = POLLIN };
	eg_consumer_poll(h->consumer, &h->fds[FD_CONSUMER], &due);
	eg_deadletters_poll(&h->dead, &h->fds[FD_DEAD], &due);
	eg_downstream_poll(&h->down, &h->fds[FD_DOWN], &due);
	due -= now;
	if (poll(h->fds, FDS, due < 0 ? 0 : due > INT_MAX ? INT_MAX : (int)due) < 0)
		for (size_t i = 0; i < FDS; i++)
			h->fds[i].revents = 0;
	if (h->fds[FD_STOP].revents != 0)
		eg_stop_drain();
}

static int
work_all(struct handover *h)
{
	if (eg_consumer_work(h->consumer, &h->fds[FD_CONSUMER], &h->error) != 0 ||
	    eg_downstream_work(&h->down, &h->fds[FD_DOWN], &h->error) != 0)
		return -1;
	eg_consumer_acknowledge(h->consumer);
	h->starts = eg_downstream_starts(&h->down);
	if (eg_deadletters_work(&h->dead, &h->fds[FD_DEAD], &h->error) != 0)
		return -1;
	/* What has no way back from a callback. */
	return h->error.status == EG_OK ? 0 : -1;
}

static void
loop(struct handover *h)
{
	for (;;) {
		int64_t now;

		if (work_all(h) != 0)
			return;
		now = eg_mono_ms();
		eg_metrics_tick(&h->metrics, now);
		if (eg_offset_keep(&h->offset, eg_consumer_offset(h->consumer), now,
		        &h->error) != 0 || check_limits(h, now) != 0 || over(h, now))
			return;
		look_for_stuck(h, now);
		wait_for_all(h, now);
	}
}

static int
open_consumer(struct handover *h)
{
	struct eg_consumer_config config = {
		.broker = h->cfg->broker,
		.queue = h->cfg->queue,
		.prefetch = h->cfg->prefetch,
		.limit = h->cfg->count,
		.stream = is_stream(h->cfg),
		.from = h->cfg->offset != NULL ? h->cfg->offset : "first",
		.bindings = h->cfg->bindings, .n_bindings = h->cfg->n_bindings,
		.deliver = on_deliver, .ctx = h,
	};

	if (eg_offset_load(&h->offset, h->cfg->offset_file, &h->error) != 0)
		return -1;
	if (h->offset.saved >= 0)
		config.from = h->offset.next;
	h->consumer = eg_consumer_new(&config, &h->error);
	return h->consumer != NULL ? 0 : -1;
}

static int
open_all(struct handover *h)
{
	static const struct eg_child_calls calls = { on_refused, on_settled, on_dropped };

	/* Standard output first: where it is closed, the next one to open takes its place. */
	if (eg_downstream_open(&h->down, h->cfg->command, &calls, h, &h->error) != 0 ||
	    eg_stop_install(&h->error) != 0 || open_consumer(h) != 0 ||
	    eg_rejects_open(&h->rejects, h->common->rejects, &h->error) != 0)
		return -1;
	h->extra[0].value = eg_consumer_acked(h->consumer);
	h->extra[1].value = eg_consumer_reconnects(h->consumer);
	h->metrics.extra = h->extra;
	return eg_metrics_open(&h->metrics, h->common, &h->error);
}

int
eg_consume_run(const struct eg_consume *config, const struct eg_common *common)
{
	struct handover h = { .cfg = config, .common = common, .came = eg_mono_ms(),
		.rejects.fd = -1, .extra = {
		{ .name = "messages", .help = "Messages acknowledged." },
		{ .name = "reconnects", .help = "Connections found again." },
		{ "dead_letters", "Messages to the dead-letter queue.", &h.dead_letters, false },
		{ "given_back", "Messages handed back to the broker.", &h.given_back, false },
		{ "child_starts", "Starts of the child.", &h.starts, false },
		{ "messages_without_reading", "Messages that held no reading.", &h.empty, false },
	} };
	int status;

	h.dead = (struct eg_deadletters){ config->broker, h.dead_name, config->queue,
		.confirmed = on_dead_letter, .ctx = &h };
	for (size_t i = 0; i < FDS; i++)
		h.fds[i].fd = -1;
	snprintf(h.dead_name, sizeof(h.dead_name), "%s%s",
	    config->dead != NULL ? config->dead : config->queue,
	    config->dead != NULL ? "" : ".dead");
	if (open_all(&h) == 0) {
		loop(&h);
		eg_offset_keep(&h.offset, eg_consumer_offset(h.consumer), INT64_MAX, &h.error);
		eg_rejects_close(&h.rejects, &h.error);
		eg_metrics_close(&h.metrics, common->verbose);
	}
	status = h.error.status != EG_OK ? eg_report(&h.error) :
	    h.down.output.gone ? EG_LOCAL_IO : h.metrics.refused > 0 ? EG_REFUSED : EG_OK;
	/* The consumer last: the others still hold its deliveries. */
	eg_downstream_free(&h.down);
	eg_deadletters_free(&h.dead);
	eg_consumer_free(h.consumer);
	return status;
}
