/* SPDX-License-Identifier: MIT */
/* Makes a split: the exchange, its queues, and their dead-letter queues. */
#include "amqp/split.h"

#include <stdio.h>
#include <stdlib.h>

#include "amqp/split_parts.h"
#include "amqp/topology.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/wait.h"

/* The code of a broker that has an exchange of this name and another type. */
enum { ANOTHER_TYPE = 406 };

void
eg_split_member(const struct eg_split *s, unsigned i, struct eg_split_member *m)
{
	eg_split_queue(s->name, s->stream, i, m->name);
	snprintf(m->dead, sizeof(m->dead), "%.*s.dead", EG_SPLIT_NAME_SIZE - 8, m->name);
	eg_split_hash(s->name, m->hash);
	/* The routing key is the number of the partition; of a queue, its weight. */
	snprintf(m->key, sizeof(m->key), "%u", s->stream ? i - 1 : 1);
	m->queue = (struct eg_queue){
		.name = m->name,
		.type = s->stream ? "stream" : "quorum",
		.single_active = !s->stream,
		.exchange = s->stream ? s->name : m->hash,
		.exchange_type = s->stream ? EG_SUPER_STREAM : "x-consistent-hash",
		.key = m->key,
		.dead = m->dead,
	};
}

int
eg_split_declare_queues(const struct eg_split *s, unsigned first, unsigned last, bool bind,
    struct eg_error *e)
{
	size_t n = last - first + 1;
	struct eg_split_member *m = calloc(n, sizeof(*m));
	struct eg_queue *queues = calloc(n, 2 * sizeof(*queues));
	int rc;

	if (m == NULL || queues == NULL) {
		rc = eg_fail(e, EG_BUG, "out of memory");
	} else {
		for (size_t i = 0; i < n; i++) {
			eg_split_member(s, first + (unsigned)i, &m[i]);
			queues[2 * i] = m[i].queue;
			if (!bind)
				queues[2 * i].exchange = "";
			queues[2 * i + 1] = (struct eg_queue){ .name = m[i].dead, .exchange = "",
				.type = s->stream ? "classic" : "quorum" };
		}
		rc = eg_publisher_declare(s->broker, queues, 2 * n, s->timeout_ms, e);
	}
	free(queues);
	free(m);
	return rc;
}

int
eg_split_declare_front(const struct eg_split *s, struct eg_connection *l, char text[256],
    struct eg_error *e)
{
	const amqp_channel_close_t *m;
	amqp_rpc_reply_t reply;

	eg_topology_declare_exchange(l, &(struct eg_queue){ .exchange = s->name,
	    .exchange_type = s->stream ? EG_SUPER_STREAM : "fanout" });
	reply = amqp_get_rpc_reply(l->conn);
	m = reply.reply.decoded;
	if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION &&
	    reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD && m->reply_code == ANOTHER_TYPE)
		return s->stream
		    ? eg_fail(e, EG_CONFIG, "the exchange '%s' is there, and is no super stream", s->name)
		    : eg_fail(e, EG_CONFIG, "the exchange '%s' is of another type, such as an earlier "
		        "eg-split made; to change the number of queues, move to a new split, see "
		        "eg-split(1)", s->name);
	return eg_connection_check(l, reply, text, e);
}

int
eg_split_bind_front(const struct eg_split *s, struct eg_connection *l, bool bind, char text[256],
    struct eg_error *e)
{
	amqp_bytes_t front = amqp_cstring_bytes(s->name), hash;
	char name[EG_SPLIT_NAME_SIZE];

	eg_split_hash(s->name, name);
	hash = amqp_cstring_bytes(name);
	if (bind)
		amqp_exchange_bind(l->conn, EG_CHANNEL, hash, front, amqp_empty_bytes, amqp_empty_table);
	else
		amqp_exchange_unbind(l->conn, EG_CHANNEL, hash, front, amqp_empty_bytes, amqp_empty_table);
	return eg_connection_check(l, amqp_get_rpc_reply(l->conn), text, e);
}

struct check {
	const struct eg_split *s;
	struct eg_connection connection;
};

/* Declares NAME, and binds it to NAME.hash: the last step, so that no message finds only some of
 * the queues. */
static int
make_front(void *ctx, struct eg_error *e)
{
	struct check *k = ctx;
	struct eg_connection *l = &k->connection;
	char text[256] = "no answer";

	if (eg_split_declare_front(k->s, l, text, e) == 0 &&
	    eg_split_bind_front(k->s, l, true, text, e) == 0)
		return 0;
	if (e->status == EG_OK)
		eg_connection_lost(l, "%s", text);
	return -1;
}

/* Refuses an exchange of another type, and what would move sensors while readings may be in the
 * queues: a larger number for a split that is in use. All queues are declared before the exchange,
 * so one with fewer is in use. */
static int
check_there(void *ctx, struct eg_error *e)
{
	struct check *k = ctx;
	const struct eg_split *s = k->s;
	struct eg_error none = { 0 };
	int changing = eg_topology_changing(&k->connection, s->name);
	char text[256] = "no answer";
	uint32_t n;

	if (changing == 1)
		return eg_fail(e, EG_CONFIG, "a change of '%s' did not come to its end: run eg-split "
		    "--grow or --shrink again", s->name);
	if (changing < 0 || eg_topology_count(&k->connection, s->name, s->stream, &n) != 0) {
		eg_connection_lost(&k->connection, "%s", text);
		return -1;
	}
	/* Without the exchange it is a new split. The broker has then closed the channel. */
	if (eg_topology_target(&k->connection, s->name, NULL, false, text, &none) != 0)
		return 0;
	if (eg_split_declare_front(s, &k->connection, text, e) != 0) {
		if (e->status == EG_OK)
			eg_connection_lost(&k->connection, "%s", text);
		return -1;
	}
	if (n > 0 && n < s->n)
		return eg_fail(e, EG_CONFIG, "'%s' has %u queues already; eg-split --grow %u keeps the "
		    "order of readings", s->name, (unsigned)n, (unsigned)s->n);
	return 0;
}

/* Runs f on a connection, until it has an answer. */
static int
connected(const struct eg_split *s, int (*f)(void *ctx, struct eg_error *e), struct eg_error *e)
{
	struct check k = { .s = s };
	int64_t start = eg_mono_ms();
	int rc;

	eg_connection_init(&k.connection, s->broker);
	while ((rc = eg_connection_open(&k.connection, f, &k, e)) == 0) {
		if (s->timeout_ms > 0 && eg_mono_ms() - start >= s->timeout_ms)
			return eg_fail(e, EG_TEMPORARY, "gave up waiting for the broker");
		eg_wait_ms(100);
	}
	eg_connection_close(&k.connection);
	return rc == 1 ? 0 : -1;
}

int
eg_split_declare(const struct eg_split *s, struct eg_error *e)
{
	/* First the queues: new ones need their two seconds before they can survive a crash. */
	if (connected(s, check_there, e) != 0 || eg_split_declare_queues(s, 1, s->n, false, e) != 0 ||
	    eg_split_declare_queues(s, 1, s->n, true, e) != 0)
		return -1;
	return s->stream ? 0 : connected(s, make_front, e);
}
