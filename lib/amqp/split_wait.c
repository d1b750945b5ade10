/* SPDX-License-Identifier: MIT */
/* Waits until the consumers of the old queues have made safe what the queues held. It goes in
 * rounds: in each, a marker to each queue, and an answer from each of its consumers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "amqp/split_parts.h"
#include "amqp/split_text.h"
#include "amqp/topology.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/stop.h"
#include "base/wait.h"

enum {
	/* Interval for looking for answers. */
	LOOK_MS = 20,
	/* A marker without an answer may have been lost with its connection: send it again. */
	AGAIN_MS = 5000,
	/* At least so long after the bindings were removed, and after the round before, the last
	 * markers are sent: a message that was on its way inside the broker, or through a node of
	 * the cluster that learnt late of it, is then in the queue. */
	QUIET_MS = 500,
	/* Messages to read before the limits are looked at again. Each user may publish to the
	 * queue of the answers, and faster than they are read. */
	ANSWERS_AT_ONCE = 256,
};

static unsigned
readers_of(const struct eg_split_change *c)
{
	return c->s->stream ? c->s->readers : 1;
}

/* Sends a marker to queue number i. If it gets lost, there is no answer, and it is sent again. */
static void
put_marker(struct eg_split_change *c, unsigned i)
{
	amqp_basic_properties_t props = {
		._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_TYPE_FLAG |
		    AMQP_BASIC_REPLY_TO_FLAG | AMQP_BASIC_CORRELATION_ID_FLAG |
		    AMQP_BASIC_DELIVERY_MODE_FLAG,
		.content_type = amqp_cstring_bytes("text/plain"),
		.type = amqp_cstring_bytes(EG_MARKER_TYPE),
		.reply_to = amqp_cstring_bytes(c->lock),
		.delivery_mode = AMQP_DELIVERY_PERSISTENT,
	};
	char queue[EG_SPLIT_NAME_SIZE], id[EG_MARKER_ID_MAX];

	eg_split_queue(c->s->name, c->s->stream, i + 1, queue);
	snprintf(id, sizeof(id), "%08x-%u-%u", c->run, c->round, i);
	props.correlation_id = amqp_cstring_bytes(id);
	(void)amqp_basic_publish(c->connection.conn, EG_CHANNEL, amqp_empty_bytes,
	    amqp_cstring_bytes(queue), 0, 0, &props, amqp_cstring_bytes(EG_MARKER_BODY));
}

/* Looks whether a queue has neither messages nor consumers. */
static bool
is_idle(struct eg_split_change *c, unsigned i, bool warn)
{
	struct eg_topology_queue found = { 0, 1 };
	char queue[EG_SPLIT_NAME_SIZE];

	if (c->s->stream)
		return false;
	eg_split_queue(c->s->name, false, i + 1, queue);
	if (eg_topology_look(&c->connection, EG_CHANNEL + 1, queue, &found) != 1 || found.consumers > 0)
		return false;
	if (found.messages > 0 && warn)
		eg_warn("queue '%s' holds %u messages and has no consumer", queue,
		    (unsigned)found.messages);
	return found.messages == 0;
}

static void
put_markers(struct eg_split_change *c, bool first)
{
	for (unsigned i = 0; i < c->before; i++) {
		struct eg_split_answers *a = &c->now[i];

		if (a->n >= readers_of(c) || a->idle)
			continue;
		a->idle = is_idle(c, i, first);
		if (!a->idle)
			put_marker(c, i);
	}
}

static void
take_answer(struct eg_split_change *c, const amqp_bytes_t *body)
{
	struct eg_split_answers *a;
	struct eg_split_reply r;

	if (!eg_split_reply_parse(body->bytes, body->len, &r) || r.run != c->run ||
	    r.round != c->round || r.queue >= c->before)
		return;
	a = &c->now[r.queue];
	for (unsigned k = 0; k < a->n; k++)
		if (strcmp(a->answer[k].session, r.answer.session) == 0)
			return;
	if (a->n < EG_SPLIT_READERS_MAX)
		a->answer[a->n++] = r.answer;
}

/* Takes up to ANSWERS_AT_ONCE answers. Returns 1 if there may be more, or -1 if the connection is
 * lost. */
