/* SPDX-License-Identifier: MIT */
/* Which queues exist. */
#include <stdio.h>
#include <string.h>

#include "amqp/connection.h"
#include "amqp/split_names.h"
#include "amqp/topology.h"

/* Whether the server said that the queue does not exist. It says 404 too when the queue's node is
 * down. */
static bool
says_absent(amqp_rpc_reply_t reply)
{
	const amqp_channel_close_t *m = reply.reply.decoded;
	char text[256];

	if (reply.reply_type != AMQP_RESPONSE_SERVER_EXCEPTION ||
	    reply.reply.id != AMQP_CHANNEL_CLOSE_METHOD || m->reply_code != AMQP_NOT_FOUND)
		return false;
	snprintf(text, sizeof(text), "%.*s", (int)m->reply_text.len, (const char *)m->reply_text.bytes);
	return strstr(text, " is down") == NULL && strstr(text, "inaccessible") == NULL;
}

int
eg_topology_look(struct eg_connection *l, uint16_t channel, const char *queue,
    struct eg_topology_queue *found)
{
	amqp_channel_close_ok_t ok = { 0 };
	const amqp_queue_declare_ok_t *m;
	amqp_rpc_reply_t reply;
	int there;

	amqp_channel_open(l->conn, channel);
	if (amqp_get_rpc_reply(l->conn).reply_type != AMQP_RESPONSE_NORMAL)
		return -1;
	m = amqp_queue_declare(l->conn, channel, amqp_cstring_bytes(queue), 1, 1, 0, 0,
	    amqp_empty_table);
	reply = amqp_get_rpc_reply(l->conn);
	if (reply.reply_type == AMQP_RESPONSE_NORMAL && m != NULL) {
		if (found != NULL)
			*found = (struct eg_topology_queue){ m->message_count, m->consumer_count };
		amqp_channel_close(l->conn, channel, AMQP_REPLY_SUCCESS);
		return 1;
	}
	there = says_absent(reply) ? 0 : -1;
	/* If the queue does not exist, the server has closed the channel and waits for our
	 * close-ok. */
	amqp_send_method(l->conn, channel, AMQP_CHANNEL_CLOSE_OK_METHOD, &ok);
	return there;
}

int
eg_topology_changing(struct eg_connection *l, const char *exchange)
{
	char gate[EG_SPLIT_NAME_SIZE];

	eg_split_gate(exchange, gate);
	return eg_topology_look(l, EG_CHANNEL + 1, gate, NULL);
}

int
eg_topology_count(struct eg_connection *l, const char *exchange, bool stream, uint32_t *n)
{
	char queue[EG_SPLIT_NAME_SIZE];
	int there = 1;

	for (*n = 0; *n < EG_PARTITIONS_MAX; (*n)++) {
		eg_split_queue(exchange, stream, *n + 1, queue);
		there = eg_topology_look(l, EG_CHANNEL + 1, queue, NULL);
		if (there != 1)
			break;
	}
	return there < 0 ? -1 : 0;
}
