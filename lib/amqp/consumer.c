/* SPDX-License-Identifier: MIT */
/* Taking messages from a RabbitMQ queue or stream, acknowledged when they are safe. */
#include "amqp/consumer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "amqp/connection.h"
#include "amqp/delivery_tags.h"
#include "amqp/stream.h"
#include "amqp/topology.h"
#include "base/clock.h"
#include "base/diag.h"
#include "record/record.h"

/* Frames taken in one go: acknowledgements wait meanwhile. */
enum { FRAMES_MAX = 1024 };

static const char consumer_tag[] = "eg";

struct eg_consumer {
	struct eg_consumer_config cfg;
	struct eg_connection link;
	uint64_t generation; /* of the connection: tags live and die with it */
	struct eg_delivery_tags tags;
	struct eg_stream stream;
	uint64_t acked;             /* in all */
	size_t alive;               /* deliveries given out, also of former connections */
	struct eg_delivery *coming; /* its header or body is still to come */
	int64_t subscribed;         /* when, on this connection */
	bool stopped;               /* for good */
	bool cancelled;             /* on this connection, the limit being reached */
	bool asked;                 /* how many messages are left: the answer is to come */
	int empty;                  /* answers in a row that said none */
};

struct eg_consumer *
eg_consumer_new(const struct eg_consumer_config *config, struct eg_error *e)
{
	struct eg_consumer *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		eg_fail(e, EG_BUG, "out of memory");
		return NULL;
	}
	c->cfg = *config;
	c->tags.at = config->stream ? config->at : EG_POSITION_NONE;
	c->stream = EG_STREAM_INIT(config->from);
	eg_connection_init(&c->link, config->broker);
	c->link.ask_about = c->cfg.queue;
	return c;
}

/* The channel is gone, and its tags with it: the broker will deliver again what is not
 * acknowledged. */
static void
forget_channel(struct eg_consumer *c)
{
	eg_delivery_free(c->coming);
	c->coming = NULL;
	c->generation++;
	c->cancelled = c->asked = false;
	c->empty = 0;
	eg_delivery_tags_reset(&c->tags);
}

void
eg_consumer_settle(struct eg_consumer *c, struct eg_delivery *d)
{
	if (d->generation == c->generation)
		eg_delivery_tags_settle(&c->tags, d->tag);
	eg_delivery_free(d);
}

/* One acknowledgement for the whole contiguous stretch. */
void
eg_consumer_acknowledge(struct eg_consumer *c)
{
	struct eg_delivery_tags *t = &c->tags;
	int rc;

	if (c->link.conn == NULL || t->acked == t->done)
		return;
	rc = amqp_basic_ack(c->link.conn, EG_CHANNEL, t->done, 1);
	if (rc != AMQP_STATUS_OK) {
		eg_connection_lost(&c->link, "cannot acknowledge: %s", amqp_error_string2(rc));
		forget_channel(c);
		return;
	}
	c->acked += t->done - t->acked;
	t->acked = t->done;
}

/* How many messages the limit leaves. */
static uint64_t
left(const struct eg_consumer *c)
{
	uint64_t taken = c->acked + c->tags.last - c->tags.acked;

	if (c->cfg.limit == 0)
		return UINT64_MAX;
	return taken < c->cfg.limit ? c->cfg.limit - taken : 0;
}

static int
subscribe(void *ctx, struct eg_error *e)
{
	struct eg_consumer *c = ctx;
	amqp_connection_state_t conn = c->link.conn;
	uint64_t window = left(c) < c->cfg.prefetch ? left(c) : c->cfg.prefetch;
	amqp_table_entry_t row;
	amqp_table_t args = amqp_empty_table;
	char text[256];

	if (c->cfg.stream) {
		eg_stream_begin(&c->stream, c->tags.at, &row);
		args = (amqp_table_t){ 1, &row };
	}
	if (eg_topology_apply(&c->link, c->cfg.queue, c->cfg.bindings, c->cfg.n_bindings, text, e) != 0)
		goto fail;
	/* 0 would be no bound at all. */
	amqp_basic_qos(conn, EG_CHANNEL, 0, (uint16_t)(window > 0 ? window : 1), 0);
	if (eg_connection_check(&c->link, amqp_get_rpc_reply(conn), text, e) != 0)
		goto fail;
	amqp_basic_consume(conn, EG_CHANNEL, amqp_cstring_bytes(c->cfg.queue),
	    amqp_cstring_bytes(consumer_tag), 0, 0, 0, args);
	c->subscribed = eg_mono_ms();
	if (eg_connection_check(&c->link, amqp_get_rpc_reply(conn), text, e) == 0)
		return 0;
fail:
	if (e->status == EG_OK)
		eg_connection_lost(&c->link, "%s", text);
	return -1;
}

static void
cancel(struct eg_consumer *c)
{
	amqp_basic_cancel_t m = { amqp_cstring_bytes(consumer_tag), 1 };

	if (c->link.conn != NULL && !c->cancelled)
		amqp_send_method(c->link.conn, EG_CHANNEL, AMQP_BASIC_CANCEL_METHOD, &m);
	c->cancelled = true;
}

