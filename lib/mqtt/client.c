/* SPDX-License-Identifier: MIT */
/* A client at an MQTT broker: how a connection begins and ends, and keep-alive. */
#include "mqtt/client.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/diag.h"
#include "mqtt/mqtt_options.h"

enum {
	RETRY_BASE_MS = 200,
	RETRY_MAX_MS = 5000,
	/* Time limit for the answers to CONNECT and SUBSCRIBE, and for acknowledgements. The latter is
	 * doubled, DOUBLINGS times at most, whenever all addresses have failed: all may be slow. */
	ANSWER_MS = 8000,
	DOUBLINGS = 3,
	/* A connection that is lost sooner belongs to the same outage: two clients with one
	 * identifier disconnect each other for ever. */
	STEADY_MS = 5000,
	CLOSE_MS = 1000,
};

void
eg_mqtt_client_init(struct eg_mqtt_client *c, const struct eg_mqtt_options *broker, bool clean,
    unsigned expected)
{
	*c = (struct eg_mqtt_client){ .broker = broker, .io = { .fd = -1 }, .clean = clean,
		.expected = expected, .begun = eg_mono_ms(),
		.trouble.retry = { .base_ms = RETRY_BASE_MS, .max_ms = RETRY_MAX_MS } };
}

void
eg_mqtt_client_lost(struct eg_mqtt_client *c, const char *fmt, ...)
{
	const struct eg_mqtt_url *u = &c->broker->url[c->url];
	bool ready = c->state == EG_MQTT_READY;
	char why[300], text[700];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	snprintf(text, sizeof(text), "broker %s:%s: %s", u->host, u->port, why);
	eg_mqtt_connection_close(&c->io);
	c->state = EG_MQTT_AWAY;
	c->skip = 0;
	if (c->stopped)
		return;
	eg_backoff_log_failed(&c->trouble, 1, eg_mono_ms(), 0, text);
	/* The wait for a connection, or for an answer to CONNECT, is part of the outage. */
	if (c->trouble.retry.failures == 1 && !ready)
		c->trouble.retry.since = c->tried;
	c->url = (c->url + 1) % c->broker->urls;
	/* Another broker may be up, so there is no pause until all have been tried. */
	if (c->trouble.retry.failures < c->broker->urls)
		c->trouble.retry.due = 0;
}