static int
take_answers(struct eg_split_change *c, char text[256], struct eg_error *e)
{
	amqp_connection_state_t conn = c->connection.conn;
	amqp_rpc_reply_t reply;
	amqp_message_t m;

	for (int n = 0; n < ANSWERS_AT_ONCE; n++) {
		amqp_maybe_release_buffers(conn);
		reply = amqp_basic_get(conn, EG_CHANNEL, amqp_cstring_bytes(c->lock), 1);
		if (eg_connection_check(&c->connection, reply, text, e) != 0)
			return -1;
		if (reply.reply.id != AMQP_BASIC_GET_OK_METHOD)
			return 0;
		reply = amqp_read_message(conn, EG_CHANNEL, &m, 0);
		if (eg_connection_check(&c->connection, reply, text, e) != 0)
			return -1;
		take_answer(c, &m.body);
		amqp_destroy_message(&m);
	}
	return 1;
}

/* The first queue without enough answers, or c->before. */
static unsigned
first_silent(const struct eg_split_change *c)
{
	unsigned i = 0;

	while (i < c->before && (c->now[i].idle || c->now[i].n >= readers_of(c)))
		i++;
	return i;
}

/* Whether a limit or a signal ends the wait. */
static bool
gives_up(struct eg_split_change *c, int64_t end, unsigned silent)
{
	char queue[EG_SPLIT_NAME_SIZE];

	if (eg_stop_asked() > 0) {
		snprintf(c->why, sizeof(c->why), "interrupted");
		return true;
	}
	if (eg_mono_ms() < end)
		return false;
	eg_split_queue(c->s->name, c->s->stream, silent + 1, queue);
	if (c->s->stream && c->now[silent].n > 0)
		snprintf(c->why, sizeof(c->why), "only %u of %u consumers of '%.200s' have given an answer "
		    "within %.0f s", c->now[silent].n, readers_of(c), queue,
		    (double)c->s->timeout_ms / 1000);
	else
		snprintf(c->why, sizeof(c->why), "the consumer of '%.200s' has given no answer "
		    "within %.0f s (is one there? is it behind?)", queue, (double)c->s->timeout_ms / 1000);
	return true;
}

static enum eg_split_wait
run_round(struct eg_split_change *c, int64_t end, char text[256], struct eg_error *e)
{
	int64_t again = eg_mono_ms() + AGAIN_MS;
	unsigned silent;
	int more;

	c->round++;
	memset(c->now, 0, sizeof(c->now));
	put_markers(c, true);
	for (;;) {
		more = take_answers(c, text, e);
		if (more < 0)
			return EG_SPLIT_LOST;
		silent = first_silent(c);
		if (silent == c->before)
			return EG_SPLIT_DONE;
		if (gives_up(c, end, silent))
			return EG_SPLIT_GIVE_UP;
		if (eg_mono_ms() >= again) {
			put_markers(c, false);
			again = eg_mono_ms() + AGAIN_MS;
		}
		if (more == 0)
			eg_wait_ms(LOOK_MS);
	}
}

static bool
same_answer(const struct eg_split_answers *a, const struct eg_answer *b)
{
	for (unsigned i = 0; i < a->n; i++)
		if (strcmp(a->answer[i].session, b->session) == 0)
			return a->answer[i].count == b->count;
	return false;
}

/* Whether no message came to the queue between the last round and this one. */
static bool
is_quiet(const struct eg_split_change *c, unsigned i)
{
	const struct eg_split_answers *now = &c->now[i], *last = &c->last[i];
	unsigned same = 0;

	if (now->idle)
		return last->idle;
	for (unsigned k = 0; k < now->n; k++)
		same += same_answer(last, &now->answer[k]);
	return same >= readers_of(c);
}

static bool
all_quiet(const struct eg_split_change *c)
{
	for (unsigned i = 0; i < c->before; i++)
		if (!is_quiet(c, i))
			return false;
	return true;
}

enum eg_split_wait
eg_split_wait_answers(struct eg_split_change *c, bool drained, char text[256], struct eg_error *e)
{
	int64_t end = c->s->timeout_ms > 0 ? eg_mono_ms() + c->s->timeout_ms : INT64_MAX;
	enum eg_split_wait rc = run_round(c, end, text, e);

	while (drained && rc == EG_SPLIT_DONE) {
		memcpy(c->last, c->now, sizeof(c->last));
		eg_wait_ms(QUIET_MS);
		rc = run_round(c, end, text, e);
		if (rc == EG_SPLIT_DONE && all_quiet(c))
			break;
		if (rc == EG_SPLIT_DONE && gives_up(c, end, 0))
			rc = EG_SPLIT_GIVE_UP;
	}
	return rc;
}