/* Came while the cancel was under way: others may have it at once. */
static void
not_wanted(struct eg_consumer *c, struct eg_delivery *d)
{
	if (!c->cfg.stream)
		amqp_basic_nack(c->link.conn, EG_CHANNEL, d->tag, 0, 1);
	eg_delivery_free(d);
}

/* The stream is not the one that was read before, or its beginning is gone. Messages may
 * come twice when this is wrong, but none is left out. */
static void
read_anew(struct eg_consumer *c, bool missing)
{
	eg_warn("stream '%s' has %s message at offset %lld: it is read from its first message",
	    c->cfg.queue, missing ? "no" : "another", (long long)c->stream.last.offset);
	eg_stream_restart(&c->stream, missing);
	eg_connection_close(&c->link);
	c->tags.at = EG_POSITION_NONE;
}

/* The first message of a subscription to a stream; whether it is to be handed over. */
static bool
check_first(struct eg_consumer *c, struct eg_delivery *d, uint64_t print)
{
	enum eg_stream_first first = eg_stream_check(&c->stream, d, print, c->cfg.queue);

	if (first == EG_STREAM_TAKE)
		return true;
	if (first == EG_STREAM_OTHER) {
		read_anew(c, false);
	} else {
		/* Without an acknowledgement there is less credit, no more: the next one may fail. */
		(void)amqp_basic_ack(c->link.conn, EG_CHANNEL, d->tag, 0);
		eg_delivery_tags_skip_first(&c->tags);
	}
	eg_delivery_free(d);
	return false;
}

/* Hands the message over when it is whole. */
static int
finish_delivery(struct eg_consumer *c, struct eg_error *e)
{
	struct eg_position at = EG_POSITION_NONE;
	struct eg_delivery *d = c->coming;

	if (d == NULL || !eg_delivery_whole(d))
		return 0;
	c->coming = NULL;
	if (c->stopped || c->cancelled) {
		not_wanted(c, d);
		return 0;
	}
	if (c->cfg.stream)
		at = (struct eg_position){ d->offset, eg_stream_print(d) };
	if (c->stream.checking && !check_first(c, d, at.print))
		return 0;
	if (eg_delivery_tags_add(&c->tags, at) != 0) {
		eg_delivery_free(d);
		return eg_fail(e, EG_BUG, "out of memory");
	}
	/* "next" and "last" say something else when we come again. */
	if (c->tags.at.offset < 0 && at.offset > 0)
		c->tags.at.offset = at.offset - 1;
	d->generation = c->generation;
	d->alive = &c->alive;
	c->alive++;
	if (left(c) == 0)
		cancel(c);
	c->cfg.deliver(c->cfg.ctx, d);
	return 0;
}

static int
start_delivery(struct eg_consumer *c, const amqp_basic_deliver_t *m, struct eg_error *e)
{
	c->empty = 0;
	eg_delivery_free(c->coming);
	c->coming = eg_delivery_new(m->delivery_tag, m->redelivered != 0);
	if (c->coming != NULL && m->exchange.len > 0)
		eg_delivery_set_key(c->coming, m->routing_key.bytes, m->routing_key.len);
	return c->coming != NULL ? 0 : eg_fail(e, EG_BUG, "out of memory");
}

/* Deliveries that the queue had sent off before it was counted may still come behind
 * the answer, but not behind the answer to a second question. */
static void
take_count(struct eg_consumer *c, const amqp_queue_declare_ok_t *m)
{
	c->asked = false;
	if (c->cfg.stream) {
		if (eg_stream_overdue(&c->stream, eg_mono_ms()))
			read_anew(c, true);
		return;
	}
	c->empty = m->message_count == 0 ? c->empty + 1 : 0;
	if (c->empty == 1)
		eg_consumer_ask(c);
}

static int
take_frame(struct eg_consumer *c, const amqp_frame_t *f, struct eg_error *e)
{
	if (f->frame_type != AMQP_FRAME_METHOD)
		return c->coming != NULL ? eg_delivery_take(c->coming, f, e) : 0;
	switch (f->payload.method.id) {
	case AMQP_BASIC_DELIVER_METHOD:
		return start_delivery(c, f->payload.method.decoded, e);
	case AMQP_QUEUE_DECLARE_OK_METHOD:
		take_count(c, f->payload.method.decoded);
		return 0;
	case AMQP_BASIC_CANCEL_METHOD:
		eg_connection_lost(&c->link, "queue '%s' was deleted, or lost its leader", c->cfg.queue);
		return 0;
	default:
		return 0;
	}
}

/* Takes what is there, but comes back after a while: acknowledgements wait. */
static int
drain(struct eg_consumer *c, struct eg_error *e)
{
	amqp_frame_t f;
	int frames = 0;

	while (c->link.conn != NULL && frames++ < FRAMES_MAX &&
	    eg_connection_next(&c->link, &f, e) == 1) {
		if (take_frame(c, &f, e) != 0 || finish_delivery(c, e) != 0)
			return -1;
		eg_connection_release(&c->link);
	}
	if (c->link.conn == NULL)
		forget_channel(c);
	return e->status == EG_OK ? 0 : -1;
}

