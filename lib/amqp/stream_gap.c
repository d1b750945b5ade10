/* SPDX-License-Identifier: MIT */
/* Gaps in the offsets that a subscription to a stream delivers. */
#include "amqp/stream_gap.h"

#include "amqp/connection.h"
#include "amqp/delivery.h"
#include "base/clock.h"
#include "base/diag.h"

enum {
	GAPS = 1001, /* number of the channel */
	ANSWER_MS = 5000,
};

static void
request_first(struct eg_stream_gap *g, amqp_connection_state_t conn)
{
	amqp_channel_open_t open = { amqp_empty_bytes };

	/* Opens the channel. The next read notices if the connection is lost. */
	(void)amqp_send_method(conn, GAPS, AMQP_CHANNEL_OPEN_METHOD, &open);
	g->requesting = true;
	g->requested = eg_mono_ms();
}

void
eg_stream_gap_lost(struct eg_stream_gap *g)
{
	g->next = -1;
	g->requesting = g->closing = false;
}

void
eg_stream_gap_begun(struct eg_stream_gap *g, amqp_connection_state_t conn)
{
	if (g->missing > 0 && !g->requesting)
		request_first(g, conn);
}

bool
eg_stream_gap_waits(const struct eg_stream_gap *g)
{
	return g->missing > 0 && g->requesting && eg_mono_ms() - g->requested < ANSWER_MS;
}

void
eg_stream_gap_follow(struct eg_stream_gap *g, amqp_connection_state_t conn, int64_t offset)
{
	if (g->next >= 0 && offset > g->next) {
		if (g->missing == 0)
			g->from = g->next;
		g->missing += (uint64_t)(offset - g->next);
		if (!g->requesting)
			request_first(g, conn);
	}
	g->next = offset + 1;
}

static void
subscribe(amqp_connection_state_t conn, const char *queue)
{
	amqp_basic_qos_t qos = { .prefetch_count = 1 };
	amqp_table_entry_t row = { .key = amqp_cstring_bytes("x-stream-offset"),
		.value = { .kind = AMQP_FIELD_KIND_UTF8 } };
	amqp_basic_consume_t consume = { .queue = amqp_cstring_bytes(queue),
		.nowait = 1, .arguments = { 1, &row } };

	row.value.value.bytes = amqp_cstring_bytes("first");
	(void)amqp_send_method(conn, GAPS, AMQP_BASIC_QOS_METHOD, &qos);
	(void)amqp_send_method(conn, GAPS, AMQP_BASIC_CONSUME_METHOD, &consume);
}

/* The offset of the message whose header is f; -1: it has none. */
static int64_t
offset_of(const amqp_frame_t *f, struct eg_error *e)
{
	struct eg_delivery *d = eg_delivery_new(1, false);
	int64_t offset = -1;

	if (d == NULL)
		eg_fail(e, EG_BUG, "out of memory");
	else if (eg_delivery_take(d, f, e) == 0)
		offset = d->offset;
	eg_delivery_free(d);
	return offset;
}

/* Marks all gaps so far as explained. */
static uint64_t
removed(struct eg_stream_gap *g, int64_t first)
{
	uint64_t n = first > g->from ? g->missing : 0;

	g->missing = 0;
	return n;
}

static void
take_method(struct eg_stream_gap *g, amqp_connection_state_t conn, const char *queue,
    amqp_method_number_t id, uint64_t *gone)
{
	amqp_channel_close_ok_t ok = { 0 };

	switch (id) {
	case AMQP_CHANNEL_OPEN_OK_METHOD:
		subscribe(conn, queue);
		break;
	case AMQP_CHANNEL_CLOSE_METHOD: /* No answer is possible, so the messages may have been
					 * removed. */
		(void)amqp_send_method(conn, GAPS, AMQP_CHANNEL_CLOSE_OK_METHOD, &ok);
		*gone = removed(g, INT64_MAX);
		g->requesting = g->closing = false;
		break;
	case AMQP_CHANNEL_CLOSE_OK_METHOD:
		g->requesting = g->closing = false;
		if (g->missing > 0)
			request_first(g, conn);
		break;
	default:
		break;
	}
}

bool
eg_stream_gap_take(struct eg_stream_gap *g, amqp_connection_state_t conn, const char *queue,
    const amqp_frame_t *f, uint64_t *gone, struct eg_error *e)
{
	amqp_channel_close_t end = { .reply_code = AMQP_REPLY_SUCCESS };

	*gone = 0;
	if (f->channel != GAPS)
		return false;
	if (f->frame_type == AMQP_FRAME_METHOD) {
		take_method(g, conn, queue, f->payload.method.id, gone);
	} else if (f->frame_type == AMQP_FRAME_HEADER && !g->closing) {
		g->closing = true;
		*gone = removed(g, offset_of(f, e));
		(void)amqp_send_method(conn, GAPS, AMQP_CHANNEL_CLOSE_METHOD, &end);
	}
	return true;
}
