/* SPDX-License-Identifier: MIT */
/* Consumes a RabbitMQ queue or stream, and acknowledges each message when it is safe. */
#include "amqp/consumer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "amqp/consumer_parts.h"
#include "amqp/topology.h"
#include "base/clock.h"
#include "base/diag.h"
#include "record/record.h"

/* Interval for checking whether a heartbeat is due while the socket is not read. */
enum { BEAT_MS = 500 };

/* If a subscription has no answer for this long, it is sent again on a new connection. With
 * several addresses, the next one is used earlier, see connection_answer.c. */
enum { SUBSCRIBE_MS = 60 * 1000 };

struct eg_consumer *
eg_consumer_new(const struct eg_consumer_config *config, struct eg_error *e)
{
	struct eg_consumer *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		eg_fail(e, EG_BUG, "out of memory");
		return NULL;
	}
	c->cfg = *config;
	c->room.start = c->room.prefetch = config->prefetch;
	c->room.most = config->prefetch_small;
	c->tags.at = config->stream ? config->at : EG_POSITION_NONE;
	c->stream = EG_STREAM_INIT(config->from);
	c->gap = EG_STREAM_GAP_INIT;
	/* A stream keeps its messages, so their number is no lag. */
	eg_queue_depth_init(&c->depth, config->depth && !config->stream ? config->queue : NULL);
	if (getrandom(&c->session, sizeof(c->session), 0) != sizeof(c->session))
		c->session = (uint64_t)eg_wall_ns();
	eg_connection_init(&c->connection, config->broker);
	c->connection.probe_queue = c->cfg.queue;
	return c;
}

/* Resets the state after the channel is lost with its delivery tags. The broker delivers again
 * all that is not acknowledged. */
static void
forget_channel(struct eg_consumer *c)
{
	eg_delivery_free(c->coming);
	c->coming = NULL;
	c->generation++;
	c->cancelled = c->counting = false;
	c->widening = (struct eg_widening){ .state = EG_WIDENING_OFF };
	c->n_tags = 0;
	eg_stream_gap_lost(&c->gap);
	eg_queue_depth_lost(&c->depth);
	c->room.full = 0;
	c->subscribing = c->subscribed = 0;
	c->empty = 0;
	c->n_markers = 0;
	c->answering = false;
	eg_delivery_tags_reset(&c->tags);
}

void
eg_consumer_settle(struct eg_consumer *c, struct eg_delivery *d)
{
	if (d->generation == c->generation)
		eg_delivery_tags_settle(&c->tags, d->tag);
	eg_delivery_free(d);
}

/* One acknowledgement covers all contiguous settled deliveries. */
void
eg_consumer_acknowledge(struct eg_consumer *c)
{
	struct eg_delivery_tags *t = &c->tags;
	int rc;

	if (c->connection.conn == NULL || eg_consumer_holds_acks(c) || t->acked == t->done)
		return;
	rc = amqp_basic_ack(c->connection.conn, EG_CHANNEL, t->done, 1);
	if (rc != AMQP_STATUS_OK) {
		eg_connection_lost(&c->connection, "cannot acknowledge: %s", amqp_error_string2(rc));
		forget_channel(c);
		return;
	}
	c->acked += t->done - t->acked;
	t->acked = t->done;
}

/* Connects and subscribes. It does not wait for the answer to the subscription: while another
 * node of the cluster was suspended, RabbitMQ 4.3 took up to 14 s, and there is other work to
 * do. */
static int
subscribe(void *ctx, struct eg_error *e)
{
	struct eg_consumer *c = ctx;
	char text[256];

	if (eg_topology_apply(&c->connection, c->cfg.queue, c->cfg.bindings, c->cfg.n_bindings,
	        text, e) != 0) {
		if (e->status == EG_OK)
			eg_connection_lost(&c->connection, "%s", text);
		return -1;
	}
	eg_consumer_subscribe(c);
	eg_connection_expect(&c->connection, true);
	return 0;
}

/* Whether new deliveries must wait until those of earlier connections are settled. Otherwise,
 * while the receiver waits for its sink, each loss of the connection would deliver the messages
 * once more, and bring them closer to a quorum queue's delivery limit. */
static bool
holding(const struct eg_consumer *c)
{
	return c->stopped || c->room.held.n > 0;
}

/* While there is no room, the socket is not read. So this sends the heartbeats, and detects a
 * lost connection from the pollfd alone. */
static void
check_room(struct eg_consumer *c, const struct pollfd *fd)
{
	char why[64];

	if (c->room.full == 0 || c->connection.conn == NULL)
		return;
	if (fd != NULL && fd->fd >= 0 && (fd->revents & (POLLERR | POLLHUP)) != 0) {
		eg_connection_lost(&c->connection, "closed by the broker");
		forget_channel(c);
	} else if (eg_mono_ms() - c->room.full >= EG_ROOM_WAIT_MS) {
		eg_room_shrink(&c->room);
		snprintf(why, sizeof(why), "%zu MiB have no receipt for %d s",
		    c->room.held.bytes >> 20, EG_ROOM_WAIT_MS / 1000);
		eg_consumer_give_back(c, why);
	} else {
		eg_connection_beat(&c->connection);
	}
}

static void
check_subscription(struct eg_consumer *c)
{
	if (c->connection.conn == NULL || c->subscribed != 0 ||
	    eg_mono_ms() - c->subscribing < SUBSCRIBE_MS)
		return;
	eg_connection_lost(&c->connection, "no answer to the subscription");
	forget_channel(c);
}