/* Nothing is to be delivered now: what former connections brought is to go first. Were
 * it taken again and again while the receiver waits for its sink, each loss of the
 * connection would bring it nearer to a quorum queue's delivery limit. */
static bool
holding(const struct eg_consumer *c)
{
	return c->stopped || c->alive > 0;
}

int
eg_consumer_work(struct eg_consumer *c, const struct pollfd *fd, struct eg_error *e)
{
	int rc;

	if (fd != NULL && fd->fd >= 0)
		eg_connection_polled(&c->link, fd);
	if (c->link.conn == NULL) {
		if (holding(c))
			return 0;
		rc = eg_connection_open(&c->link, subscribe, c, e);
		if (rc <= 0)
			return rc;
	}
	if (drain(c, e) != 0)
		return -1;
	eg_consumer_acknowledge(c);
	if (eg_stream_overdue(&c->stream, eg_mono_ms()))
		eg_consumer_ask(c);
	return 0;
}

void
eg_consumer_poll(const struct eg_consumer *c, struct pollfd *fd, int64_t *due)
{
	*fd = (struct pollfd){ .fd = -1 };
	if (c->link.conn == NULL && holding(c))
		return;
	eg_connection_poll(&c->link, fd, 0, due);
	/* Not all has been taken or acknowledged yet: see drain(). */
	if (c->link.conn != NULL && (c->tags.acked != c->tags.done ||
	    amqp_frames_enqueued(c->link.conn) || amqp_data_in_buffer(c->link.conn)))
		*due = 0;
	if (c->link.conn != NULL && c->stream.checking && !c->asked && c->stream.due < *due)
		*due = c->stream.due;
}

void
eg_consumer_stop(struct eg_consumer *c)
{
	cancel(c);
	c->stopped = true;
}

/* A nack, not a lost connection: from RabbitMQ 4.3 on only the latter brings a message
 * nearer to a quorum queue's delivery limit. Behind a cancel, so that nothing comes
 * back to us before its turn: see holding(). */
void
eg_consumer_give_back(struct eg_consumer *c, const char *why)
{
	int rc = AMQP_STATUS_OK;

	eg_consumer_acknowledge(c);
	if (c->link.conn == NULL || c->tags.pending == 0)
		return;
	eg_warn("%zu messages are handed back to the broker: %s", c->tags.pending, why);
	cancel(c);
	if (!c->cfg.stream)
		rc = amqp_basic_nack(c->link.conn, EG_CHANNEL, c->tags.last, 1, 1);
	if (rc == AMQP_STATUS_OK)
		eg_connection_close(&c->link);
	else
		eg_connection_lost(&c->link, "cannot hand back: %s", amqp_error_string2(rc));
	forget_channel(c);
}

/* Not basic.get, which would pass by the prefetch and fails on a queue with a single
 * active consumer. */
void
eg_consumer_ask(struct eg_consumer *c)
{
	amqp_queue_declare_t m = { .queue = amqp_cstring_bytes(c->cfg.queue), .passive = 1 };

	if (c->link.conn == NULL || c->asked)
		return;
	c->asked = amqp_send_method(c->link.conn, EG_CHANNEL, AMQP_QUEUE_DECLARE_METHOD, &m) ==
	    AMQP_STATUS_OK;
}

bool
eg_consumer_empty(const struct eg_consumer *c)
{
	return c->empty >= 2;
}

void
eg_consumer_free(struct eg_consumer *c)
{
	if (c == NULL)
		return;
	eg_consumer_acknowledge(c);
	cancel(c);
	if (c->link.conn != NULL && !c->cfg.stream)
		amqp_basic_nack(c->link.conn, EG_CHANNEL, 0, 1, 1);
	eg_connection_close(&c->link);
	eg_delivery_free(c->coming);
	eg_delivery_tags_free(&c->tags);
	free(c);
}

size_t
eg_consumer_pending(const struct eg_consumer *c)
{
	return c->tags.pending;
}

bool
eg_consumer_full(const struct eg_consumer *c)
{
	return c->link.conn == NULL ? holding(c) : c->tags.pending >= c->cfg.prefetch;
}

struct eg_position
eg_consumer_position(const struct eg_consumer *c)
{
	return c->tags.at;
}

int64_t
eg_consumer_reading_since(const struct eg_consumer *c)
{
	bool sure = !c->stream.checking || c->stream.last.offset < 0;

	return c->link.conn != NULL && sure ? c->subscribed : 0;
}

int64_t
eg_consumer_away(const struct eg_consumer *c)
{
	return c->link.conn == NULL && holding(c) ? 0 : eg_connection_away(&c->link);
}

const uint64_t *
eg_consumer_acked(const struct eg_consumer *c)
{
	return &c->acked;
}

const uint64_t *
eg_consumer_reconnects(const struct eg_consumer *c)
{
	return &c->link.reconnects;
}

const uint64_t *
eg_consumer_passed_over(const struct eg_consumer *c)
{
	return &c->stream.passed_over;
}
