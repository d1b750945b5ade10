/* SPDX-License-Identifier: MIT */
/* A session at an MQTT broker: how a connection begins and ends. */
#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/diag.h"
#include "mqtt/session_parts.h"

enum { SUBSCRIBE_ID = 1 }; /* the only packet identifier of ours: one is pending at most */

void
eg_mqtt_session_lost(struct eg_mqtt_session *s, const char *fmt, ...)
{
	const struct eg_mqtt_url *u = &s->cfg->broker->url[s->url];
	char why[300], text[700];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	snprintf(text, sizeof(text), "broker %s:%s: %s", u->host, u->port, why);
	eg_mqtt_connection_close(&s->io);
	s->state = EG_MQTT_AWAY;
	s->skip = 0;
	if (s->stopped)
		return;
	eg_backoff_log_failed(&s->trouble, 1, eg_mono_ms(), 0, text);
	s->url = (s->url + 1) % s->cfg->broker->urls;
	/* Another broker may be up, so there is no pause until all have been tried. */
	if (s->trouble.retry.failures < s->cfg->broker->urls)
		s->trouble.retry.due = 0;
}

int
eg_mqtt_session_connect(struct eg_mqtt_session *s, struct eg_error *e)
{
	const struct eg_mqtt_options *o = s->cfg->broker;
	const struct eg_mqtt_url *u = &o->url[s->url];
	const struct eg_mqtt_login login = { .client_id = o->client_id, .user = u->user,
		.password = u->password, .keepalive_s = o->keepalive_s };
	char why[256];

	if (eg_mqtt_connection_open(&s->io, u, o, why, e) != 0) {
		if (e->status != EG_OK)
			return -1;
		eg_mqtt_session_lost(s, "%s", why);
		return 0;
	}
	s->number++;
	s->state = EG_MQTT_LOGGING_IN;
	s->opened = s->heard = s->sent = eg_mono_ms();
	s->pinged = false;
	eg_mqtt_put_connect(&s->io.out, &login);
	return 0;
}

/* Section 3.2.2.3. */
static const char *
refusal_text(unsigned code)
{
	switch (code) {
	case 1: return "it does not speak MQTT 3.1.1";
	case 2: return "it refuses the name of --client-id";
	case 4: return "the user or the password is wrong";
	case 5: return "this user may not connect";
	default: return "it answers CONNECT with a code that does not exist";
	}
}

int
eg_mqtt_session_logged_in(struct eg_mqtt_session *s, const unsigned char *body, size_t len,
    struct eg_error *e)
{
	const struct eg_mqtt_url *u = &s->cfg->broker->url[s->url];

	if (s->state != EG_MQTT_LOGGING_IN || len != 2) {
		eg_mqtt_session_lost(s, "it sends a CONNACK that is not valid");
		return 0;
	}
	if (body[1] == 3) {
		eg_mqtt_session_lost(s, "it is not available at this time");
		return 0;
	}
	if (body[1] != 0)
		return eg_fail(e, EG_CONFIG, "broker %s:%s: %s", u->host, u->port, refusal_text(body[1]));
	if ((body[0] & 1) == 0)
		s->session++;
	s->state = EG_MQTT_SUBSCRIBING;
	eg_mqtt_put_subscribe(&s->io.out, SUBSCRIBE_ID, s->cfg->filters, s->cfg->n_filters);
	return 0;
}

int
eg_mqtt_session_subscribed(struct eg_mqtt_session *s, const unsigned char *body, size_t len,
    struct eg_error *e)
{
	const struct eg_mqtt_session_config *cfg = s->cfg;

	if (s->state != EG_MQTT_SUBSCRIBING || len != 2 + cfg->n_filters || body[0] != 0 ||
	    body[1] != SUBSCRIBE_ID) {
		eg_mqtt_session_lost(s, "it sends a SUBACK that is not valid");
		return 0;
	}
	for (size_t i = 0; i < cfg->n_filters; i++) {
		if (body[2 + i] > 2)
			return eg_fail(e, EG_CONFIG, "the broker refuses the topic '%s'", cfg->filters[i]);
		if (body[2 + i] == 0)
			eg_warn("the broker sends '%s' with QoS 0: messages can be lost", cfg->filters[i]);
	}
	s->state = EG_MQTT_READY;
	eg_info("subscribed at broker %s:%s", cfg->broker->url[s->url].host,
	    cfg->broker->url[s->url].port);
	return 0;
}