int
eg_consumer_work(struct eg_consumer *c, const struct pollfd *fd, struct eg_error *e)
{
	int rc;

	if (fd != NULL && fd->fd >= 0)
		eg_connection_polled(&c->connection, fd);
	if (c->connection.conn == NULL) {
		if (holding(c))
			return 0;
		rc = eg_connection_open(&c->connection, subscribe, c, e);
		if (rc <= 0)
			return rc;
	}
	if (eg_consumer_take(c, e) != 0)
		return -1;
	if (c->connection.conn == NULL)
		forget_channel(c);
	eg_consumer_acknowledge(c);
	check_room(c, fd);
	check_subscription(c);
	if (eg_stream_overdue(&c->stream, eg_mono_ms()))
		eg_consumer_count(c);
	if (c->connection.conn != NULL && c->subscribed != 0 && c->room.full == 0)
		eg_queue_depth_work(&c->depth, c->connection.conn, eg_mono_ms());
	return 0;
}

void
eg_consumer_poll(const struct eg_consumer *c, struct pollfd *fd, int64_t *due)
{
	int64_t held = eg_consumer_held_until(c);

	*fd = (struct pollfd){ .fd = -1 };
	if (c->connection.conn == NULL && holding(c))
		return;
	if (held != 0 && held < *due)
		*due = held;
	if (c->connection.conn != NULL && c->room.full != 0) {
		fd->fd = amqp_get_sockfd(c->connection.conn);
		if (eg_mono_ms() + BEAT_MS < *due)
			*due = eg_mono_ms() + BEAT_MS;
		return;
	}
	eg_connection_poll(&c->connection, fd, 0, due);
	/* More can be read or acknowledged at once: see eg_consumer_take(). */
	if (c->connection.conn != NULL && ((c->tags.acked != c->tags.done && held == 0) ||
	    amqp_frames_enqueued(c->connection.conn) || amqp_data_in_buffer(c->connection.conn)))
		*due = 0;
	if (c->connection.conn != NULL && c->subscribed == 0 && c->subscribing + SUBSCRIBE_MS < *due)
		*due = c->subscribing + SUBSCRIBE_MS;
	if (c->connection.conn != NULL && c->stream.checking && !c->counting && c->stream.due < *due)
		*due = c->stream.due;
}

void
eg_consumer_stop(struct eg_consumer *c)
{
	eg_consumer_cancel(c);
	eg_consumer_acknowledge(c); /* what was held back */
	c->stopped = true;
}

/* Requeues messages with a nack instead of closing the connection: since RabbitMQ 4.3, only a
 * lost connection counts for a quorum queue's delivery limit. Cancels first, so that the
 * messages do not come back to this consumer at once: see holding(). */
void
eg_consumer_give_back(struct eg_consumer *c, const char *why)
{
	int rc = AMQP_STATUS_OK;

	eg_consumer_stop_widening(c);
	eg_consumer_acknowledge(c);
	if (c->connection.conn == NULL || c->tags.pending == 0)
		return;
	c->given_back += c->tags.pending;
	eg_warn("%zu messages are handed back to the broker: %s", c->tags.pending, why);
	eg_consumer_cancel(c);
	if (!c->cfg.stream)
		rc = amqp_basic_nack(c->connection.conn, EG_CHANNEL, c->tags.last, 1, 1);
	if (rc == AMQP_STATUS_OK)
		eg_connection_close(&c->connection);
	else
		eg_connection_lost(&c->connection, "cannot hand back: %s", amqp_error_string2(rc));
	forget_channel(c);
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
	eg_consumer_stop_widening(c);
	eg_consumer_acknowledge(c);
	eg_consumer_cancel(c);
	if (c->connection.conn != NULL && !c->cfg.stream)
		amqp_basic_nack(c->connection.conn, EG_CHANNEL, 0, 1, 1);
	eg_connection_close(&c->connection);
	if (c->gap.missing > 0)
		eg_stream_pass_over(&c->stream, c->gap.from, c->gap.missing, c->cfg.queue);
	eg_delivery_free(c->coming);
	eg_delivery_tags_free(&c->tags);
	free(c);
}

bool
eg_consumer_explained(const struct eg_consumer *c)
{
	return c->connection.conn == NULL || !eg_stream_gap_waits(&c->gap);
}

size_t
eg_consumer_pending(const struct eg_consumer *c)
{
	return c->tags.pending;
}

bool
eg_consumer_full(const struct eg_consumer *c)
{
	if (c->connection.conn == NULL)
		return holding(c);
	return c->room.full != 0 || c->tags.pending >= c->room.prefetch;
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

	return c->connection.conn != NULL && sure ? c->subscribed : 0;
}

int64_t
eg_consumer_away(const struct eg_consumer *c)
{
	return c->connection.conn == NULL && holding(c) ? 0 : eg_connection_away(&c->connection);
}

const uint64_t *
eg_consumer_acked(const struct eg_consumer *c)
{
	return &c->acked;
}

const uint64_t *
eg_consumer_reconnects(const struct eg_consumer *c)
{
	return &c->connection.reconnects;
}

const uint64_t *
eg_consumer_passed_over(const struct eg_consumer *c)
{
	return &c->stream.passed_over;
}

const uint64_t *
eg_consumer_waiting(const struct eg_consumer *c)
{
	return &c->depth.messages;
}

const uint64_t *
eg_consumer_given_back(const struct eg_consumer *c)
{
	return &c->given_back;
}
