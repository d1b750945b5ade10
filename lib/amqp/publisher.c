/* SPDX-License-Identifier: MIT */
/* Publishes to RabbitMQ with confirms. After a loss, unconfirmed messages are published again,
 * in order. */
#include "amqp/publisher.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "amqp/publisher_parts.h"
#include "amqp/topology.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/redact.h"

enum {
	/* Limit of bytes to publish for one POLLOUT, with the kernel's overhead for each
	 * message. So the socket buffer has room, and a send does not block. */
	BUDGET = 128 * 1024,
	OVERHEAD = 4096,
	SMALL = 4096,     /* size in bytes of messages that share segments; others gain nothing */
	POOL_PAGE = 4096, /* size in bytes of a memory page for properties */
	RETURNS_MAX = 3,
	/* pauses between attempts while the queue is full */
	FULL_BASE_MS = 200,
	FULL_MAX_MS = 1000,
	/* duration of refusals without a confirm, see leave_refusing */
	REFUSING_MS = 5000,
};

struct eg_publisher *
eg_publisher_new(const struct eg_publisher_config *config, struct eg_error *e)
{
	struct eg_publisher *p = calloc(1, sizeof(*p));

	if (p != NULL) {
		p->cfg = *config;
		p->size = config->window;
		p->slot = calloc(p->size, sizeof(*p->slot));
	}
	if (p == NULL || p->slot == NULL) {
		free(p);
		eg_fail(e, EG_BUG, "out of memory");
		return NULL;
	}
	eg_connection_init(&p->connection, config->broker);
	p->counts.reconnects = &p->connection.reconnects;
	p->full.base_ms = FULL_BASE_MS;
	p->full.max_ms = FULL_MAX_MS;
	return p;
}

void
eg_publisher_free(struct eg_publisher *p)
{
	if (p == NULL)
		return;
	eg_connection_close(&p->connection);
	for (; p->cfg.forgotten != NULL && p->head < p->end; p->head++)
		p->cfg.forgotten(p->cfg.ctx, p->slot[p->head % p->size].item);
	free(p->slot);
	free(p);
}

/* Whether a message may be published now. */
static bool
open_for_more(const struct eg_publisher *p)
{
	if (p->connection.conn == NULL || p->connection.blocked || p->budget <= 0 ||
	    p->hold.since != 0)
		return false;
	if (p->base + p->tags != p->sent && p->sent > p->head)
		return false;
	if (p->full.failures == 0)
		return true;
	return p->sent - p->head < p->room && eg_mono_ms() >= p->full.due;
}

bool
eg_publisher_ready(const struct eg_publisher *p)
{
	return p->sent == p->end && p->end - p->head < p->cfg.window && open_for_more(p);
}

static amqp_bytes_t
amqp_bytes(const void *data, size_t len)
{
	return (amqp_bytes_t){ len, (void *)(uintptr_t)data };
}

/* Publishes number p->sent. If that fails, it is published again later. */
static void
publish_message(struct eg_publisher *p)
{
	amqp_basic_properties_t props;
	struct eg_message_out letter = { 0 };
	amqp_pool_t pool;
	char id[EG_MESSAGE_ID_SIZE];
	int rc = AMQP_STATUS_NO_MEMORY;

	if (p->sent == p->head)
		p->base = p->head - p->tags;
	p->cfg.render(p->cfg.ctx, p->slot[p->sent % p->size].item, &letter);
	init_amqp_pool(&pool, POOL_PAGE);
	if (eg_properties_make(&props, &letter.kept, letter.type, letter.headers, &pool) == 0) {
		if (p->cfg.again != NULL) {
			eg_publisher_id(p->sent, id);
			props._flags |= AMQP_BASIC_MESSAGE_ID_FLAG;
			props.message_id = amqp_cstring_bytes(id);
		}
		if (letter.len < SMALL)
			eg_connection_cork(&p->connection, true);
		rc = amqp_basic_publish(p->connection.conn, EG_CHANNEL,
		    amqp_cstring_bytes(p->cfg.exchange), amqp_bytes(letter.key, letter.key_len), 1, 0,
		    &props, amqp_bytes(letter.body, letter.len));
	}
	empty_amqp_pool(&pool);
	if (rc != AMQP_STATUS_OK) {
		eg_connection_lost(&p->connection, "cannot publish: %s", amqp_error_string2(rc));
		return;
	}
	p->budget -= (long)letter.len + OVERHEAD;
	p->tags++;
	p->sent++;
	p->counts.messages++;
	eg_connection_expect(&p->connection, true);
}

void
eg_publisher_send(struct eg_publisher *p, void *item)
{
	p->slot[p->end % p->size] = (struct eg_slot){ .item = item };
	p->end++;
	publish_message(p);
}

