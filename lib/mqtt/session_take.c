/* SPDX-License-Identifier: MIT */
/* A session at an MQTT broker: packets in, acknowledgements out. */
#include "mqtt/session_parts.h"

#include <string.h>

#include "base/clock.h"
#include "base/diag.h"

bool
eg_mqtt_session_full(const struct eg_mqtt_session *s)
{
	return !s->client.stopped && (s->pending >= s->cfg->in_flight ||
	    (s->held >= EG_MQTT_HELD_MAX && s->first != NULL));
}

/* Whether the session accepts no more messages. It does not acknowledge those that arrive, so the
 * broker keeps them. */
static bool
ending(const struct eg_mqtt_session *s)
{
	return s->client.stopped || (s->cfg->limit != 0 && s->taken >= s->cfg->limit);
}

/* After a lost connection the broker repeats the messages without an acknowledgement. If such a
 * message is still in memory, this keeps that one, so that its records do not go downstream
 * twice. */
static bool
take_up(struct eg_mqtt_session *s, const struct eg_mqtt_publish *p, const char *body, size_t len)
{
	if (!p->again || p->qos == 0)
		return false;
	for (struct eg_mqtt_message *m = s->first; m != NULL; m = m->next) {
		if (m->id != p->id || m->qos == 0 || m->session != s->session ||
		    m->connection == s->client.number || m->len != len || m->topic_len != p->topic_len ||
		    memcmp(m->body, body, len) != 0 || memcmp(m->topic, p->topic, p->topic_len) != 0)
			continue;
		m->connection = s->client.number;
		s->again++;
		return true;
	}
	return false;
}

static void
enqueue(struct eg_mqtt_session *s, struct eg_mqtt_message *m)
{
	m->connection = s->client.number;
	m->session = s->session;
	if (s->first == NULL)
		s->first = m;
	else
		s->last->next = m;
	s->last = m;
}

static void
warn_of_qos_0(struct eg_mqtt_session *s, const char *topic)
{
	if (!s->weak)
		eg_warn("a message of '%s' has QoS 0: the broker does not keep such messages; "
		        "let the device send with QoS 1", topic);
	s->weak = true;
}

/* body: what is there of the packet, skipped: bytes that follow it and are dropped. */
static int
take_message(struct eg_mqtt_session *s, unsigned flags, const char *body, size_t len,
    size_t skipped, struct eg_error *e)
{
	struct eg_mqtt_publish p;
	const char *why = eg_mqtt_publish_parse(flags, body, len, &p);
	struct eg_mqtt_message *m;
	size_t whole;

	if (why != NULL) {
		eg_mqtt_client_lost(&s->client, "it sends %s", why);
		return 0;
	}
	whole = len - p.at + skipped;
	len = whole > s->cfg->max_message ? 0 : len - p.at;
	if (take_up(s, &p, body + p.at, len) || ending(s))
		return 0;
	m = eg_mqtt_message_new(&p, body + p.at, len, whole);
	if (m == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	enqueue(s, m);
	if (p.retained && !s->cfg->retained) {
		s->retained++;
		s->held += m->size;
		m->settled = true;
		return 0;
	}
	if (p.qos == 0)
		warn_of_qos_0(s, m->topic);
	s->taken++;
	s->pending++;
	s->cfg->deliver(s->cfg->ctx, m);
	s->held += m->size;
	return e->status == EG_OK ? 0 : -1;
}

static int
take_packet(struct eg_mqtt_session *s, const struct eg_mqtt_head *h, const char *body, size_t len,
    struct eg_error *e)
{
	const unsigned char *bytes = (const unsigned char *)body;

	switch (h->type) {
	case EG_MQTT_CONNACK:
		return eg_mqtt_session_logged_in(s, bytes, len, e);
	case EG_MQTT_SUBACK:
		return eg_mqtt_session_subscribed(s, bytes, len, e);
	case EG_MQTT_PUBLISH:
		return take_message(s, h->flags, body, len, h->body_len - len, e);
	default:
		return 0;
	}
}

/* Takes the next packet from the bytes that were read. 1: it was taken; 0: none is complete; -1
 * with *e. */
static int
next_packet(struct eg_mqtt_session *s, struct eg_error *e)
{
	size_t limit = s->cfg->max_message + EG_MQTT_PUBLISH_HEAD_MAX, len;
	struct eg_mqtt_head h;
	const char *body;

	if (eg_mqtt_client_packet(&s->client, limit, &h, &body, &len) == 0)
		return 0;
	return take_packet(s, &h, body, len, e) == 0 ? 1 : -1;
}

int
eg_mqtt_session_take(struct eg_mqtt_session *s, struct eg_error *e)
{
	enum { READS = 16 }; /* most reads in a row, so that other work gets its turn */

	for (int i = 0; i < READS; i++) {
		int taken = 1;

		while (taken == 1 && s->client.state != EG_MQTT_AWAY && !eg_mqtt_session_full(s))
			taken = next_packet(s, e);
		if (taken < 0)
			return -1;
		if (s->client.state == EG_MQTT_AWAY || taken == 1 || !eg_mqtt_client_read(&s->client))
			return 0;
	}
	return 0;
}

void
eg_mqtt_session_settle(struct eg_mqtt_session *s, struct eg_mqtt_message *m)
{
	m->settled = true;
	s->pending--;
}

void
eg_mqtt_session_acknowledge(struct eg_mqtt_session *s)
{
	while (s->first != NULL && s->first->settled) {
		struct eg_mqtt_message *m = s->first;

		if (m->qos > 0 && m->connection == s->client.number && s->client.state != EG_MQTT_AWAY) {
			eg_mqtt_put_puback(&s->client.io.out, m->id);
			s->client.sent = eg_mono_ms();
		}
		s->acked++;
		s->held -= m->size;
		s->first = m->next;
		eg_mqtt_message_free(m);
	}
}
