/* SPDX-License-Identifier: MIT */
/* RabbitMQ as a source. Deliveries go downstream, receipts become acknowledgements, and refused
 * records become dead letters. */
#include "amqp/consume.h"

#include <stdio.h>
#include <string.h>

#include "amqp/consumer.h"
#include "amqp/deadletters.h"
#include "amqp/offset.h"
#include "amqp/payload.h"
#include "base/clock.h"
#include "base/options.h"
#include "stage/source.h"

enum {
	/* quiet_ms of source.h: time to wait for receipts before the child's input is closed. It
	 * is shorter if no new message can arrive. */
	QUIET_MS = 30 * 1000,
	QUIET_FULL_MS = 2000,
	QUIET_END_MS = 200,
	/* Interval at which the broker is asked whether the queue is empty. */
	ASK_MS = 200,
	/* The prefetch unless the user gives one: at first, and for small messages. */
	PREFETCH = 300,
	PREFETCH_SMALL = 4000,
	/* --drain: a stream is at its end if no message has come for this long. */
	STREAM_QUIET_MS = 2000,
};

enum { FD_CONSUMER, FD_DEAD };

struct consume {
	const struct eg_consume *cfg;
	struct eg_source_loop *loop;
	struct eg_consumer *consumer;
	struct eg_deadletters dead;
	struct eg_metric extra[9]; /* the counters of this file, and a terminator */
	uint64_t dead_letters, empty;
	char dead_name[300];
	struct eg_offset offset;
	int64_t came; /* time when a message last arrived or was settled */
};

/* Settles the payload's delivery. */
static void
settle(struct consume *c, struct eg_payload *p)
{
	eg_consumer_settle(c->consumer, eg_payload_close(p));
	c->came = eg_mono_ms();
}

/* Called when each line is safe or refused. Publishes a dead letter if one was refused;
 * otherwise settles the delivery. */
static void
on_settled(void *self, struct eg_chunk *chunk)
{
	struct eg_payload *p = (struct eg_payload *)chunk;
	struct consume *c = self;

	c->loop->run.metrics.out += p->records - p->refused;
	if (p->refused > 0) {
		eg_deadletters_add(&c->dead, p);
		return;
	}
	eg_decode_settle(c->cfg->payload.decode, &p->counter);
	settle(c, p);
}

static void
on_dead_letter(void *self, struct eg_payload *p)
{
	struct consume *c = self;

	c->dead_letters++;
	/* It may be taken from the dead-letter queue, or moved back. */
	eg_decode_unsettle(c->cfg->payload.decode, &p->counter);
	settle(c, p);
}

static void
on_refused(void *self, struct eg_chunk *chunk, const char *line, size_t len)
{
	struct consume *c = self;

	c->loop->run.metrics.refused++;
	eg_payload_refuse((struct eg_payload *)chunk, 0, line, len, "refused downstream",
	    &c->loop->run.rejects, &c->loop->run.error);
}

/* Called when the downstream gives a chunk up. Its records stay pending here, and the broker
 * delivers the message again. */
static void
on_dropped(void *self, struct eg_chunk *chunk)
{
	(void)self;
	eg_delivery_free(eg_payload_close((struct eg_payload *)chunk));
}

static void
on_deliver(void *self, struct eg_delivery *d)
{
	struct consume *c = self;
	struct eg_source_loop *l = c->loop;
	struct eg_payload *p = eg_payload_open(d, &c->cfg->payload, &l->run.rejects, &l->run.error);

	if (p == NULL)
		return;
	c->came = eg_mono_ms();
	l->run.metrics.in += p->records;
	l->run.metrics.refused += p->refused;
	l->run.metrics.refused_unsent += p->refused;
	c->empty += p->records == 0;
	if (p->unit.len == 0)
		on_settled(c, &p->unit);
	else
		eg_source_send(l, &p->unit, p->records - p->refused);
}

static bool
is_stream(const struct eg_consume *cfg)
{
	return cfg->offset != NULL || cfg->offset_file != NULL;
}