void
eg_publisher_flush(struct eg_publisher *p)
{
	eg_connection_cork(&p->connection, false);
}

size_t
eg_publisher_pending(const struct eg_publisher *p)
{
	return (size_t)(p->end - p->head);
}

int64_t
eg_publisher_away(const struct eg_publisher *p)
{
	int64_t since[] = { eg_connection_away(&p->connection), p->full.since, p->blocked_since,
		p->hold.seen ? p->hold.since : 0 };
	int64_t first = 0;

	for (size_t i = 0; i < sizeof(since) / sizeof(since[0]); i++)
		if (since[i] != 0 && (first == 0 || since[i] < first))
			first = since[i];
	return first;
}

const struct eg_publisher_counts *
eg_publisher_counts(const struct eg_publisher *p)
{
	return &p->counts;
}

/* Checks that the target queue or exchange exists. This is cheaper than a thousand messages that
 * are returned. */
static int
look_for_target(struct eg_publisher *p, struct eg_error *e)
{
	struct eg_error found = { 0 };
	char text[256];

	if (eg_topology_target(&p->connection, p->cfg.exchange, p->cfg.queue, p->missing, text,
	        &found) == 0)
		return 0;
	if (found.status == EG_OK) {
		eg_connection_lost(&p->connection, "%s", text);
		return -1;
	}
	if (!p->cfg.create || p->missing)
		return eg_fail(e, found.status, "%s", found.text);
	p->missing = true;
	eg_connection_close(&p->connection);
	return -1;
}

static int
set_up_channel(void *ctx, struct eg_error *e)
{
	struct eg_publisher *p = ctx;
	char text[256];

	if (look_for_target(p, e) != 0)
		return -1;
	amqp_confirm_select(p->connection.conn, EG_CHANNEL);
	if (eg_connection_check(&p->connection, amqp_get_rpc_reply(p->connection.conn), text, e) != 0) {
		if (e->status == EG_OK)
			eg_connection_lost(&p->connection, "%s", text);
		return -1;
	}
	return 0;
}

/* Publishes again all numbers from k on, also those confirmed after k: a later record with the
 * same key must be the last one. */
static void
start_over(struct eg_publisher *p, uint64_t k)
{
	p->counts.repeats += p->sent - k;
	while (p->sent > k) {
		struct eg_slot *s = &p->slot[--p->sent % p->size];

		s->confirmed = s->returned = false;
	}
}

static void
take_ack(struct eg_publisher *p, uint64_t tag, bool multiple)
{
	int64_t k = (int64_t)(p->base + tag - 1), head = (int64_t)p->head, sent = (int64_t)p->sent;

	if (k < head || (k >= sent && !multiple))
		return;
	for (int64_t i = multiple ? head : k; i <= k && i < sent; i++)
		p->slot[(uint64_t)i % p->size].confirmed = !p->slot[(uint64_t)i % p->size].returned;
	p->returns = 0;
	while (p->head < p->sent && p->slot[p->head % p->size].confirmed) {
		void *item = p->slot[p->head % p->size].item;

		p->head++;
		p->room++;
		p->cfg.confirmed(p->cfg.ctx, item);
	}
	if (p->full.failures == 0)
		return;
	/* The queue has room again, so the next message need not wait. */
	p->moved = eg_mono_ms();
	p->full.failures = 1;
	p->full.due = 0;
	if (p->head >= p->full_until)
		eg_warn("the broker accepts messages again after %.1f s",
		    (double)eg_backoff_ok(&p->full, eg_mono_ms()) / 1000);
}

/* Handles a refusal: the queue is full (x-overflow reject-publish) or unavailable. Later
 * messages may have been accepted; they are published again after this one. */
static void
take_nack(struct eg_publisher *p, uint64_t tag, bool multiple)
{
	int64_t k = (int64_t)(p->base + tag - 1);

	if (k < (int64_t)p->head || (k >= (int64_t)p->sent && !multiple))
		return;
	if (eg_backoff_failed(&p->full, eg_mono_ms(), 0)) {
		eg_warn("the broker refuses messages (is the queue full?); waiting");
		p->moved = eg_mono_ms();
	}
	p->full_until = p->end;
	p->room = 1;
	start_over(p, multiple ? p->head : (uint64_t)k);
}

/* Handles a returned message: no queue takes it. The broker returns it first, and then confirms
 * it all the same. */
