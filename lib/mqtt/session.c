/* SPDX-License-Identifier: MIT */
/* A session at an MQTT broker: its loop, and keep-alive. */
#include "mqtt/session.h"

#include "base/clock.h"
#include "mqtt/session_parts.h"

enum {
	RETRY_BASE_MS = 200,
	RETRY_MAX_MS = 5000,
	ANSWER_MS = 8000, /* time limit for the answers to CONNECT and SUBSCRIBE */
	/* A connection that is lost sooner does not end an outage: two clients with one
	 * identifier push each other out for ever. */
	STEADY_MS = 5000,
	CLOSE_MS = 1000,
};

void
eg_mqtt_session_init(struct eg_mqtt_session *s, const struct eg_mqtt_session_config *config)
{
	*s = (struct eg_mqtt_session){ .cfg = config, .io = { .fd = -1 },
		.trouble.retry = { .base_ms = RETRY_BASE_MS, .max_ms = RETRY_MAX_MS } };
}

static int64_t
keepalive_ms(const struct eg_mqtt_session *s)
{
	return (int64_t)s->cfg->broker->keepalive_s * 1000;
}

/* When check_time has to be called. */
static int64_t
time_due(const struct eg_mqtt_session *s)
{
	int64_t since = s->heard < s->sent ? s->heard : s->sent;

	if (s->state != EG_MQTT_READY)
		return s->opened + ANSWER_MS;
	return s->pinged ? s->heard + keepalive_ms(s) : since + keepalive_ms(s) / 2;
}

/* Keep-alive (3.1.2.10) both ways: a sign of life each half of the time. */
static void
check_time(struct eg_mqtt_session *s, int64_t now)
{
	if (s->state == EG_MQTT_READY && s->trouble.retry.since != 0 && now - s->opened >= STEADY_MS) {
		eg_backoff_log_over(&s->trouble, now, "the broker is back");
		s->reconnects++;
	}
	if (eg_mqtt_session_full(s))
		s->heard = now; /* what it sends is not read */
	if (now < time_due(s))
		return;
	if (s->state != EG_MQTT_READY) {
		eg_mqtt_session_lost(s, "no answer within %d s", ANSWER_MS / 1000);
	} else if (s->pinged) {
		eg_mqtt_session_lost(s, "no sign of life for %d s", (int)s->cfg->broker->keepalive_s);
	} else {
		eg_mqtt_put_empty(&s->io.out, EG_MQTT_PINGREQ);
		s->sent = now;
		s->pinged = !eg_mqtt_session_full(s);
	}
}

int
eg_mqtt_session_work(struct eg_mqtt_session *s, const struct pollfd *fd, struct eg_error *e)
{
	char why[256];

	if (s->state == EG_MQTT_AWAY) {
		if (s->stopped || eg_mono_ms() < s->trouble.retry.due)
			return 0;
		if (eg_mqtt_session_connect(s, e) != 0)
			return -1;
	} else if (eg_mqtt_session_full(s) && (fd->revents & (POLLHUP | POLLERR)) != 0) {
		eg_mqtt_session_lost(s, "the broker closed the connection");
	}
	if (s->state != EG_MQTT_AWAY && eg_mqtt_session_take(s, e) != 0)
		return -1;
	if (s->state != EG_MQTT_AWAY)
		check_time(s, eg_mono_ms());
	if (s->state != EG_MQTT_AWAY && eg_mqtt_connection_write(&s->io, why) != 0)
		eg_mqtt_session_lost(s, "%s", why);
	return 0;
}

void
eg_mqtt_session_poll(const struct eg_mqtt_session *s, struct pollfd *fd, int64_t *due)
{
	bool reading = !eg_mqtt_session_full(s);
	int64_t at = s->trouble.retry.due;

	if (s->state == EG_MQTT_AWAY && s->stopped)
		return;
	if (s->state != EG_MQTT_AWAY) {
		*fd = (struct pollfd){ .fd = s->io.fd, .events = eg_mqtt_connection_events(&s->io, reading) };
		at = reading && !s->io.dry ? 0 : time_due(s);
		if (s->trouble.retry.since != 0 && s->opened + STEADY_MS < at)
			at = s->opened + STEADY_MS;
	}
	if (at < *due)
		*due = at;
}

void
eg_mqtt_session_stop(struct eg_mqtt_session *s)
{
	s->stopped = true;
}

bool
eg_mqtt_session_idle(const struct eg_mqtt_session *s)
{
	return s->state == EG_MQTT_AWAY ||
	    (s->io.out.len == 0 && (s->first == NULL || !s->first->settled));
}

int64_t
eg_mqtt_session_away(const struct eg_mqtt_session *s)
{
	return s->state == EG_MQTT_READY ? 0 : s->trouble.retry.since;
}

void
eg_mqtt_session_free(struct eg_mqtt_session *s)
{
	if (s->state == EG_MQTT_READY) {
		eg_mqtt_put_empty(&s->io.out, EG_MQTT_DISCONNECT);
		eg_mqtt_connection_finish(&s->io, CLOSE_MS);
	}
	eg_mqtt_connection_free(&s->io);
	while (s->first != NULL) {
		struct eg_mqtt_message *m = s->first;

		s->first = m->next;
		eg_mqtt_message_free(m);
	}
}
