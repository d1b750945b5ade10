/* SPDX-License-Identifier: MIT */
/* Queues, exchanges and bindings. */
#include "amqp/topology.h"

#include "amqp/connection.h"

bool
eg_topology_has_queue(struct eg_connection *l, uint16_t channel, const char *queue)
{
	return eg_topology_look(l, channel, queue, NULL) == 1;
}

int
eg_topology_apply(struct eg_connection *l, const char *queue, const struct eg_binding *bindings,
    size_t n, char text[256], struct eg_error *e)
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