static int
take_return(struct eg_publisher *p, const amqp_basic_return_t *m, struct eg_error *e)
{
	int len = (int)eg_redact(m->reply_text.bytes, m->reply_text.len);
	char why[320];

	if (p->cfg.again != NULL) {
		snprintf(why, sizeof(why), "no queue takes messages for '%.*s' of exchange '%s': %.*s",
		    (int)m->routing_key.len, (const char *)m->routing_key.bytes, p->cfg.exchange,
		    len, (const char *)m->reply_text.bytes);
		eg_publisher_take_return(p, why);
		return 0;
	}
	if (*p->cfg.exchange != '\0' || ++p->returns > RETURNS_MAX)
		return eg_fail(e, EG_CONFIG, "no queue takes messages for '%.*s' of exchange '%s': %.*s",
		    (int)m->routing_key.len, (const char *)m->routing_key.bytes, p->cfg.exchange,
		    len, (const char *)m->reply_text.bytes);
	/* The queue existed when we connected, so its node may be down: connect again. */
	eg_connection_lost(&p->connection, "a message for queue '%.*s' came back: %.*s",
	    (int)m->routing_key.len, (const char *)m->routing_key.bytes, len,
	    (const char *)m->reply_text.bytes);
	return 0;
}

static int
take_publisher_frame(struct eg_publisher *p, const amqp_frame_t *f, struct eg_error *e)
{
	const amqp_basic_ack_t *ack;
	const amqp_basic_nack_t *nack;

	if (f->frame_type != AMQP_FRAME_METHOD)
		return eg_publisher_take_header(p, f, e);
	switch (f->payload.method.id) {
	case AMQP_BASIC_ACK_METHOD:
		ack = f->payload.method.decoded;
		take_ack(p, ack->delivery_tag, ack->multiple != 0);
		return 0;
	case AMQP_BASIC_NACK_METHOD:
		nack = f->payload.method.decoded;
		take_nack(p, nack->delivery_tag, nack->multiple != 0);
		return 0;
	case AMQP_BASIC_RETURN_METHOD:
		return take_return(p, f->payload.method.decoded, e);
	default:
		return 0;
	}
}

/* Handles all frames that have arrived. This also sends heartbeats, and must precede each
 * publish (see limit_sends in connection.c). */
static int
drain(struct eg_publisher *p, struct eg_error *e)
{
	amqp_frame_t f;

	while (p->connection.conn != NULL && eg_connection_next(&p->connection, &f, e) == 1) {
		if (take_publisher_frame(p, &f, e) != 0)
			return -1;
		eg_connection_release(&p->connection);
	}
	return e->status == EG_OK ? 0 : -1;
}

/* Changes the connection when a broker refuses everything for a while. A node that is cut off
 * from its cluster may do so. RabbitMQ 3.10 does so for a quorum queue without a leader, and
 * continues on the same channel after a leader is elected. For a full queue, a new connection
 * changes nothing. */
static void
leave_refusing(struct eg_publisher *p)
{
	if (p->connection.conn == NULL || p->full.failures == 0 ||
	    eg_mono_ms() - p->moved < REFUSING_MS)
		return;
	eg_info("nothing but refusals: connecting anew");
	p->moved = eg_mono_ms();
	eg_connection_leave(&p->connection);
}

int
eg_publisher_work(struct eg_publisher *p, const struct pollfd *fd, struct eg_error *e)
{
	if (fd != NULL && fd->fd >= 0) {
		eg_connection_polled(&p->connection, fd);
		if ((fd->revents & POLLOUT) != 0)
			p->budget = BUDGET;
	}
	if (p->connection.conn == NULL) {
		int rc = eg_connection_open(&p->connection, set_up_channel, p, e);

		if (rc <= 0)
			return rc;
		start_over(p, p->head);
		p->tags = 0;
		p->budget = BUDGET;
		p->hold.came = false;
		if (p->cfg.partitions != NULL)
			eg_publisher_hold(p);
	}
	if (drain(p, e) != 0 || eg_publisher_hold_work(p, e) != 0)
		return -1;
	if (!p->connection.blocked)
		p->blocked_since = 0;
	else if (p->blocked_since == 0)
		p->blocked_since = eg_mono_ms();
	while (p->sent < p->end && open_for_more(p))
		publish_message(p);
	eg_publisher_flush(p);
	leave_refusing(p);
	eg_connection_expect(&p->connection, p->sent > p->head);
	return 0;
}

void
eg_publisher_poll(struct eg_publisher *p, bool wish, struct pollfd *fd, int64_t *due)
{
	bool out = !p->connection.blocked && p->budget <= 0 && (wish || p->sent < p->end);

	eg_connection_poll(&p->connection, fd, out ? POLLOUT : 0, due);
	if (p->hold.since != 0 && p->connection.conn != NULL && p->hold.due > 0 && p->hold.due < *due)
		*due = p->hold.due;
	if (p->full.due > 0 && p->sent == p->head && !p->connection.blocked &&
	    p->connection.conn != NULL && p->budget > 0 && p->full.due < *due)
		*due = p->full.due;
}
