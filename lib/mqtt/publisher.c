/* SPDX-License-Identifier: MIT */
/* Publishes to an MQTT broker with QoS 1. After a loss, messages without an acknowledgement are
 * published again, in order. */
#include "mqtt/publisher.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/diag.h"
#include "mqtt/mqtt_options.h"

enum {
	/* The types of packets that a broker may send to a publisher, and to one that subscribes
	 * to a topic, too. */
	EXPECTED = 1 << EG_MQTT_CONNACK | 1 << EG_MQTT_PUBACK | 1 << EG_MQTT_PINGRESP,
	SUBSCRIBED = EXPECTED | 1 << EG_MQTT_SUBACK | 1 << EG_MQTT_PUBLISH,
	/* Most bytes that wait for the socket. */
	OUT_MAX = 64 * 1024,
	EXTRAS_MAX = 1000, /* messages of eg_mqtt_publisher_extra without an acknowledgement */
};

int
eg_mqtt_publisher_open(struct eg_mqtt_publisher *p,
    const struct eg_mqtt_publisher_config *config, struct eg_error *e)
{
	*p = (struct eg_mqtt_publisher){ .cfg = *config };
	eg_mqtt_client_init(&p->client, config->broker, true,
	    config->status != NULL ? SUBSCRIBED : EXPECTED);
	p->item = calloc(config->window, sizeof(*p->item));
	p->acked = calloc(config->window, sizeof(*p->acked));
	return p->item != NULL && p->acked != NULL ? 0 : eg_fail(e, EG_BUG, "out of memory");
}

void
eg_mqtt_publisher_close(struct eg_mqtt_publisher *p)
{
	eg_mqtt_client_free(&p->client);
	free(p->item);
	free(p->acked);
}

/* Whether another message may be put. */
static bool
has_room(const struct eg_mqtt_publisher *p)
{
	return p->client.state == EG_MQTT_READY && p->client.io.out.len < OUT_MAX;
}

bool
eg_mqtt_publisher_ready(const struct eg_mqtt_publisher *p)
{
	return has_room(p) && p->unacked < EXTRAS_MAX && p->sent == p->end &&
	    p->end - p->head < p->cfg.window;
}

static void
put_note(struct eg_mqtt_publisher *p, const struct eg_mqtt_note *note)
{
	eg_mqtt_put_publish(&p->client.io.out, note);
	p->client.sent = eg_mono_ms();
}

/* The identifier of message number k. The window is at most as large as the number of identifiers,
 * so the identifier is free again when k is acknowledged. */
static uint16_t
identifier(uint64_t k)
{
	return (uint16_t)(1 + k % EG_MQTT_WINDOW_MAX);
}

/* Publishes message number p->sent. */
static void
publish_next(struct eg_mqtt_publisher *p)
{
	struct eg_mqtt_note note = { .id = identifier(p->sent), .again = p->sent < p->before };

	p->cfg.render(p->cfg.ctx, p->item[p->sent % p->cfg.window], &note);
	put_note(p, &note);
	p->sent++;
	p->messages++;
}

void
eg_mqtt_publisher_send(struct eg_mqtt_publisher *p, void *item)
{
	p->item[p->end % p->cfg.window] = item;
	p->acked[p->end % p->cfg.window] = false;
	p->end++;
	publish_next(p);
	eg_mqtt_client_expect(&p->client);
}

bool
eg_mqtt_publisher_extra(struct eg_mqtt_publisher *p, struct eg_mqtt_note *note)
{
	if (p->client.state != EG_MQTT_READY || p->unacked >= EXTRAS_MAX)
		return false;
	note->id = (uint16_t)(EG_MQTT_WINDOW_MAX + 1 + p->extras++ % EG_MQTT_WINDOW_MAX);
	p->unacked++;
	put_note(p, note);
	return true;
}

/* Called after a new connection. Publishes again all messages from the first one without an
 * acknowledgement on. This includes messages that were acknowledged after a gap, so that the last
 * of several records with the same key is also the last one to arrive. */
static void
start_over(struct eg_mqtt_publisher *p)
{
	if (p->sent > p->before)
		p->before = p->sent;
	p->repeats += p->sent - p->head;
	for (uint64_t k = p->head; k < p->sent; k++)
		p->acked[k % p->cfg.window] = false;
	p->sent = p->head;
	p->unacked = 0;
}

