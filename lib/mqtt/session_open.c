/* SPDX-License-Identifier: MIT */
/* A session at an MQTT broker: the answers to CONNECT and SUBSCRIBE. */
#include "base/diag.h"
#include "mqtt/mqtt_options.h"
#include "mqtt/session_parts.h"

enum { SUBSCRIBE_ID = 1 }; /* the only packet identifier in use: at most one SUBSCRIBE is pending */

int
eg_mqtt_session_logged_in(struct eg_mqtt_session *s, const unsigned char *body, size_t len,
    struct eg_error *e)
{
	int rc = eg_mqtt_client_logged_in(&s->client, body, len, e);

	if (rc <= 0)
		return rc;
	if ((body[0] & 1) == 0)
		s->session++;
	s->client.state = EG_MQTT_SUBSCRIBING;
	eg_mqtt_put_subscribe(&s->client.io.out, SUBSCRIBE_ID, s->cfg->filters, s->cfg->n_filters);
	return 0;
}

int
eg_mqtt_session_subscribed(struct eg_mqtt_session *s, const unsigned char *body, size_t len,
    struct eg_error *e)
{
	const struct eg_mqtt_session_config *cfg = s->cfg;
	const struct eg_mqtt_url *u = &cfg->broker->url[s->client.url];

	if (s->client.state != EG_MQTT_SUBSCRIBING || len != 2 + cfg->n_filters || body[0] != 0 ||
	    body[1] != SUBSCRIBE_ID) {
		eg_mqtt_client_lost(&s->client, "it sends a SUBACK that is not valid");
		return 0;
	}
	for (size_t i = 0; i < cfg->n_filters; i++) {
		if (body[2 + i] > 2)
			return eg_fail(e, EG_CONFIG, "the broker refuses the topic '%s'", cfg->filters[i]);
		if (body[2 + i] == 0)
			eg_warn("the broker sends '%s' with QoS 0: messages can be lost", cfg->filters[i]);
	}
	s->client.state = EG_MQTT_READY;
	eg_info("subscribed at broker %s:%s", u->host, u->port);
	return 0;
}
