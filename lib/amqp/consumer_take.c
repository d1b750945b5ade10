/* SPDX-License-Identifier: MIT */
/* Reads frames from the broker, assembles messages, and delivers them. */
#include "amqp/consumer_parts.h"
#include "base/clock.h"
#include "base/diag.h"

/* largest number of frames to read at one time */
enum { FRAMES_MAX = 1024 };

/* Reads the stream from its beginning again, because it is a different stream or messages are
 * missing. If that is a false alarm, messages are delivered twice, but none is lost. */
static void
read_anew(struct eg_consumer *c, bool missing)
{
	eg_warn("stream '%s' has %s message at offset %lld: it is read from its first message",
	    c->cfg.queue, missing ? "no" : "another", (long long)c->stream.last.offset);
	eg_stream_restart(&c->stream, missing);
	c->gap = EG_STREAM_GAP_INIT;
	eg_connection_close(&c->connection);
	c->tags.at = EG_POSITION_NONE;
}

/* Checks the first message of a subscription to a stream. Returns whether to deliver it. */
static bool
check_first(struct eg_consumer *c, struct eg_delivery *d, uint64_t print)
{
	enum eg_stream_first first = eg_stream_check(&c->stream, d, print, c->cfg.queue);

	if (first == EG_STREAM_TAKE)
		return true;
	if (first == EG_STREAM_OTHER) {
		read_anew(c, false);
	} else {
		/* If this acknowledgement fails, the broker only sends fewer messages ahead. The
		 * next read reports a lost connection. */
		(void)amqp_basic_ack(c->connection.conn, EG_CHANNEL, d->tag, 0);
		eg_delivery_tags_skip_first(&c->tags);
	}
	eg_delivery_free(d);
	return false;
}

/* Delivers the message when it is complete. */
static int
finish_delivery(struct eg_consumer *c, struct eg_error *e)
{
	struct eg_position at = EG_POSITION_NONE;
	struct eg_delivery *d = c->coming;

	if (d == NULL || !eg_delivery_whole(d))
		return 0;
	c->coming = NULL;
	if (c->cfg.stream)
		at = (struct eg_position){ d->offset, eg_stream_print(d) };
	if (c->cfg.stream)
		eg_stream_gap_follow(&c->gap, c->connection.conn, d->offset);
	if (c->stream.checking && !check_first(c, d, at.print))
		return 0;
	if (eg_delivery_tags_add(&c->tags, at) != 0) {
		eg_delivery_free(d);
		return eg_fail(e, EG_BUG, "out of memory");
	}
	/* Keep the position of a stream's first message: after a new subscription, "next" and "last"
	 * would mean other messages. */
	if (c->tags.last == 1 && c->tags.at.offset < 0)
		c->tags.at.offset = at.offset;
	d->generation = c->generation;
	if (eg_consumer_left(c) == 0)
		eg_consumer_cancel(c);
	if (d->marker) {
		eg_consumer_take_marker(c, d);
		return 0;
	}
	c->delivered++;
	c->cfg.deliver(c->cfg.ctx, d);
	return 0;
}

/* Called when the message's size is known. Accepts the message if there is room; then its body
 * is read. */
static int
admit_delivery(struct eg_consumer *c, struct eg_error *e)
{
	struct eg_delivery *d = c->coming;

	if (c->stopped || c->cancelled) {
		c->coming = NULL;
		c->room.full = 0;
		eg_consumer_refuse(c, d);
		return 0;
	}
	if (!eg_room_fits(&c->room, d)) {
		if (c->room.full == 0)
			c->room.full = eg_mono_ms();
		return 0;
	}
	c->room.full = 0;
	return eg_delivery_admit(d, &c->room.held, e);
}

static int
take_content(struct eg_consumer *c, const amqp_frame_t *f, struct eg_error *e)
{
	if (c->coming == NULL)
		return 0;
	if (eg_delivery_take(c->coming, f, e) != 0)
		return -1;
	/* A second header for the same message is ignored. */
	if (f->frame_type != AMQP_FRAME_HEADER || c->coming->body != NULL)
		return 0;
	eg_room_note(&c->room, c->coming);
	eg_consumer_widen(c);
	return admit_delivery(c, e);
}

static int
start_delivery(struct eg_consumer *c, const amqp_basic_deliver_t *m, struct eg_error *e)
{
	c->empty = 0;
	eg_consumer_widened(c, m->consumer_tag);
	eg_delivery_free(c->coming);
	c->coming = eg_delivery_new(m->delivery_tag, m->redelivered != 0);
	if (c->coming != NULL && m->exchange.len > 0)
		eg_delivery_set_key(c->coming, m->routing_key.bytes, m->routing_key.len);
	return c->coming != NULL ? 0 : eg_fail(e, EG_BUG, "out of memory");
}

/* Handles the answer with the number of messages. Messages that were sent before the count may
 * arrive after the answer, but not after the answer to a second request. So two answers of 0 are
 * required. */
static void
take_message_count(struct eg_consumer *c, const amqp_queue_declare_ok_t *m)
{
	c->counting = false;
	if (c->cfg.stream) {
		if (eg_stream_overdue(&c->stream, eg_mono_ms()))
			read_anew(c, true);
		return;
	}
	c->empty = m->message_count == 0 ? c->empty + 1 : 0;
	if (c->empty == 1)
		eg_consumer_count(c);
}

static int
take_consumer_frame(struct eg_consumer *c, const amqp_frame_t *f, struct eg_error *e)
{
	uint64_t gone;

	if (c->cfg.stream &&
	    eg_stream_gap_take(&c->gap, c->connection.conn, c->cfg.queue, f, &gone, e)) {
		if (gone > 0)
			eg_stream_pass_over(&c->stream, c->gap.from, gone, c->cfg.queue);
		return e->status == EG_OK ? 0 : -1;
	}
	if (f->channel == EG_CHANNEL_DEPTH)
		eg_queue_depth_take(&c->depth, c->connection.conn, f, eg_mono_ms());
	if (eg_consumer_take_answer(c, f) || f->channel != EG_CHANNEL)
		return 0;
	if (f->frame_type != AMQP_FRAME_METHOD)
		return take_content(c, f, e);
	switch (f->payload.method.id) {
	case AMQP_BASIC_CONSUME_OK_METHOD:
		c->subscribed = eg_mono_ms();
		eg_stream_begun(&c->stream);
		eg_stream_gap_begun(&c->gap, c->connection.conn);
		return 0;
	case AMQP_BASIC_DELIVER_METHOD:
		return start_delivery(c, f->payload.method.decoded, e);
	case AMQP_QUEUE_DECLARE_OK_METHOD:
		take_message_count(c, f->payload.method.decoded);
		return 0;
	case AMQP_BASIC_CANCEL_METHOD:
		eg_connection_lost(&c->connection, "queue '%s' was deleted, or lost its leader", c->cfg.queue);
		return 0;
	default:
		return 0;
	}
}

int
eg_consumer_take(struct eg_consumer *c, struct eg_error *e)
{
	amqp_frame_t f;
	int frames = 0;

	if (c->room.full != 0 && (admit_delivery(c, e) != 0 || finish_delivery(c, e) != 0))
		return -1;
	/* Limit the number of frames, since acknowledgements are waiting. */
	while (c->connection.conn != NULL && c->room.full == 0 && frames++ < FRAMES_MAX &&
	    eg_connection_next(&c->connection, &f, e) == 1) {
		if (take_consumer_frame(c, &f, e) != 0 || finish_delivery(c, e) != 0)
			return -1;
		eg_connection_release(&c->connection);
	}
	return e->status == EG_OK ? 0 : -1;
}
