/* SPDX-License-Identifier: MIT */
/* Declares queues as a step of its own, before readings are published. */
#include <stdlib.h>
#include <string.h>

#include "amqp/connection.h"
#include "amqp/publisher.h"
#include "amqp/topology.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/wait.h"

/* RabbitMQ 3.10 can lose a queue declared less than 2 s before a crash, with messages that it
 * has confirmed. So wait that long. */
enum { SETTLE_MS = 2000, ROWS_MAX = 7, NO_LIMIT = 1000000000 };

struct job {
	struct eg_connection connection;
	const struct eg_queue *queues;
	size_t n;
	bool fresh; /* at least one of the queues is new */
};

static amqp_table_entry_t
text_row(const char *key, const char *value)
{
	amqp_table_entry_t t;

	t.key = amqp_cstring_bytes(key);
	t.value.kind = AMQP_FIELD_KIND_UTF8;
	t.value.value.bytes = amqp_cstring_bytes(value);
	return t;
}

static amqp_table_entry_t
flag_row(const char *key)
{
	amqp_table_entry_t t = { .key = amqp_cstring_bytes(key),
		.value = { .kind = AMQP_FIELD_KIND_BOOLEAN, .value.boolean = 1 } };

	return t;
}

/* The arguments of the queue. A classic queue has none, since existing producers and consumers
 * declare it so. A quorum queue moves messages at the delivery limit to the dead-letter queue,
 * at least once. */
static amqp_table_t
arguments(const struct eg_queue *q, amqp_table_entry_t rows[ROWS_MAX])
{
	int n = 0;

	if (strcmp(q->type, "classic") != 0)
		rows[n++] = text_row("x-queue-type", q->type);
	if (q->single_active)
		rows[n++] = flag_row("x-single-active-consumer");
	/* Without an argument, RabbitMQ 4 drops a message that was returned 20 times. And a quorum
	 * queue puts a requeued message at its end, after later messages; with a delivery limit,
	 * at its head (RabbitMQ 3.10 to 4). -1, no limit in RabbitMQ 4, is 0 before. */
	if ((q->single_active || q->unlimited) && strcmp(q->type, "quorum") == 0) {
		rows[n].key = amqp_cstring_bytes("x-delivery-limit");
		rows[n].value.kind = AMQP_FIELD_KIND_I32;
		rows[n++].value.value.i32 = NO_LIMIT;
	}
	if (strcmp(q->type, "quorum") == 0 && q->dead != NULL) {
		rows[n++] = text_row("x-dead-letter-exchange", "");
		rows[n++] = text_row("x-dead-letter-routing-key", q->dead);
		rows[n++] = text_row("x-dead-letter-strategy", "at-least-once");
		rows[n++] = text_row("x-overflow", "reject-publish");
	}
	return (amqp_table_t){ n, rows };
}

void
eg_topology_declare_exchange(struct eg_connection *l, const struct eg_queue *q)
{
	bool super = strcmp(q->exchange_type, EG_SUPER_STREAM) == 0;
	amqp_table_entry_t row = flag_row("x-super-stream");

	amqp_exchange_declare(l->conn, EG_CHANNEL, amqp_cstring_bytes(q->exchange),
	    amqp_cstring_bytes(super ? "direct" : q->exchange_type), 0, 1, 0, 0,
	    (amqp_table_t){ super ? 1 : 0, &row });
}

/* Clients of a super stream number its partitions by an argument of the bindings
 * (rabbit_stream_manager.erl of RabbitMQ). */
int
eg_topology_bind(struct eg_connection *l, const struct eg_queue *q, bool bind, char text[256],
    struct eg_error *e)
{
	amqp_bytes_t name = amqp_cstring_bytes(q->name), exchange = amqp_cstring_bytes(q->exchange);
	amqp_bytes_t key = amqp_cstring_bytes(q->key);
	bool super = q->exchange_type != NULL && strcmp(q->exchange_type, EG_SUPER_STREAM) == 0;
	amqp_table_entry_t row = { .key = amqp_cstring_bytes("x-stream-partition-order"),
		.value = { .kind = AMQP_FIELD_KIND_I64, .value.i64 = strtol(q->key, NULL, 10) } };
	amqp_table_t table = { super ? 1 : 0, &row };

	if (bind)
		amqp_queue_bind(l->conn, EG_CHANNEL, name, exchange, key, table);
	else
		amqp_queue_unbind(l->conn, EG_CHANNEL, name, exchange, key, table);
	return eg_connection_check(l, amqp_get_rpc_reply(l->conn), text, e);
}

static int
declare_one(struct job *j, size_t i, struct eg_error *e)
{
	const struct eg_queue *q = &j->queues[i];
	amqp_connection_state_t c = j->connection.conn;
	amqp_table_entry_t rows[ROWS_MAX];
	char text[256];

	j->fresh |= !eg_topology_has_queue(&j->connection, (amqp_channel_t)(EG_CHANNEL + 1 + i),
	    q->name);
	amqp_queue_declare(c, EG_CHANNEL, amqp_cstring_bytes(q->name), 0, 1, 0, 0,
	    arguments(q, rows));
	if (eg_connection_check(&j->connection, amqp_get_rpc_reply(c), text, e) != 0)
		goto fail;
	if (*q->exchange == '\0')
		return 0;
	if (q->exchange_type != NULL) {
		eg_topology_declare_exchange(&j->connection, q);
		if (eg_connection_check(&j->connection, amqp_get_rpc_reply(c), text, e) != 0)
			goto fail;
	}
	if (eg_topology_bind(&j->connection, q, true, text, e) == 0)
		return 0;
fail:
	if (e->status == EG_OK)
		eg_connection_lost(&j->connection, "%s", text);
	return -1;
}

static int
declare_all(void *ctx, struct eg_error *e)
{
	struct job *j = ctx;

	for (size_t i = 0; i < j->n; i++)
		if (declare_one(j, i, e) != 0)
			return -1;
	return 0;
}

int
eg_publisher_declare(const struct eg_amqp_options *broker, const struct eg_queue *queues, size_t n,
    int64_t timeout_ms, struct eg_error *e)
{
	struct job j = { .queues = queues, .n = n };
	int64_t start = eg_mono_ms(), now, until;
	int rc;

	eg_connection_init(&j.connection, broker);
	while ((rc = eg_connection_open(&j.connection, declare_all, &j, e)) == 0) {
		now = eg_mono_ms();
		if (timeout_ms > 0 && now - start >= timeout_ms)
			return eg_fail(e, EG_TEMPORARY, "gave up waiting for the broker");
		until = j.connection.retry.due;
		if (timeout_ms > 0 && until > start + timeout_ms)
			until = start + timeout_ms;
		if (until > now)
			eg_wait_ms(until - now);
	}
	eg_connection_close(&j.connection);
	if (rc == 1 && j.fresh)
		eg_wait_ms(SETTLE_MS);
	return rc == 1 ? 0 : -1;
}
