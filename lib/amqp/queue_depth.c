/* SPDX-License-Identifier: MIT */
#include "amqp/queue_depth.h"

#include "base/metrics.h"

enum {
	EVERY_MS = 5 * 1000,
	/* The number is unknown if no answer has come for this long. */
	ANSWER_MS = 30 * 1000,
	/* The server has refused: the queue was deleted, or the permission taken away. */
	REFUSED_MS = 60 * 1000,
};

void
eg_queue_depth_init(struct eg_queue_depth *d, const char *queue)
{
	*d = (struct eg_queue_depth){ .queue = queue, .messages = EG_METRIC_UNKNOWN };
}

void
eg_queue_depth_lost(struct eg_queue_depth *d)
{
	d->state = EG_DEPTH_CLOSED;
	d->messages = EG_METRIC_UNKNOWN;
	d->due = 0;
}

/* A failed send shows at the next read. */
static void
ask(struct eg_queue_depth *d, amqp_connection_state_t conn)
{
	amqp_queue_declare_t m = { .queue = amqp_cstring_bytes(d->queue), .passive = 1 };

	(void)amqp_send_method(conn, EG_CHANNEL_DEPTH, AMQP_QUEUE_DECLARE_METHOD, &m);
	d->state = EG_DEPTH_ASKED;
}

void
eg_queue_depth_work(struct eg_queue_depth *d, amqp_connection_state_t conn, int64_t now)
{
	amqp_channel_open_t open = { amqp_empty_bytes };

	if (d->queue == NULL || now < d->due)
		return;
	d->due = now + ANSWER_MS;
	if (d->state == EG_DEPTH_OPEN) {
		ask(d, conn);
	} else if (d->state == EG_DEPTH_CLOSED) {
		(void)amqp_send_method(conn, EG_CHANNEL_DEPTH, AMQP_CHANNEL_OPEN_METHOD, &open);
		d->state = EG_DEPTH_OPENING;
	} else {
		d->messages = EG_METRIC_UNKNOWN;
	}
}

void
eg_queue_depth_take(struct eg_queue_depth *d, amqp_connection_state_t conn, const amqp_frame_t *f,
    int64_t now)
{
	amqp_channel_close_ok_t ok = { 0 };

	switch (f->frame_type == AMQP_FRAME_METHOD ? f->payload.method.id : 0) {
	case AMQP_CHANNEL_OPEN_OK_METHOD:
		ask(d, conn);
		break;
	case AMQP_QUEUE_DECLARE_OK_METHOD:
		d->messages = ((amqp_queue_declare_ok_t *)f->payload.method.decoded)->message_count;
		d->state = EG_DEPTH_OPEN;
		d->due = now + EVERY_MS;
		break;
	case AMQP_CHANNEL_CLOSE_METHOD:
		(void)amqp_send_method(conn, EG_CHANNEL_DEPTH, AMQP_CHANNEL_CLOSE_OK_METHOD, &ok);
		eg_queue_depth_lost(d);
		d->due = now + REFUSED_MS;
		break;
	default:
		break;
	}
}
