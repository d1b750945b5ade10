/* SPDX-License-Identifier: MIT */
/* What the bare loops over rabbitmq-c share: they end at the first failure. */
#ifndef BARE_AMQP_H
#define BARE_AMQP_H

#if __has_include(<rabbitmq-c/amqp.h>)
#include <rabbitmq-c/amqp.h>
#include <rabbitmq-c/tcp_socket.h>
#else
#include <amqp.h>
#include <amqp_tcp_socket.h>
#endif
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void
die(const char *what)
{
	fprintf(stderr, "bare loop: %s\n", what);
	exit(1);
}

static void
check(amqp_connection_state_t c, const char *what)
{
	if (amqp_get_rpc_reply(c).reply_type != AMQP_RESPONSE_NORMAL)
		die(what);
}

/* Connects to the broker of AMQP_URL and opens channel 1. heartbeat: in seconds; 0: none. */
static amqp_connection_state_t
open_channel(int heartbeat)
{
	struct amqp_connection_info info;
	const char *env = getenv("AMQP_URL");
	char *url = strdup(env != NULL ? env : "amqp://127.0.0.1");
	amqp_connection_state_t c = amqp_new_connection();
	amqp_socket_t *s = amqp_tcp_socket_new(c);

	if (url == NULL || amqp_parse_url(url, &info) != AMQP_STATUS_OK)
		die("AMQP_URL is no address");
	if (s == NULL || amqp_socket_open(s, info.host, info.port) != AMQP_STATUS_OK)
		die("cannot connect");
	if (amqp_login(c, info.vhost, 0, 131072, heartbeat, AMQP_SASL_METHOD_PLAIN, info.user,
	        info.password).reply_type != AMQP_RESPONSE_NORMAL)
		die("cannot log in");
	amqp_channel_open(c, 1);
	check(c, "cannot open a channel");
	free(url);
	return c;
}

static inline void
close_channel(amqp_connection_state_t c)
{
	amqp_connection_close(c, AMQP_REPLY_SUCCESS);
	amqp_destroy_connection(c);
}

/* Subscribes to the queue, with at most `prefetch` messages that are not acknowledged. */
static inline void
subscribe(amqp_connection_state_t c, const char *queue, uint64_t prefetch)
{
	amqp_basic_qos(c, 1, 0, (uint16_t)prefetch, 0);
	amqp_basic_consume(c, 1, amqp_cstring_bytes(queue), amqp_empty_bytes, 0, 0, 0,
	    amqp_empty_table);
	check(c, "cannot subscribe");
}

/* Takes the next message, which has to have this delivery tag; the caller frees its body with
 * amqp_bytes_free. Returns 0 if none has arrived. */
static inline int
take_body(amqp_connection_state_t c, uint64_t tag, amqp_bytes_t *body)
{
	struct timeval none = { 0, 0 };
	amqp_envelope_t m;
	amqp_rpc_reply_t r;

	amqp_maybe_release_buffers(c);
	r = amqp_consume_message(c, &m, &none, 0);
	if (r.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION &&
	    r.library_error == AMQP_STATUS_TIMEOUT)
		return 0;
	if (r.reply_type != AMQP_RESPONSE_NORMAL || m.delivery_tag != tag)
		die("cannot consume");
	*body = m.message.body;
	m.message.body = amqp_empty_bytes;
	amqp_destroy_envelope(&m);
	return 1;
}

/* Publishes a persistent, mandatory message of lines to the queue. */
static inline void
publish_lines(amqp_connection_state_t c, amqp_bytes_t queue, amqp_bytes_t body)
{
	amqp_basic_properties_t props = { ._flags = AMQP_BASIC_CONTENT_TYPE_FLAG |
		    AMQP_BASIC_DELIVERY_MODE_FLAG, .delivery_mode = 2,
		.content_type = amqp_cstring_bytes("text/plain") };

	if (amqp_basic_publish(c, 1, amqp_empty_bytes, queue, 1, 0, &props, body) != AMQP_STATUS_OK)
		die("cannot publish");
}

/* Waits for a frame that confirms. */
static inline amqp_basic_ack_t
take_confirm(amqp_connection_state_t c)
{
	amqp_frame_t f;

	if (amqp_simple_wait_frame(c, &f) != AMQP_STATUS_OK)
		die("the connection is lost");
	if (f.frame_type != AMQP_FRAME_METHOD || f.payload.method.id != AMQP_BASIC_ACK_METHOD)
		die("not a confirm");
	return *(amqp_basic_ack_t *)f.payload.method.decoded;
}

#endif
