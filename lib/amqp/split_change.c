/* SPDX-License-Identifier: MIT */
/* Changes the number of queues of a split: the steps of split.h. Each can be repeated. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "amqp/split_parts.h"
#include "amqp/topology.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/stop.h"
#include "base/wait.h"

enum { RETRY_MS = 100, LOCKED = 405 };

/* How a step ended. */
enum step { LOST = -1, DONE, GIVE_UP };

static const char *
kind(const struct eg_split_change *c, uint32_t n)
{
	if (c->s->stream)
		return n == 1 ? "partition" : "partitions";
	return n == 1 ? "queue" : "queues";
}

/* Declares the exclusive queue that answers come to. Only one connection can have it. */
static int
take_lock(struct eg_split_change *c, char text[256], struct eg_error *e)
{
	amqp_connection_state_t conn = c->connection.conn;
	const amqp_channel_close_t *m;
	amqp_rpc_reply_t reply;

	amqp_queue_declare(conn, EG_CHANNEL, amqp_cstring_bytes(c->lock), 0, 0, 1, 1, amqp_empty_table);
	reply = amqp_get_rpc_reply(conn);
	m = reply.reply.decoded;
	if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION &&
	    reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD && m->reply_code == LOCKED)
		return eg_fail(e, EG_TEMPORARY, "another eg-split changes '%s' now", c->s->name);
	return eg_connection_check(&c->connection, reply, text, e);
}

/* Binds, or with bind false unbinds, queues number first to last. */
static int
bind_queues(struct eg_split_change *c, uint32_t first, uint32_t last, bool bind, char text[256],
    struct eg_error *e)
{
	struct eg_split_member m;

	for (uint32_t i = first; i <= last; i++) {
		eg_split_member(c->s, i, &m);
		if (eg_topology_bind(&c->connection, &m.queue, bind, text, e) != 0)
			return -1;
	}
	return 0;
}

/* Connects the old queues with the exchange again, or with connect false cuts them off. Then no
 * message finds a queue. */
static int
connect_old(struct eg_split_change *c, bool connect, char text[256], struct eg_error *e)
{
	if (c->s->stream)
		return bind_queues(c, 1, c->before, connect, text, e);
	return eg_split_bind_front(c->s, &c->connection, connect, text, e);
}

/* Binds the queues that there are to be, and no other. */
static int
connect_new(struct eg_split_change *c, char text[256], struct eg_error *e)
{
	if (bind_queues(c, 1, c->after, true, text, e) != 0 ||
	    bind_queues(c, c->after + 1, c->before, false, text, e) != 0)
		return -1;
	return c->s->stream ? 0 : eg_split_bind_front(c->s, &c->connection, true, text, e);
}

static int
delete_queue(struct eg_split_change *c, const char *queue, char text[256], struct eg_error *e)
{
	amqp_queue_delete(c->connection.conn, EG_CHANNEL, amqp_cstring_bytes(queue), 0, 0);
	return eg_connection_check(&c->connection, amqp_get_rpc_reply(c->connection.conn), text, e);
}

/* Deletes queues number first to last. They are unbound, and drained or never used. One that holds
 * messages all the same, from another publisher, stays. */
static int
delete_queues(struct eg_split_change *c, uint32_t first, uint32_t last, char text[256],
    struct eg_error *e)
{
	struct eg_topology_queue found;
	struct eg_split_member m;

	for (uint32_t i = last; i >= first; i--) {
		eg_split_member(c->s, i, &m);
		for (unsigned k = 0; k < 2; k++) {
			const char *name = k == 0 ? m.name : m.dead;

			if (eg_topology_look(&c->connection, EG_CHANNEL + 1, name, &found) != 1)
				continue;
			if (found.messages > 0)
				eg_warn("queue '%s' stays: it holds %u messages", name,
				    (unsigned)found.messages);
			else if (delete_queue(c, name, text, e) != 0)
				return -1;
		}
	}
	return 0;
}

/* Refuses new queues that exist: to put everything back would delete them. */
static int
check_new(struct eg_split_change *c, struct eg_error *e)
{
	char queue[EG_SPLIT_NAME_SIZE];

	for (uint32_t i = c->before + 1; i <= c->after; i++) {
		eg_split_queue(c->s->name, c->s->stream, i, queue);
		if (eg_topology_look(&c->connection, EG_CHANNEL + 1, queue, NULL) == 1)
			return eg_fail(e, EG_CONFIG, "a queue '%s' exists already", queue);
	}
	return 0;
}