/* Whether --count is reached, with pending messages counted. After a lost connection, pending
 * ones may be delivered again. */
static bool
at_count(const struct consume *c)
{
	return c->cfg->count != 0 && *eg_consumer_acked(c->consumer) +
	    eg_consumer_pending(c->consumer) >= c->cfg->count;
}

/* --drain: whether the queue is empty and no message is pending. */
static bool
drained(struct consume *c, int64_t now)
{
	int64_t since = eg_consumer_reading_since(c->consumer);

	if (!c->cfg->drain || eg_consumer_away(c->consumer) != 0)
		return false;
	if (is_stream(c->cfg))
		return since != 0 && now - since >= STREAM_QUIET_MS &&
		    now - c->came >= STREAM_QUIET_MS && eg_downstream_idle(&c->loop->down) &&
		    eg_deadletters_idle(&c->dead);
	if (now - c->came < ASK_MS || eg_consumer_pending(c->consumer) > 0)
		return false;
	if (eg_consumer_empty(c->consumer))
		return true;
	eg_consumer_count(c->consumer);
	return false;
}

static bool
on_ended(void *self, int64_t now)
{
	struct consume *c = self;

	if (c->cfg->count != 0 && *eg_consumer_acked(c->consumer) >= c->cfg->count)
		return true;
	return drained(c, now);
}

static int64_t
quiet_ms(void *self)
{
	const struct consume *c = self;

	if (at_count(c) || (c->cfg->drain && eg_consumer_away(c->consumer) == 0))
		return QUIET_END_MS;
	return eg_consumer_full(c->consumer) ? QUIET_FULL_MS : QUIET_MS;
}

/* Requeues messages before the broker's consumer_timeout, at which it would requeue them itself
 * and close the channel. The chunks are kept for the next child. Otherwise, while the sink is
 * unreachable, messages would be requeued and delivered again and again, until they reach the
 * queue's delivery limit. */
static void
on_give_back(void *self, int64_t ms)
{
	struct consume *c = self;
	char why[64];

	snprintf(why, sizeof(why), "no receipt for %.0f s", (double)ms / 1000);
	eg_decode_unsettle(c->cfg->payload.decode, NULL);
	eg_consumer_give_back(c->consumer, why);
}

static void
on_poll(void *self, struct pollfd *fds, int64_t *due)
{
	struct consume *c = self;

	eg_consumer_poll(c->consumer, &fds[FD_CONSUMER], due);
	eg_deadletters_poll(&c->dead, &fds[FD_DEAD], due);
	eg_offset_poll(&c->offset, eg_consumer_position(c->consumer), due);
	if (c->cfg->drain && eg_mono_ms() + ASK_MS < *due)
		*due = eg_mono_ms() + ASK_MS;
}

static int
on_work(void *self, const struct pollfd *fds, struct eg_error *e)
{
	struct consume *c = self;

	return eg_consumer_work(c->consumer, &fds[FD_CONSUMER], e);
}

static int
on_flush(void *self, const struct pollfd *fds, struct eg_error *e)
{
	struct consume *c = self;

	if (c->cfg->payload.decode != NULL && eg_decode_save(c->cfg->payload.decode, e) != 0)
		return -1;
	eg_consumer_acknowledge(c->consumer);
	if (eg_deadletters_work(&c->dead, &fds[FD_DEAD], e) != 0)
		return -1;
	if (eg_offset_keep(&c->offset, eg_consumer_position(c->consumer),
	        eg_consumer_marked(c->consumer) ? INT64_MAX : eg_mono_ms(), e) != 0)
		return -1;
	eg_consumer_answer(c->consumer);
	return 0;
}

static bool
on_idle(void *self)
{
	const struct consume *c = self;

	return eg_deadletters_idle(&c->dead) && eg_consumer_explained(c->consumer);
}

static int64_t
on_away(void *self)
{
	const struct consume *c = self;
	int64_t away = eg_consumer_away(c->consumer);

	return away != 0 ? away : eg_deadletters_away(&c->dead);
}

