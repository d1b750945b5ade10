/* SPDX-License-Identifier: MIT */
/* Whether the broker answers. Heartbeats come from the node that we are connected to;
 * confirms and deliveries may need the majority of its cluster. A node of RabbitMQ 4.2
 * or later that is cut off from the majority keeps its clients connected, sends
 * heartbeats, and answers nothing else. */
#include "amqp/connection.h"
#include "base/clock.h"
#include "base/diag.h"

enum {
	/* The questions have a channel of their own, since a refused one closes it. */
	QUESTIONS = 1000,
	/* Ask when nothing has come for so long. */
	QUIET_MS = 4000,
	/* Moves that follow each other sooner than this count together. */
	CALM_MS = 5 * 60 * 1000,
	/* The limit is doubled so often at most: 8 s become 64 s. */
	DOUBLINGS = 3,
};

/* A broker that answers too late by a little, as under heavy load, is not left again and
 * again: each round through all addresses doubles the time that the next one gets. */
static int64_t
limit(const struct eg_connection *l, int64_t now)
{
	size_t rounds = l->moves / l->broker->urls;

	if (now - l->moved >= CALM_MS)
		rounds = 0;
	return l->broker->answer_ms << (rounds < DOUBLINGS ? rounds : DOUBLINGS);
}

void
eg_connection_owes(struct eg_connection *l, bool owes)
{
	if (!owes || l->conn == NULL)
		l->owed = 0;
	else if (l->owed == 0)
		l->owed = eg_mono_ms();
}

int64_t
eg_connection_away(const struct eg_connection *l)
{
	if (l->conn == NULL)
		return l->retry.since;
	if (l->owed == 0 || l->blocked)
		return 0;
	return l->opened != 0 && l->before.since != 0 ? l->before.since : l->owed;
}

void
eg_connection_progress(struct eg_connection *l)
{
	const struct eg_url *u = &l->broker->url[l->at];
	int64_t now = eg_mono_ms();

	if (l->told)
		eg_warn("broker %s:%d answers again after %.1f s", u->host, u->port,
		    (double)(now - l->owed) / 1000);
	l->told = false;
	l->answered = now;
	if (l->owed != 0)
		l->owed = now;
}

static void
send_question(struct eg_connection *l)
{
	amqp_channel_open_t open = { amqp_empty_bytes };
	amqp_queue_unbind_t unbind = {
		.queue = amqp_cstring_bytes(l->ask_about),
		.exchange = amqp_cstring_bytes("amq.direct"),
		.routing_key = amqp_cstring_bytes("energyguard: is there an answer?"),
	};

	if (l->question == EG_QUESTION_NONE)
		amqp_send_method(l->conn, QUESTIONS, AMQP_CHANNEL_OPEN_METHOD, &open);
	else
		amqp_send_method(l->conn, QUESTIONS, AMQP_QUEUE_UNBIND_METHOD, &unbind);
}

/* While nothing comes, a consumer cannot tell an empty queue from a broker without an
 * answer. Passive declares are no question: a node that is cut off answers them from
 * what it knows. Removing a binding needs the majority, and where there is no such
 * binding it changes nothing. */
static void
ask(struct eg_connection *l, int64_t now)
{
	if (l->ask_about == NULL || l->broker->urls == 1 || l->owed != 0 ||
	    l->question == EG_QUESTION_REFUSED || now - l->answered < QUIET_MS)
		return;
	l->owed = now;
	send_question(l);
}

bool
eg_connection_take_answer(struct eg_connection *l, const amqp_frame_t *f)
{
	amqp_channel_close_ok_t ok = { 0 };

	if (f->channel != QUESTIONS)
		return false;
	switch (f->frame_type == AMQP_FRAME_METHOD ? f->payload.method.id : 0) {
	case AMQP_CHANNEL_OPEN_OK_METHOD:
		l->question = EG_QUESTION_OPEN;
		send_question(l);
		return true;
	case AMQP_CHANNEL_CLOSE_METHOD: /* this user may not: it is of no use to ask again */
		amqp_send_method(l->conn, QUESTIONS, AMQP_CHANNEL_CLOSE_OK_METHOD, &ok);
		l->question = EG_QUESTION_REFUSED;
		break;
	default:
		eg_connection_proved(l);
		break;
	}
	eg_connection_progress(l);
	l->owed = 0;
	return true;
}

bool
eg_connection_silent(struct eg_connection *l)
{
	const struct eg_url *u = &l->broker->url[l->at];
	int64_t now = eg_mono_ms(), owed;
	double s;

	if (l->conn == NULL || l->blocked)
		return false;
	ask(l, now);
	owed = l->owed;
	s = (double)(now - owed) / 1000;
	if (owed == 0 || now - owed < limit(l, now) || l->told)
		return false;
	if (l->broker->urls == 1) {
		eg_warn("broker %s:%d: no answer for %.0f s; waiting for it", u->host, u->port, s);
		l->told = true;
		return false;
	}
	l->moves = now - l->moved < CALM_MS ? l->moves + 1 : 1;
	l->moved = now;
	l->late = true;
	eg_connection_lost(l, "connected, but no answer for %.0f s", s);
	if (l->retry.failures == 1)
		l->retry.since = owed;
	return true;
}

int64_t
eg_connection_silence_due(const struct eg_connection *l)
{
	bool asks = l->ask_about != NULL && l->broker->urls > 1 &&
	    l->question != EG_QUESTION_REFUSED;

	if (l->blocked || l->told)
		return INT64_MAX;
	if (l->owed != 0)
		return l->owed + limit(l, eg_mono_ms());
	return asks ? l->answered + QUIET_MS : INT64_MAX;
}
