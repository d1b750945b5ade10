/* SPDX-License-Identifier: MIT */
/* What a consumer sends to the broker on its channel. */
#include <stdio.h>

#include "amqp/consumer_parts.h"
#include "base/clock.h"

uint64_t
eg_consumer_left(const struct eg_consumer *c)
{
	uint64_t taken = c->acked + c->tags.last - c->tags.acked;

	if (c->cfg.limit == 0)
		return UINT64_MAX;
	return taken < c->cfg.limit ? c->cfg.limit - taken : 0;
}

/* A prefetch of 0 would mean no limit. */
uint16_t
eg_consumer_prefetch(const struct eg_consumer *c)
{
	uint64_t n = eg_consumer_left(c);

	if (n > c->room.prefetch)
		n = c->room.prefetch;
	return n > 0 ? (uint16_t)n : 1;
}

/* If a tag is used twice on a channel, quorum queues fail with
 * INTERNAL_ERROR (RabbitMQ 3.10). */
void
eg_consumer_new_tag(struct eg_consumer *c, char tag[EG_TAG])
{
	snprintf(tag, 24, "eg%u", c->tags_used++);
}

void
eg_consumer_send_cancel(struct eg_consumer *c, const char *tag)
{
	amqp_basic_cancel_t m = { amqp_cstring_bytes(tag), 1 };

	(void)amqp_send_method(c->connection.conn, EG_CHANNEL, AMQP_BASIC_CANCEL_METHOD, &m);
}

void
eg_consumer_refuse(struct eg_consumer *c, struct eg_delivery *d)
{
	if (!c->cfg.stream)
		amqp_basic_nack(c->connection.conn, EG_CHANNEL, d->tag, 0, 1);
	eg_delivery_free(d);
}

void
eg_consumer_send_subscription(struct eg_consumer *c, const char *tag, uint16_t prefetch,
    amqp_table_t arguments, bool nowait)
{
	amqp_basic_qos_t qos = { .prefetch_count = prefetch };
	amqp_basic_consume_t begin = { .queue = amqp_cstring_bytes(c->cfg.queue),
		.consumer_tag = amqp_cstring_bytes(tag), .nowait = nowait, .arguments = arguments };

	(void)amqp_send_method(c->connection.conn, EG_CHANNEL, AMQP_BASIC_QOS_METHOD, &qos);
	(void)amqp_send_method(c->connection.conn, EG_CHANNEL, AMQP_BASIC_CONSUME_METHOD, &begin);
}

void
eg_consumer_subscribe(struct eg_consumer *c)
{
	amqp_table_entry_t row;
	amqp_table_t arguments = amqp_empty_table;

	if (c->cfg.stream) {
		eg_stream_begin(&c->stream, c->tags.at, &row);
		arguments = (amqp_table_t){ 1, &row };
	}
	c->subscribing = eg_mono_ms();
	c->widening = (struct eg_widening){
		.state = c->cfg.stream ? EG_WIDENING_OFF : EG_WIDENING_NONE,
		.counted_since = c->subscribing,
	};
	c->n_tags = 1;
	eg_consumer_new_tag(c, c->tag[0]);
	eg_consumer_send_subscription(c, c->tag[0], eg_consumer_prefetch(c), arguments, false);
}

/* Asks for the number of messages with a passive declare. basic.get would ignore the prefetch,
 * and it fails on a queue with a single active consumer. */
void
eg_consumer_count(struct eg_consumer *c)
{
	amqp_queue_declare_t m = { .queue = amqp_cstring_bytes(c->cfg.queue), .passive = 1 };

	if (c->connection.conn == NULL || c->counting)
		return;
	c->counting = amqp_send_method(c->connection.conn, EG_CHANNEL, AMQP_QUEUE_DECLARE_METHOD,
	    &m) == AMQP_STATUS_OK;
}
