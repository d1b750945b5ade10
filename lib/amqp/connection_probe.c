/* SPDX-License-Identifier: MIT */
/* Probes: test requests to the broker while nothing is delivered. Either the queue is empty, or
 * the node is cut off from the majority of its cluster. A passive declare cannot tell these apart,
 * since a node that is cut off answers it from its own state. Two requests need the majority and
 * change nothing:
 *   - Remove a binding that does not exist. The user needs permission to write to the queue.
 *   - Subscribe to the queue a second time and cancel at once; every consumer may do this.
 *     Brokers prefer consumers of higher priority, so this one gets no messages.
 * They use a channel of their own, since the server closes a channel when it refuses a request. */
#include "amqp/connection.h"

enum {
	PROBE_CHANNEL = 1000, /* number of their channel */
	/* Send a test request when no frame has arrived for this long. */
	QUIET_MS = 4000,
	PRIORITY = -1000,
};

static void
open_channel(struct eg_connection *l)
{
	amqp_channel_open_t open = { amqp_empty_bytes };

	amqp_send_method(l->conn, PROBE_CHANNEL, AMQP_CHANNEL_OPEN_METHOD, &open);
}

static void
close_channel(struct eg_connection *l)
{
	amqp_channel_close_t end = { .reply_code = AMQP_REPLY_SUCCESS };

	amqp_send_method(l->conn, PROBE_CHANNEL, AMQP_CHANNEL_CLOSE_METHOD, &end);
	l->probe_channel = EG_CHANNEL_CLOSING;
}

static void
probe_unbind(struct eg_connection *l)
{
	amqp_queue_unbind_t unbind = {
		.queue = amqp_cstring_bytes(l->probe_queue),
		.exchange = amqp_cstring_bytes("amq.direct"),
		.routing_key = amqp_cstring_bytes("energyguard: is there an answer?"),
	};

	amqp_send_method(l->conn, PROBE_CHANNEL, AMQP_QUEUE_UNBIND_METHOD, &unbind);
}

/* Subscribes at low priority. A stream is read from its end, and it requires a prefetch. */
static void
probe_subscribe(struct eg_connection *l)
{
	amqp_basic_qos_t qos = { .prefetch_count = 1 };
	amqp_table_entry_t row = { .key = amqp_cstring_bytes("x-priority"),
		.value = { .kind = AMQP_FIELD_KIND_I32, .value.i32 = PRIORITY } };
	amqp_basic_consume_t consume = { .queue = amqp_cstring_bytes(l->probe_queue),
		.arguments = { 1, &row } };

	amqp_send_method(l->conn, PROBE_CHANNEL, AMQP_BASIC_QOS_METHOD, &qos);
	amqp_send_method(l->conn, PROBE_CHANNEL, AMQP_BASIC_CONSUME_METHOD, &consume);
}

static void
send_probe(struct eg_connection *l)
{
	if (l->probe_channel == EG_CHANNEL_CLOSED)
		open_channel(l);
	else if (l->probe_channel == EG_CHANNEL_OPEN && l->probe == EG_PROBE_UNBIND)
		probe_unbind(l);
	else if (l->probe_channel == EG_CHANNEL_OPEN)
		probe_subscribe(l);
}

static bool
probes(const struct eg_connection *l)
{
	return l->probe_queue != NULL && l->broker->urls > 1 && !l->blocked &&
	    l->probe != EG_PROBE_NONE;
}

void
eg_connection_probe(struct eg_connection *l, int64_t now)
{
	if (!probes(l) || l->pending_since != 0 || now - l->answered < QUIET_MS)
		return;
	l->pending_since = now;
	send_probe(l);
}

int64_t
eg_connection_probe_due(const struct eg_connection *l)
{
	return probes(l) && l->pending_since == 0 ? l->answered + QUIET_MS : INT64_MAX;
}

static void
answered(struct eg_connection *l)
{
	eg_connection_progress(l);
	l->pending_since = 0;
}

/* This user has no permission for it: try the other request, or give up. */
static void
refused(struct eg_connection *l)
{
	amqp_channel_close_ok_t ok = { 0 };

	amqp_send_method(l->conn, PROBE_CHANNEL, AMQP_CHANNEL_CLOSE_OK_METHOD, &ok);
	l->probe_channel = EG_CHANNEL_CLOSED;
	l->probe++;
	if (l->probe != EG_PROBE_NONE)
		send_probe(l);
	else
		answered(l);
}

bool
eg_connection_take_answer(struct eg_connection *l, const amqp_frame_t *f)
{
	if (f->channel != PROBE_CHANNEL)
		return false;
	switch (f->frame_type == AMQP_FRAME_METHOD ? f->payload.method.id : 0) {
	case AMQP_CHANNEL_OPEN_OK_METHOD:
		l->probe_channel = EG_CHANNEL_OPEN;
		send_probe(l);
		break;
	case AMQP_CHANNEL_CLOSE_METHOD:
		refused(l);
		break;
	case AMQP_CHANNEL_CLOSE_OK_METHOD:
		l->probe_channel = EG_CHANNEL_CLOSED;
		if (l->pending_since != 0)
			send_probe(l);
		break;
	case AMQP_BASIC_CONSUME_OK_METHOD:
		close_channel(l);
		/* fall through */
	case AMQP_QUEUE_UNBIND_OK_METHOD:
		eg_connection_proved(l);
		answered(l);
		break;
	default: /* part of a message for the second subscription, which is requeued */
		break;
	}
	return true;
}
