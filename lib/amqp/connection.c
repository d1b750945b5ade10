/* SPDX-License-Identifier: MIT */
/* A connection to RabbitMQ with one channel, which reconnects after a loss. */
#include "amqp/connection.h"

#if __has_include(<rabbitmq-c/tcp_socket.h>)
#include <rabbitmq-c/tcp_socket.h>
#else
#include <amqp_tcp_socket.h>
#endif
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "amqp/connection_tls.h"
#include "base/clock.h"
#include "base/diag.h"

enum {
	CONNECT_S = 5,
	RPC_S = 10,
	CLOSE_MS = 2000,
	FRAME_MAX = 131072,
	RETRY_BASE_MS = 200,
	/* The longest pause, so that a broker that is back is used within two seconds. */
	RETRY_MAX_MS = 1500,
	/* If a connection is lost sooner than this and has carried no confirm and no delivery,
	 * the outage goes on: a broker may accept each login and close the connection at the
	 * first message. */
	STEADY_MS = 5000,
	/* An address that gave no answer is skipped for this long while others answer, since
	 * trying it again costs CONNECT_S. */
	AVOID_MS = 15 * 1000,
	/* Added to the deadline for a dead peer, so that it has passed when the library checks
	 * it. */
	SLACK_MS = 5,
};

void
eg_connection_init(struct eg_connection *l, const struct eg_amqp_options *broker)
{
	*l = (struct eg_connection){ .broker = broker };
	l->retry.base_ms = RETRY_BASE_MS;
	l->retry.max_ms = RETRY_MAX_MS;
}

static void
drop(struct eg_connection *l)
{
	if (l->conn != NULL)
		amqp_destroy_connection(l->conn);
	l->conn = NULL;
	l->blocked = l->warned = l->corked = false;
	l->pending_since = 0;
	l->probe = EG_PROBE_UNBIND;
	l->probe_channel = EG_CHANNEL_CLOSED;
}

static void
next_address(struct eg_connection *l, enum eg_connection_end end)
{
	size_t n = l->broker->urls, next = (l->at + 1) % n;
	int64_t now = eg_mono_ms();

	if (end == EG_END_SILENT)
		l->silence[l->at] = now;
	while (end == EG_END_REFUSED && next != l->at && l->silence[next] != 0 &&
	    now - l->silence[next] < AVOID_MS)
		next = (next + 1) % n;
	l->at = next;
	l->end = EG_END_OTHER;
}