/* Refuses a number that cannot be. Returns 1 if nothing is to do, or -1 with *e. */
static int
judge(struct eg_split_change *c, struct eg_error *e)
{
	const struct eg_split *s = c->s;

	if (c->before == 0)
		return eg_fail(e, EG_CONFIG, "there is no split '%s': make it with eg-split %s--queue %s N",
		    s->name, s->stream ? "--stream " : "", s->name);
	if (c->before == s->n) {
		eg_note("'%s' has %u %s already", s->name, (unsigned)s->n, kind(c, s->n));
		return 1;
	}
	if (c->more != (c->before < s->n))
		return eg_fail(e, EG_CONFIG, "'%s' has %u %s: use --%s", s->name, (unsigned)c->before,
		    kind(c, c->before), c->more ? "shrink" : "grow");
	return 0;
}

/* Step 1, before anything changes. */
static enum step
begin(struct eg_split_change *c, char text[256], struct eg_error *e)
{
	/* Each run of eg-split returns its messages, and none may get lost by that. */
	struct eg_queue gate = { .name = c->gate, .type = "quorum", .exchange = "",
		.unlimited = true };
	enum eg_split_wait rc;
	char line[64];

	if (eg_topology_count(&c->connection, c->s->name, c->s->stream, &c->before) != 0)
		return LOST;
	c->after = c->s->n;
	switch (judge(c, e)) {
	case 1: return DONE;
	case -1: return LOST;
	default: break;
	}
	if (eg_topology_target(&c->connection, c->s->name, NULL, false, text, e) != 0 ||
	    (!c->s->stream && eg_split_declare_front(c->s, &c->connection, text, e) != 0) ||
	    check_new(c, e) != 0)
		return LOST;
	eg_note("asking the consumers of %u %s", (unsigned)c->before, kind(c, c->before));
	rc = eg_split_wait_answers(c, false, text, e);
	if (rc == EG_SPLIT_GIVE_UP)
		eg_fail(e, EG_TEMPORARY, "%s; nothing was changed", c->why);
	if (rc != EG_SPLIT_DONE)
		return LOST;
	c->begun = true;
	if (eg_publisher_declare(c->s->broker, &gate, 1, c->s->timeout_ms, e) != 0)
		return LOST;
	snprintf(line, sizeof(line), "change %u %u", (unsigned)c->before, (unsigned)c->after);
	return eg_split_state_write(c, line, text, e) == 0 ? DONE : LOST;
}

/* Steps 2 to 4. */
static enum step
drain(struct eg_split_change *c, char text[256], struct eg_error *e)
{
	enum eg_split_wait rc;
	char line[64];

	if (c->after > c->before &&
	    eg_split_declare_queues(c->s, c->before + 1, c->after, false, e) != 0) {
		snprintf(c->why, sizeof(c->why), "%s", e->text);
		*e = (struct eg_error){ .status = EG_OK };
		return GIVE_UP;
	}
	if (eg_stop_asked() > 0) {
		snprintf(c->why, sizeof(c->why), "interrupted");
		return GIVE_UP;
	}
	if (c->paused == 0) {
		c->paused = eg_wall_ns() / EG_NS_PER_MS;
		snprintf(line, sizeof(line), "pause %" PRId64, c->paused);
		if (eg_split_state_write(c, line, text, e) != 0)
			return LOST;
	}
	if (connect_old(c, false, text, e) != 0)
		return LOST;
	eg_note("publishing pauses; waiting until %u %s are drained", (unsigned)c->before,
	    kind(c, c->before));
	rc = eg_split_wait_answers(c, true, text, e);
	if (rc == EG_SPLIT_GIVE_UP)
		return GIVE_UP;
	if (rc != EG_SPLIT_DONE || eg_split_state_write(c, "switch", text, e) != 0)
		return LOST;
	c->switching = true;
	return DONE;
}

/* Ends the change: publishers go on. */
static int
open_gate(struct eg_split_change *c, char text[256], struct eg_error *e)
{
	if (delete_queue(c, c->gate, text, e) != 0)
		return -1;
	if (c->paused != 0)
		eg_note("publishing goes on, after %.1f s",
		    (double)(eg_wall_ns() - c->paused * EG_NS_PER_MS) / (double)EG_NS_PER_S);
	return 0;
}

