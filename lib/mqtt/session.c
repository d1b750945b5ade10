/* SPDX-License-Identifier: MIT */
/* A session at an MQTT broker: its loop. */
#include "mqtt/session.h"

#include "mqtt/session_parts.h"

/* The types of packets that a broker may send to a subscriber. */
enum { EXPECTED = 1 << EG_MQTT_CONNACK | 1 << EG_MQTT_SUBACK | 1 << EG_MQTT_PUBLISH |
	1 << EG_MQTT_PINGRESP };

void
eg_mqtt_session_init(struct eg_mqtt_session *s, const struct eg_mqtt_session_config *config)
{
	*s = (struct eg_mqtt_session){ .cfg = config };
	eg_mqtt_client_init(&s->client, config->broker, false, EXPECTED);
}

int
eg_mqtt_session_work(struct eg_mqtt_session *s, const struct pollfd *fd, struct eg_error *e)
{
	struct eg_mqtt_client *c = &s->client;

	if (c->state == EG_MQTT_AWAY) {
		if (eg_mqtt_client_connect(c, e) != 0)
			return -1;
	} else if (eg_mqtt_session_full(s) && (fd->revents & (POLLHUP | POLLERR)) != 0) {
		eg_mqtt_client_lost(c, "the broker closed the connection");
	}
	if (c->state != EG_MQTT_AWAY && eg_mqtt_session_take(s, e) != 0)
		return -1;
	eg_mqtt_client_flush(c, !eg_mqtt_session_full(s));
	return 0;
}

void
eg_mqtt_session_poll(const struct eg_mqtt_session *s, struct pollfd *fd, int64_t *due)
{
	eg_mqtt_client_poll(&s->client, !eg_mqtt_session_full(s), fd, due);
}

void
eg_mqtt_session_stop(struct eg_mqtt_session *s)
{
	s->client.stopped = true;
}

bool
eg_mqtt_session_idle(const struct eg_mqtt_session *s)
{
	return s->client.state == EG_MQTT_AWAY ||
	    (s->client.io.out.len == 0 && (s->first == NULL || !s->first->settled));
}

int64_t
eg_mqtt_session_away(const struct eg_mqtt_session *s)
{
	return eg_mqtt_client_away(&s->client);
}

void
eg_mqtt_session_free(struct eg_mqtt_session *s)
{
	eg_mqtt_client_free(&s->client);
	while (s->first != NULL) {
		struct eg_mqtt_message *m = s->first;

		s->first = m->next;
		eg_mqtt_message_free(m);
	}
}
