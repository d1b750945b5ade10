/* SPDX-License-Identifier: MIT */
/* The queue NAME.change: it holds publishers back, and its messages say how far a change is:
 *   change BEFORE AFTER    numbers of queues; written before the new queues are declared
 *   pause MS               wall clock; written before the first binding is removed
 *   switch                 the old queues are drained
 * It exists from before the first of them until the change is over. */
#include <stdio.h>
#include <sys/time.h>

#include "amqp/split_parts.h"
#include "amqp/split_text.h"
#include "amqp/topology.h"
#include "base/clock.h"
#include "base/diag.h"

enum { STATE_CHANNEL = EG_CHANNEL + 2, WAIT_MS = 10 * 1000 };

/* Takes the messages into *s, and returns them to the queue. If one is no line of the state, the
 * queue may be another's, or the state of a later version: it must stay. */
static int
take_lines(struct eg_split_change *c, struct eg_split_state *s, char text[256], struct eg_error *e)
{
	amqp_connection_state_t conn = c->connection.conn;
	amqp_rpc_reply_t reply;
	amqp_message_t m;
	bool known;

	for (;;) {
		reply = amqp_basic_get(conn, EG_CHANNEL, amqp_cstring_bytes(c->gate), 0);
		if (eg_connection_check(&c->connection, reply, text, e) != 0)
			return -1;
		if (reply.reply.id != AMQP_BASIC_GET_OK_METHOD)
			break;
		reply = amqp_read_message(conn, EG_CHANNEL, &m, 0);
		if (eg_connection_check(&c->connection, reply, text, e) != 0)
			return -1;
		known = eg_split_state_parse(m.body.bytes, m.body.len, s);
		amqp_destroy_message(&m);
		if (!known)
			return eg_fail(e, EG_CONFIG, "queue '%s' holds a message that is not of this "
			    "eg-split", c->gate);
	}
	(void)amqp_basic_nack(conn, EG_CHANNEL, 0, 1, 1);
	return 1;
}

int
eg_split_state_read(struct eg_split_change *c, char text[256], struct eg_error *e)
{
	int there = eg_topology_look(&c->connection, EG_CHANNEL + 1, c->gate, NULL);
	struct eg_split_state s = { .before = 0 };

	snprintf(text, 256, "'%.200s' is not available", c->gate);
	if (there == 1)
		there = take_lines(c, &s, text, e);
	c->before = s.before;
	c->after = s.after;
	c->paused = s.paused;
	c->switching = s.switching;
	return there;
}

static int
wait_confirm(struct eg_split_change *c, char text[256])
{
	amqp_connection_state_t conn = c->connection.conn;
	int64_t end = eg_mono_ms() + WAIT_MS, left;
	amqp_frame_t f;

	while ((left = end - eg_mono_ms()) > 0) {
		struct timeval limit = { .tv_sec = (time_t)(left / 1000),
			.tv_usec = (int)(left % 1000 * 1000) };

		if (amqp_simple_wait_frame_noblock(conn, &f, &limit) != AMQP_STATUS_OK)
			break;
		if (f.channel != STATE_CHANNEL || f.frame_type != AMQP_FRAME_METHOD)
			continue;
		if (f.payload.method.id == AMQP_BASIC_ACK_METHOD)
			return 0;
		break;
	}
	snprintf(text, 256, "'%.200s' does not take a message", c->gate);
	return -1;
}

int
eg_split_state_write(struct eg_split_change *c, const char *line, char text[256],
    struct eg_error *e)
{
	amqp_basic_properties_t props = { ._flags = AMQP_BASIC_CONTENT_TYPE_FLAG |
		AMQP_BASIC_DELIVERY_MODE_FLAG, .content_type = amqp_cstring_bytes("text/plain"),
		.delivery_mode = AMQP_DELIVERY_PERSISTENT };
	amqp_connection_state_t conn = c->connection.conn;
	int rc;

	amqp_channel_open(conn, STATE_CHANNEL);
	if (eg_connection_check(&c->connection, amqp_get_rpc_reply(conn), text, e) != 0)
		return -1;
	amqp_confirm_select(conn, STATE_CHANNEL);
	if (eg_connection_check(&c->connection, amqp_get_rpc_reply(conn), text, e) != 0)
		return -1;
	rc = amqp_basic_publish(conn, STATE_CHANNEL, amqp_empty_bytes, amqp_cstring_bytes(c->gate), 1,
	    0, &props, amqp_cstring_bytes(line));
	if (rc != AMQP_STATUS_OK) {
		snprintf(text, 256, "%s", amqp_error_string2(rc));
		return -1;
	}
	if (wait_confirm(c, text) != 0)
		return -1;
	return eg_connection_check(&c->connection,
	    amqp_channel_close(conn, STATE_CHANNEL, AMQP_REPLY_SUCCESS), text, e);
}
