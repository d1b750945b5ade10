/* SPDX-License-Identifier: MIT */
/* Queues, exchanges and bindings. */
#include "amqp/topology.h"

#include "amqp/connection.h"

bool
eg_topology_has_queue(struct eg_connection *l, uint16_t channel, const char *queue)
{
	amqp_channel_close_ok_t ok = { 0 };
	bool there;

	amqp_channel_open(l->conn, channel);
	if (amqp_get_rpc_reply(l->conn).reply_type != AMQP_RESPONSE_NORMAL)
		return false;
	amqp_queue_declare(l->conn, channel, amqp_cstring_bytes(queue), 1, 1, 0, 0,
	    amqp_empty_table);
	there = amqp_get_rpc_reply(l->conn).reply_type == AMQP_RESPONSE_NORMAL;
	/* If the queue does not exist, the server has closed the channel and waits for our
	 * close-ok. */
	if (there)
		amqp_channel_close(l->conn, channel, AMQP_REPLY_SUCCESS);
	else
		amqp_send_method(l->conn, channel, AMQP_CHANNEL_CLOSE_OK_METHOD, &ok);
	return there;
}

int
eg_topology_apply(struct eg_connection *l, const char *queue, const struct eg_binding *bindings, size_t n,
    char text[256], struct eg_error *e)
{
	amqp_bytes_t name = amqp_cstring_bytes(queue);

	if (n > 0 && !eg_topology_has_queue(l, EG_CHANNEL + 1, queue)) {
		amqp_queue_declare(l->conn, EG_CHANNEL, name, 0, 1, 0, 0, amqp_empty_table);
		if (eg_connection_check(l, amqp_get_rpc_reply(l->conn), text, e) != 0)
			return -1;
	}
	for (size_t i = 0; i < n; i++) {
		amqp_queue_bind(l->conn, EG_CHANNEL, name, amqp_cstring_bytes(bindings[i].exchange),
		    amqp_cstring_bytes(bindings[i].pattern), amqp_empty_table);
		if (eg_connection_check(l, amqp_get_rpc_reply(l->conn), text, e) != 0)
			return -1;
	}
	return 0;
}

int
eg_topology_target(struct eg_connection *l, const char *exchange, const char *queue, bool create,
    char text[256], struct eg_error *e)
{
	if (*exchange != '\0')
		amqp_exchange_declare(l->conn, EG_CHANNEL, amqp_cstring_bytes(exchange),
		    amqp_cstring_bytes("direct"), 1, 0, 0, 0, amqp_empty_table);
	else if (queue != NULL)
		amqp_queue_declare(l->conn, EG_CHANNEL, amqp_cstring_bytes(queue), !create, 1, 0, 0,
		    amqp_empty_table);
	else
		return 0;
	return eg_connection_check(l, amqp_get_rpc_reply(l->conn), text, e);
}