/* Undoes steps 2 and 3. Always returns LOST, with *e unless the connection was lost. */
static enum step
put_back(struct eg_split_change *c, char text[256], struct eg_error *e)
{
	c->undo = true;
	if (connect_old(c, true, text, e) != 0 ||
	    (c->after > c->before &&
	        delete_queues(c, c->before + 1, c->after, text, e) != 0) ||
	    open_gate(c, text, e) != 0)
		return LOST;
	eg_fail(e, EG_TEMPORARY, "%s; everything is as before", c->why);
	return LOST;
}

/* Step 5. NAME.change goes last: with a queue left over, another run would count it. */
static enum step
finish(struct eg_split_change *c, char text[256], struct eg_error *e)
{
	if (connect_new(c, text, e) != 0 ||
	    (c->after < c->before &&
	        delete_queues(c, c->after + 1, c->before, text, e) != 0) ||
	    open_gate(c, text, e) != 0)
		return LOST;
	eg_note("'%s' has %u %s now, %u before", c->s->name, (unsigned)c->after, kind(c, c->after),
	    (unsigned)c->before);
	return DONE;
}

static enum step
run_steps(struct eg_split_change *c, char text[256], struct eg_error *e)
{
	enum step rc;
	int there;

	if (take_lock(c, text, e) != 0)
		return LOST;
	there = eg_split_state_read(c, text, e);
	if (there < 0)
		return LOST;
	c->begun = there == 1;
	if (there == 0 && c->undo) {
		eg_fail(e, EG_TEMPORARY, "%s; everything is as before", c->why);
		return LOST;
	}
	/* Without its first message, nothing but NAME.change was made. */
	if (there == 1 && c->before == 0 && delete_queue(c, c->gate, text, e) != 0)
		return LOST;
	if (c->before == 0) {
		rc = begin(c, text, e);
		if (rc != DONE || c->before == c->after)
			return rc;
	} else if (c->after != c->s->n) {
		eg_fail(e, EG_CONFIG, "a change of '%s' from %u to %u %s did not come to its end: run it "
		    "again first", c->s->name, (unsigned)c->before, (unsigned)c->after,
		    kind(c, c->after));
		return LOST;
	} else {
		eg_note("going on with a change from %u to %u %s that did not come to its end",
		    (unsigned)c->before, (unsigned)c->after, kind(c, c->after));
	}
	if (c->undo)
		return c->switching ? finish(c, text, e) : put_back(c, text, e);
	if (!c->switching) {
		rc = drain(c, text, e);
		if (rc != DONE)
			return rc == GIVE_UP ? put_back(c, text, e) : LOST;
	}
	return finish(c, text, e);
}

static int
set_up(void *ctx, struct eg_error *e)
{
	struct eg_split_change *c = ctx;
	char text[256] = "no answer";

	if (run_steps(c, text, e) == DONE)
		return 0;
	if (e->status == EG_OK)
		eg_connection_lost(&c->connection, "%s", text);
	return -1;
}

/* Runs the steps on one connection after the other, until they are done. */
static int
run_change(struct eg_split_change *c, struct eg_error *e)
{
	int64_t seen = eg_mono_ms();
	int rc;

	while ((rc = eg_connection_open(&c->connection, set_up, c, e)) == 0) {
		if (eg_stop_asked() > 0 && !c->begun)
			return eg_fail(e, EG_TEMPORARY, "interrupted; nothing was changed");
		if (eg_stop_asked() > 1 || (c->s->timeout_ms > 0 &&
		    eg_mono_ms() - seen >= 2 * c->s->timeout_ms))
			return eg_fail(e, EG_TEMPORARY, "gave up waiting for the broker; if publishers "
			    "wait, run eg-split again");
		eg_wait_ms(RETRY_MS);
	}
	eg_connection_close(&c->connection);
	return rc == 1 ? 0 : -1;
}

int
eg_split_change(const struct eg_split *s, bool more, struct eg_error *e)
{
	struct eg_split_change *c = calloc(1, sizeof(*c));
	int rc;

	if (c == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	c->s = s;
	c->more = more;
	eg_split_gate(s->name, c->gate);
	eg_split_lock(s->name, c->lock);
	if (getrandom(&c->run, sizeof(c->run), 0) != sizeof(c->run))
		c->run = (unsigned)eg_wall_ns();
	eg_connection_init(&c->connection, s->broker);
	rc = eg_stop_install(e) == 0 ? run_change(c, e) : -1;
	free(c);
	return rc;
}