static int
logged_in(struct eg_mqtt_publisher *p, const char *body, size_t len, struct eg_error *e)
{
	struct eg_mqtt_client *c = &p->client;
	const struct eg_mqtt_url *u = &c->broker->url[c->url];
	int rc = eg_mqtt_client_logged_in(c, (const unsigned char *)body, len, e);

	if (rc <= 0)
		return rc;
	c->state = EG_MQTT_READY;
	eg_info("connected to broker %s:%s", u->host, u->port);
	start_over(p);
	if (p->cfg.status != NULL)
		eg_mqtt_put_subscribe(&c->io.out, EG_MQTT_TEXT_MAX, &p->cfg.status, 1);
	p->cfg.connected(p->cfg.ctx);
	return 0;
}

static void
take_puback(struct eg_mqtt_publisher *p, const char *body, size_t len)
{
	uint16_t id = eg_mqtt_puback_parse(body, len);
	uint64_t k;

	if (id > EG_MQTT_WINDOW_MAX && p->unacked > 0) {
		p->unacked--;
		return;
	}
	k = p->head + (id + EG_MQTT_WINDOW_MAX - (uint64_t)identifier(p->head)) % EG_MQTT_WINDOW_MAX;
	if (id == 0 || id > EG_MQTT_WINDOW_MAX || k >= p->sent) {
		eg_mqtt_client_lost(&p->client, "it acknowledges a message that was not sent");
		return;
	}
	p->acked[k % p->cfg.window] = true;
	while (p->head < p->sent && p->acked[p->head % p->cfg.window]) {
		p->head++;
		p->cfg.confirmed(p->cfg.ctx, p->item[(p->head - 1) % p->cfg.window]);
	}
	eg_mqtt_client_answered(&p->client, p->head < p->end);
}

static void
take_message(struct eg_mqtt_publisher *p, unsigned flags, const char *body, size_t len)
{
	struct eg_mqtt_publish m;
	const char *why = eg_mqtt_publish_parse(flags, body, len, &m);

	if (why != NULL) {
		eg_mqtt_client_lost(&p->client, "it sends %s", why);
		return;
	}
	if (m.qos == 1)
		eg_mqtt_put_puback(&p->client.io.out, m.id);
	p->cfg.noticed(p->cfg.ctx, body + m.at, len - m.at);
}

static int
take_packet(struct eg_mqtt_publisher *p, const struct eg_mqtt_head *h, const char *body,
    size_t len, struct eg_error *e)
{
	if (h->type == EG_MQTT_CONNACK)
		return logged_in(p, body, len, e);
	if (h->type == EG_MQTT_PUBACK)
		take_puback(p, body, len);
	else if (h->type == EG_MQTT_PUBLISH)
		take_message(p, h->flags, body, len);
	else if (h->type == EG_MQTT_SUBACK && len == 3 && (unsigned char)body[2] > 2)
		eg_warn("the broker refuses the topic '%s'", p->cfg.status);
	return 0;
}

/* Handles the packets that have arrived. */
static int
take_packets(struct eg_mqtt_publisher *p, struct eg_error *e)
{
	enum { READS = 16 }; /* most reads in a row, so that other work gets its turn */
	struct eg_mqtt_head h;
	const char *body;
	size_t len;

	for (int i = 0; i < READS; i++) {
		while (p->client.state != EG_MQTT_AWAY &&
		    eg_mqtt_client_packet(&p->client, EG_MQTT_PUBLISH_HEAD_MAX, &h, &body, &len) == 1)
			if (take_packet(p, &h, body, len, e) != 0)
				return -1;
		if (p->client.state == EG_MQTT_AWAY || !eg_mqtt_client_read(&p->client))
			return 0;
	}
	return 0;
}

int
eg_mqtt_publisher_work(struct eg_mqtt_publisher *p, struct eg_error *e)
{
	if (p->client.state == EG_MQTT_AWAY && eg_mqtt_client_connect(&p->client, e) != 0)
		return -1;
	if (p->client.state != EG_MQTT_AWAY && take_packets(p, e) != 0)
		return -1;
	while (p->sent < p->end && has_room(p))
		publish_next(p);
	eg_mqtt_publisher_flush(p);
	return 0;
}

void
eg_mqtt_publisher_flush(struct eg_mqtt_publisher *p)
{
	eg_mqtt_client_flush(&p->client, true);
}
