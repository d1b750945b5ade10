/* SPDX-License-Identifier: MIT */
/* Whether the broker answers. Heartbeats need only the node that we are connected to; confirms
 * and deliveries may need a majority of its cluster. A node of RabbitMQ 4.2 or later that is cut
 * off from the majority keeps its clients connected and sends heartbeats, but does not confirm
 * or deliver. */
#include "amqp/connection.h"
#include "base/clock.h"
#include "base/diag.h"

enum {
	/* After this time on one address, changes of address are counted from 0 again. */
	CALM_MS = 5 * 60 * 1000,
	/* How often the limit may be doubled: from 8 s to 64 s. */
	DOUBLINGS = 3,
};

/* The time limit for an answer. Under heavy load, or while a node of the cluster is suspended,
 * all brokers may be slow. So each round through all addresses doubles the limit; otherwise
 * every connection would be given up too early. */
static int64_t
limit(const struct eg_connection *l, int64_t now)
{
	size_t failures = l->opened != 0 ? l->before.failures : 0;
	size_t rounds;

	if (now - l->moved < CALM_MS && l->moves > failures)
		failures = l->moves;
	rounds = failures / l->broker->urls;
	return l->broker->answer_ms << (rounds < DOUBLINGS ? rounds : DOUBLINGS);
}

void
eg_connection_expect(struct eg_connection *l, bool pending)
{
	if (!pending || l->conn == NULL)
		l->pending_since = 0;
	else if (l->pending_since == 0)
		l->pending_since = eg_mono_ms();
}

int64_t
eg_connection_away(const struct eg_connection *l)
{
	if (l->conn == NULL)
		return l->retry.since;
	if (l->pending_since == 0 || l->blocked)
		return 0;
	return l->opened != 0 && l->before.since != 0 ? l->before.since : l->pending_since;
}

void
eg_connection_progress(struct eg_connection *l)
{
	const struct eg_url *u = &l->broker->url[l->at];
	int64_t now = eg_mono_ms();

	if (l->warned)
		eg_warn("broker %s:%d answers again after %.1f s", u->host, u->port,
		    (double)(now - l->pending_since) / 1000);
	l->warned = false;
	l->answered = now;
	if (l->pending_since != 0)
		l->pending_since = now;
}

void
eg_connection_back(const struct eg_connection *l)
{
	const struct eg_url *u = &l->broker->url[l->at];

	eg_warn("broker %s:%d is back after %.1f s", u->host, u->port, (double)l->away_ms / 1000);
}

/* Prints "is back". After connections without an answer this is delayed until now, since the new
 * connection may give no answer either. */
void
eg_connection_proved(struct eg_connection *l)
{
	if (l->opened != 0 && l->late && l->away_ms >= 0) {
		l->away_ms += eg_mono_ms() - l->opened;
		eg_connection_back(l);
	}
	l->opened = 0;
	l->denied = 0;
	l->late = false;
}

bool
eg_connection_silent(struct eg_connection *l)
{
	const struct eg_url *u = &l->broker->url[l->at];
	int64_t now = eg_mono_ms();

	if (l->conn == NULL || l->blocked)
		return false;
	if (l->pending_since == 0 || now - l->pending_since < limit(l, now) || l->warned)
		return false;
	if (l->broker->urls == 1) {
		eg_warn("broker %s:%d: no answer for %.0f s; waiting for it", u->host, u->port,
		    (double)(now - l->pending_since) / 1000);
		l->warned = true;
		return false;
	}
	l->moves = now - l->moved < CALM_MS ? l->moves + 1 : 1;
	l->moved = now;
	l->late = true;
	return true;
}

int64_t
eg_connection_silence_due(const struct eg_connection *l)
{
	if (l->blocked || l->warned)
		return INT64_MAX;
	return l->pending_since != 0 ? l->pending_since + limit(l, eg_mono_ms()) : INT64_MAX;
}