static void
on_stop(void *self)
{
	eg_consumer_stop(((struct consume *)self)->consumer);
}

static int
on_open(void *self, struct eg_source_loop *l, struct eg_error *e)
{
	struct consume *c = self;
	const struct eg_consume *cfg = c->cfg;
	struct eg_consumer_config config = {
		.broker = cfg->broker,
		.queue = cfg->queue,
		.prefetch = cfg->prefetch > 0 ? cfg->prefetch : PREFETCH,
		.prefetch_small = cfg->prefetch > 0 ? cfg->prefetch : PREFETCH_SMALL,
		.limit = cfg->count,
		.stream = is_stream(cfg),
		.from = cfg->offset != NULL ? cfg->offset : "first",
		.depth = l->run.common->metrics != NULL || l->run.common->listen != NULL,
		.bindings = cfg->bindings,
		.n_bindings = cfg->n_bindings,
		.deliver = on_deliver,
		.ctx = c,
	};

	c->loop = l;
	if (eg_offset_load(&c->offset, cfg->offset_file, e) != 0)
		return -1;
	config.at = c->offset.saved;
	c->consumer = eg_consumer_new(&config, e);
	if (c->consumer == NULL)
		return -1;
	c->extra[0].value = eg_consumer_acked(c->consumer);
	c->extra[1].value = eg_consumer_reconnects(c->consumer);
	c->extra[2].value = eg_consumer_passed_over(c->consumer);
	c->extra[3].value = eg_consumer_given_back(c->consumer);
	c->extra[4].value = eg_consumer_waiting(c->consumer);
	return 0;
}

static void
on_close(void *self, struct eg_error *e)
{
	struct consume *c = self;

	eg_offset_keep(&c->offset, eg_consumer_position(c->consumer), INT64_MAX, e);
}

int
eg_consume_run(const struct eg_consume *config, const struct eg_common *common)
{
	struct eg_source_loop loop;
	struct consume c = { .cfg = config, .came = eg_mono_ms() };
	const struct eg_source source = { .self = &c, .peer = "the broker",
		.refused_status = EG_REFUSED, .give_back_ms = config->give_back_ms,
		.start_early = !config->drain, /* an empty queue needs no child */
		.extra = c.extra, .open = on_open, .poll = on_poll, .work = on_work,
		.flush = on_flush, .fate = { .refused = on_refused, .settled = on_settled,
		.dropped = on_dropped }, .stop = on_stop, .idle = on_idle, .ended = on_ended,
		.away = on_away, .quiet_ms = quiet_ms, .give_back = on_give_back,
		.close = on_close };
	const struct eg_metric extra[] = {
		{ .name = "messages", .help = "Messages acknowledged." },
		{ .name = "reconnects", .help = "Connections found again." },
		{ .name = "messages_passed_over", .help = "Offsets that a stream had no longer." },
		{ .name = "given_back", .help = "Messages handed back to the broker." },
		{ .name = "queue_messages", .help = "Messages that wait in the queue, without those that "
			"consumers hold.", .gauge = true },
		{ "dead_letters", "Messages to the dead-letter queue.", &c.dead_letters, false },
		{ "child_starts", "Starts of the child.", &loop.starts, false },
		{ "messages_without_reading", "Messages that held no reading.", &c.empty, false },
	};
	int status;

	memcpy(c.extra, extra, sizeof(extra));
	c.dead = (struct eg_deadletters){ config->broker, c.dead_name, config->queue,
		.confirmed = on_dead_letter, .ctx = &c };
	snprintf(c.dead_name, sizeof(c.dead_name), "%s%s",
	    config->dead != NULL ? config->dead : config->queue,
	    config->dead != NULL ? "" : ".dead");
	status = eg_source_run(&loop, &source, config->command, common);
	/* Free the consumer last, since the dead letters hold deliveries of it. */
	eg_deadletters_free(&c.dead);
	eg_consumer_free(c.consumer);
	return status;
}