void
eg_connection_lost(struct eg_connection *l, const char *fmt, ...)
{
	const struct eg_url *u = &l->broker->url[l->at];
	char why[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	if (l->opened != 0 && (l->pending_since != 0 || eg_mono_ms() - l->opened < STEADY_MS))
		l->retry = l->before;
	l->opened = 0;
	drop(l);
	/* eg_backoff_log does not fit: a connection that is lost soon does not end the outage
	 * (see STEADY_MS), and "is back" is printed only after the connection has carried
	 * something. */
	if (eg_backoff_failed(&l->retry, eg_mono_ms(), 0))
		eg_warn("broker %s:%d: %s; %s", u->host, u->port, why,
		    l->broker->urls == 1 ? "waiting for it" : "trying the next address");
	else
		eg_info("broker %s:%d: %s", u->host, u->port, why);
	next_address(l, l->end);
	/* Another node may be up, so there is no pause until all addresses were tried. */
	if (l->retry.failures < l->broker->urls)
		l->retry.due = 0;
}

static int
open_socket(struct eg_connection *l, char text[256], struct eg_error *e)
{
	const struct eg_url *u = &l->broker->url[l->at];
	struct timeval limit = { .tv_sec = CONNECT_S };
	struct timeval rpc = { .tv_sec = RPC_S };
	amqp_socket_t *s;
	int rc, reason;

	l->conn = amqp_new_connection();
	if (l->conn == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	s = u->tls ? eg_connection_tls_socket(l, e) : amqp_tcp_socket_new(l->conn);
	if (s == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	amqp_set_handshake_timeout(l->conn, &limit);
	amqp_set_rpc_timeout(l->conn, &rpc);
	rc = amqp_socket_open_noblock(s, u->host, u->port, &limit);
	if (rc == AMQP_STATUS_OK)
		return 0;
	if (rc == AMQP_STATUS_TIMEOUT)
		l->end = EG_END_SILENT;
	/* The library does not return the reason, and errno is not set for a refused connection. */
	reason = errno == EINPROGRESS ? ECONNREFUSED : errno;
	if (rc == AMQP_STATUS_SOCKET_ERROR && reason != 0)
		snprintf(text, 256, "cannot connect: %s", strerror(reason));
	else
		snprintf(text, 256, "cannot connect: %s", amqp_error_string2(rc));
	if (eg_connection_tls_trouble(l, rc, text))
		return eg_fail(e, EG_CONFIG, "broker %s:%d: %s", u->host, u->port, text);
	return -1;
}

static amqp_table_entry_t
yes(const char *key)
{
	amqp_table_entry_t t;

	t.key = amqp_cstring_bytes(key);
	t.value.kind = AMQP_FIELD_KIND_BOOLEAN;
	t.value.value.boolean = 1;
	return t;
}

/* Sends this client's capabilities. Without them the broker sends neither connection.blocked nor a
 * cancel for a deleted queue. */
static int
login(struct eg_connection *l, char text[256], struct eg_error *e)
{
	const struct eg_url *u = &l->broker->url[l->at];
	amqp_table_entry_t can[] = { yes("connection.blocked"), yes("consumer_cancel_notify"),
		yes("basic.nack"), yes("publisher_confirms") };
	amqp_table_entry_t props[2];
	amqp_table_t table = { 2, props };
	amqp_rpc_reply_t reply;

	props[0].key = amqp_cstring_bytes("capabilities");
	props[0].value.kind = AMQP_FIELD_KIND_TABLE;
	props[0].value.value.table = (amqp_table_t){ sizeof(can) / sizeof(can[0]), can };
	props[1].key = amqp_cstring_bytes("connection_name");
	props[1].value.kind = AMQP_FIELD_KIND_UTF8;
	props[1].value.value.bytes = amqp_cstring_bytes(eg_program());
	reply = amqp_login_with_properties(l->conn, u->vhost, 0, FRAME_MAX,
	    l->broker->heartbeat_s, &table, AMQP_SASL_METHOD_PLAIN, u->user, u->password);
	if (eg_connection_check(l, reply, text, e) != 0) {
		/* With TLS 1.3, the server checks our certificate only after the handshake, so
		 * its refusal arrives now. */
		if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION &&
		    eg_connection_tls_trouble(l, reply.library_error, text))
			eg_fail(e, EG_CONFIG, "broker %s:%d: %s", u->host, u->port, text);
		return -1;
	}
	amqp_channel_open(l->conn, EG_CHANNEL);
	return eg_connection_check(l, amqp_get_rpc_reply(l->conn), text, e);
}

/* Limits the time of a send. A peer that accepts nothing for two heartbeats is gone; without a
 * limit a send can block in the library for ever (rabbitmq-c issues 780 and 788). */
static void
limit_sends(struct eg_connection *l)
{
	unsigned ms;

	l->heartbeat_ms = (int64_t)amqp_get_heartbeat(l->conn) * 1000;
	ms = (unsigned)(2 * l->heartbeat_ms);
	if (ms > 0)
		setsockopt(amqp_get_sockfd(l->conn), IPPROTO_TCP, TCP_USER_TIMEOUT, &ms,
		    sizeof(ms));
	l->heard = eg_mono_ms();
}

int
eg_connection_open(struct eg_connection *l, int (*setup)(void *ctx, struct eg_error *e), void *ctx,
    struct eg_error *e)
{
	const struct eg_url *u = &l->broker->url[l->at];
	char text[256] = "cannot connect";
	int64_t now = eg_mono_ms();

	if (now < l->retry.due)
		return 0;
	errno = 0;
	if (open_socket(l, text, e) != 0 || login(l, text, e) != 0) {
		if (e->status == EG_OK)
			eg_connection_lost(l, "%s", text);
		else
			drop(l);
		return e->status == EG_OK ? 0 : -1;
	}
	limit_sends(l);
	if (setup(ctx, e) != 0) {
		if (e->status != EG_OK)
			drop(l);
		return e->status == EG_OK ? 0 : -1;
	}
	l->before = l->retry;
	l->opened = l->answered = eg_mono_ms();
	l->away_ms = eg_backoff_ok(&l->retry, l->opened);
	l->reconnects += l->away_ms >= 0;
	if (l->pending_since == 0)
		l->denied = 0;
	else
		l->late = true;
	if (l->away_ms < 0)
		eg_info("connected to broker %s:%d, vhost '%s'", u->host, u->port, u->vhost);
	else if (!l->late)
		eg_connection_back(l);
	return 1;
}

static int
closed_by_server(struct eg_connection *l, const amqp_frame_t *f, struct eg_error *e)
{
	amqp_rpc_reply_t reply = { .reply_type = AMQP_RESPONSE_SERVER_EXCEPTION };
	char text[256];

	reply.reply = f->payload.method;
	eg_connection_check(l, reply, text, e);
	if (e->status == EG_OK)
		eg_connection_lost(l, "%s", text);
	else
		drop(l);
	return -1;
}

/* Closes a connection whose answer is late. The time without an answer is part of the outage. */
static int
leave_silent(struct eg_connection *l)
{
	int64_t pending_since = l->pending_since;

	l->end = EG_END_SILENT;
	eg_connection_lost(l, "connected, but no answer for %.0f s",
	    (double)(eg_mono_ms() - pending_since) / 1000);
	if (l->retry.failures == 1)
		l->retry.since = pending_since;
	return -1;
}

int
eg_connection_next(struct eg_connection *l, amqp_frame_t *f, struct eg_error *e)
{
	struct timeval none = { 0, 0 };
	int rc;

	for (;;) {
		rc = amqp_simple_wait_frame_noblock(l->conn, f, &none);
		if (rc == AMQP_STATUS_TIMEOUT) {
			eg_connection_probe(l, eg_mono_ms());
			return eg_connection_silent(l) ? leave_silent(l) : 0;
		}
		if (rc != AMQP_STATUS_OK) {
			if (rc == AMQP_STATUS_HEARTBEAT_TIMEOUT)
				l->end = EG_END_SILENT;
			eg_connection_lost(l, "%s", amqp_error_string2(rc));
			return -1;
		}
		if (eg_connection_take_answer(l, f))
			continue;
		if (f->channel != 0 && f->channel != EG_CHANNEL_DEPTH)
			eg_connection_progress(l);
		if (f->frame_type != AMQP_FRAME_METHOD)
			return 1;
		switch (f->payload.method.id) {
		case AMQP_CONNECTION_BLOCKED_METHOD:
			l->blocked = true;
			eg_warn("the broker blocks publishers (an alarm): waiting");
			break;
		case AMQP_CONNECTION_UNBLOCKED_METHOD:
			l->blocked = false;
			eg_connection_progress(l);
			eg_warn("the broker accepts messages again");
			break;
		case AMQP_CHANNEL_CLOSE_METHOD:
			if (f->channel != EG_CHANNEL)
				return 1;
			/* fall through */
		case AMQP_CONNECTION_CLOSE_METHOD:
			return closed_by_server(l, f, e);
		case AMQP_BASIC_CONSUME_OK_METHOD:
			l->pending_since = 0;
			/* fall through */
		case AMQP_BASIC_ACK_METHOD:
		case AMQP_BASIC_DELIVER_METHOD:
			eg_connection_proved(l);
			return 1;
		default:
			return 1;
		}
	}
}

void
eg_connection_release(struct eg_connection *l)
{
	if (l->conn != NULL)
		amqp_maybe_release_buffers(l->conn);
}

void
eg_connection_poll(const struct eg_connection *l, struct pollfd *p, short more, int64_t *due)
{
	int64_t mine = l->retry.due;

	*p = (struct pollfd){ .fd = -1 };
	if (l->conn != NULL) {
		int64_t beat = eg_mono_ms() + l->heartbeat_ms / 2;

		p->fd = amqp_get_sockfd(l->conn);
		p->events = (short)(POLLIN | more);
		mine = l->heard + 2 * l->heartbeat_ms + SLACK_MS;
		if (mine > beat || mine < beat - l->heartbeat_ms / 2)
			mine = beat;
		if (l->heartbeat_ms == 0)
			mine = INT64_MAX;
		if (eg_connection_silence_due(l) < mine)
			mine = eg_connection_silence_due(l);
		if (eg_connection_probe_due(l) < mine)
			mine = eg_connection_probe_due(l);
	}
	if (mine < *due)
		*due = mine;
}

void
eg_connection_polled(struct eg_connection *l, const struct pollfd *p)
{
	if (l->conn != NULL && (p->revents & POLLIN) != 0)
		l->heard = eg_mono_ms();
}

void
eg_connection_cork(struct eg_connection *l, bool on)
{
	int value = on;

	if (l->corked == on)
		return;
	l->corked = on;
	setsockopt(amqp_get_sockfd(l->conn), IPPROTO_TCP, TCP_CORK, &value, sizeof(value));
}

/* amqp_connection_close would keep in memory all deliveries that arrive before the reply, so it
 * is not used. The limit is rounded up to seconds: a librabbitmq of 32 bits can have a time_t of
 * 32 bits, and reads the seconds of ours alone. */
void
eg_connection_close(struct eg_connection *l)
{
	amqp_connection_close_t m = { .reply_code = AMQP_REPLY_SUCCESS };
	int64_t end = eg_mono_ms() + CLOSE_MS, left;
	amqp_frame_t f = { 0 };
	int rc;

	if (l->conn == NULL)
		return;
	rc = amqp_send_method(l->conn, 0, AMQP_CONNECTION_CLOSE_METHOD, &m);
	while (rc == AMQP_STATUS_OK && (left = end - eg_mono_ms()) > 0) {
		struct timeval limit = { .tv_sec = (time_t)((left + 999) / 1000) };

		amqp_maybe_release_buffers(l->conn);
		rc = amqp_simple_wait_frame_noblock(l->conn, &f, &limit);
		if (rc == AMQP_STATUS_OK && f.channel == 0 && f.frame_type == AMQP_FRAME_METHOD &&
		    f.payload.method.id == AMQP_CONNECTION_CLOSE_OK_METHOD)
			break;
	}
	drop(l);
}

void
eg_connection_beat(struct eg_connection *l)
{
	amqp_frame_t beat = { .frame_type = AMQP_FRAME_HEARTBEAT };

	if (l->conn == NULL || l->heartbeat_ms == 0 || eg_mono_ms() - l->beat < l->heartbeat_ms / 2)
		return;
	l->beat = eg_mono_ms();
	amqp_send_frame(l->conn, &beat);
}

void
eg_connection_leave(struct eg_connection *l)
{
	eg_connection_close(l);
	next_address(l, EG_END_REFUSED);
}