int
eg_mqtt_client_connect(struct eg_mqtt_client *c, struct eg_error *e)
{
	const struct eg_mqtt_options *o = c->broker;
	const struct eg_mqtt_url *u = &o->url[c->url];
	const struct eg_mqtt_login login = { .client_id = o->client_id, .user = u->user,
		.password = u->password, .keepalive_s = o->keepalive_s, .clean = c->clean };
	char why[256];

	if (c->stopped || eg_mono_ms() < c->trouble.retry.due)
		return 0;
	c->tried = eg_mono_ms();
	if (eg_mqtt_connection_open(&c->io, u, o, why, e) != 0) {
		if (e->status != EG_OK)
			return -1;
		eg_mqtt_client_lost(c, "%s", why);
		return 0;
	}
	c->number++;
	c->state = EG_MQTT_LOGGING_IN;
	c->opened = c->heard = c->sent = eg_mono_ms();
	c->pinged = false;
	eg_mqtt_put_connect(&c->io.out, &login);
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
eg_mqtt_client_logged_in(struct eg_mqtt_client *c, const unsigned char *body, size_t len,
    struct eg_error *e)
{
	const struct eg_mqtt_url *u = &c->broker->url[c->url];

	if (c->state != EG_MQTT_LOGGING_IN || len != 2) {
		eg_mqtt_client_lost(c, "it sends a CONNACK that is not valid");
		return 0;
	}
	if (body[1] == 3) {
		eg_mqtt_client_lost(c, "it is not available at this time");
		return 0;
	}
	if (body[1] == 0)
		return 1;
	return eg_fail(e, EG_CONFIG, "broker %s:%s: %s", u->host, u->port, refusal_text(body[1]));
}

/* Whether the broker may send a packet that begins with h now. If not, the connection is
 * closed. */
static bool
check_expected(struct eg_mqtt_client *c, const struct eg_mqtt_head *h)
{
	if (c->state == EG_MQTT_LOGGING_IN && h->type != EG_MQTT_CONNACK)
		eg_mqtt_client_lost(c, "its first packet is no CONNACK: this may be no MQTT broker");
	else if ((c->expected & 1u << h->type) == 0)
		eg_mqtt_client_lost(c, "it sends a packet of type %u, which was not asked for", h->type);
	else if (h->type != EG_MQTT_PUBLISH && h->body_len > EG_MQTT_TEXT_MAX)
		eg_mqtt_client_lost(c, "it sends an answer that is too long");
	else
		return true;
	return false;
}

static void
drop_skipped(struct eg_mqtt_client *c)
{
	size_t there = c->io.len - c->io.at, n = c->skip < there ? c->skip : there;

	c->io.at += n;
	c->skip -= n;
}

int
eg_mqtt_client_packet(struct eg_mqtt_client *c, size_t limit, struct eg_mqtt_head *h,
    const char **body, size_t *len)
{
	size_t there;
	int whole;

	drop_skipped(c);
	there = c->io.len - c->io.at;
	if (there == 0)
		return 0; /* there may be no buffer yet */
	*body = c->io.in + c->io.at;
	whole = eg_mqtt_head_parse(*body, there, h);
	if (whole < 0)
		eg_mqtt_client_lost(c, "it sends something that is not MQTT");
	if (whole <= 0 || !check_expected(c, h))
		return 0;
	*len = h->body_len > limit ? EG_MQTT_PUBLISH_HEAD_MAX : h->body_len;
	if (there - h->head_len < *len)
		return 0;
	*body += h->head_len;
	c->io.at += h->head_len + *len;
	c->skip = h->body_len - *len;
	return 1;
}

bool
eg_mqtt_client_read(struct eg_mqtt_client *c)
{
	size_t before = c->io.len - c->io.at;
	char why[256];

	if (eg_mqtt_connection_read(&c->io, why) != 0) {
		eg_mqtt_client_lost(c, "%s", why);
		return false;
	}
	if (c->io.len > before) {
		c->heard = eg_mono_ms();
		c->pinged = 0;
	}
	return !c->io.dry;
}

static int64_t
keepalive_ms(const struct eg_mqtt_client *c)
{
	return (int64_t)c->broker->keepalive_s * 1000;
}

/* The time limit for an acknowledgement; 0: none. Without another address, waiting is best. */
static int64_t
answer_ms(const struct eg_mqtt_client *c)
{
	size_t rounds = c->trouble.retry.failures / c->broker->urls;

	if (c->broker->urls == 1 || c->pending == 0)
		return 0;
	return (int64_t)ANSWER_MS << (rounds < DOUBLINGS ? rounds : DOUBLINGS);
}

/* When an acknowledgement is too late; INT64_MAX: never. */
static int64_t
answer_due(const struct eg_mqtt_client *c)
{
	int64_t limit = answer_ms(c);

	return limit == 0 ? INT64_MAX : (c->pending > c->opened ? c->pending : c->opened) + limit;
}

/* When the connection ends an outage; INT64_MAX: there is none, or an acknowledgement must come
 * first. */
static int64_t
steady_due(const struct eg_mqtt_client *c)
{
	bool proved = c->pending == 0 || c->answered > c->opened;

	return c->trouble.retry.since != 0 && proved ? c->opened + STEADY_MS : INT64_MAX;
}

/* The time at which check_time has to be called. */
static int64_t
time_due(const struct eg_mqtt_client *c)
{
	int64_t since = c->heard < c->sent ? c->heard : c->sent;
	int64_t half = keepalive_ms(c) / 2, due = since + half;

	if (c->state != EG_MQTT_READY)
		return c->opened + ANSWER_MS;
	/* A program that was stopped asks late. */
	if (c->pinged != 0)
		due = (c->heard + half > c->pinged ? c->heard + half : c->pinged) + half;
	return due < answer_due(c) ? due : answer_due(c);
}

/* Keep-alive (3.1.2.10): sends PINGREQ after half of the interval without packets in one direction,
 * and ends the connection after an interval without an answer. */
static void
check_time(struct eg_mqtt_client *c, bool reading, int64_t now)
{
	if (c->state == EG_MQTT_READY && now >= steady_due(c)) {
		eg_backoff_log_over(&c->trouble, now, "the broker is back");
		c->reconnects++;
	}
	if (!reading)
		c->heard = now; /* its packets are not read at present */
	if (now < time_due(c))
		return;
	if (c->state != EG_MQTT_READY) {
		eg_mqtt_client_lost(c, "no answer within %d s", ANSWER_MS / 1000);
	} else if (now >= answer_due(c)) {
		eg_mqtt_client_lost(c, "it has acknowledged nothing for %d s", (int)(answer_ms(c) / 1000));
	} else if (c->pinged != 0) {
		eg_mqtt_client_lost(c, "no sign of life for %d s", (int)c->broker->keepalive_s);
	} else {
		eg_mqtt_put_empty(&c->io.out, EG_MQTT_PINGREQ);
		c->sent = now;
		c->pinged = reading ? now : 0;
	}
}

void
eg_mqtt_client_expect(struct eg_mqtt_client *c)
{
	if (c->pending == 0)
		c->pending = eg_mono_ms();
}

void
eg_mqtt_client_answered(struct eg_mqtt_client *c, bool more)
{
	c->answered = eg_mono_ms();
	c->pending = more ? c->answered : 0;
}

void
eg_mqtt_client_flush(struct eg_mqtt_client *c, bool reading)
{
	char why[256];

	if (c->state != EG_MQTT_AWAY)
		check_time(c, reading, eg_mono_ms());
	if (c->state != EG_MQTT_AWAY && eg_mqtt_connection_write(&c->io, why) != 0)
		eg_mqtt_client_lost(c, "%s", why);
}

void
eg_mqtt_client_poll(const struct eg_mqtt_client *c, bool reading, struct pollfd *fd, int64_t *due)
{
	int64_t at = c->trouble.retry.due;

	if (c->state == EG_MQTT_AWAY && c->stopped)
		return;
	if (c->state != EG_MQTT_AWAY) {
		*fd = (struct pollfd){ .fd = c->io.fd,
		    .events = eg_mqtt_connection_events(&c->io, reading) };
		at = reading && !c->io.dry ? 0 : time_due(c);
		if (steady_due(c) < at)
			at = steady_due(c);
	}
	if (at < *due)
		*due = at;
}

int64_t
eg_mqtt_client_away(const struct eg_mqtt_client *c)
{
	int64_t since = c->trouble.retry.since;

	if (c->state == EG_MQTT_READY)
		since = c->pending;
	else if (since == 0 && !c->stopped)
		since = c->begun;
	return c->pending != 0 && c->pending < since ? c->pending : since;
}

void
eg_mqtt_client_free(struct eg_mqtt_client *c)
{
	/* Messages of the session, and so acknowledgements, may come before the answer to SUBSCRIBE. */
	if (c->state == EG_MQTT_SUBSCRIBING || c->state == EG_MQTT_READY) {
		eg_mqtt_put_empty(&c->io.out, EG_MQTT_DISCONNECT);
		eg_mqtt_connection_finish(&c->io, CLOSE_MS);
	}
	eg_mqtt_connection_free(&c->io);
}
