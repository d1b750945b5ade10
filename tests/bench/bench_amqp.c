/* SPDX-License-Identifier: MIT */
/*
 * The least that publishing with confirms costs: rabbitmq-c's calls in a loop, with
 * the body ready-made and nothing looked after. What eg-publish is measured against.
 *
 *	bench_amqp QUEUE MESSAGES WINDOW RECORDS [HEARTBEAT]
 *
 * makes the queue anew, publishes MESSAGES of RECORDS lines each (1: the JSON of one)
 * with WINDOW of them unconfirmed. The broker is the one of AMQP_URL; HEARTBEAT is in
 * seconds, 0 (none) unless given.
 */
#if __has_include(<rabbitmq-c/amqp.h>)
#include <rabbitmq-c/amqp.h>
#include <rabbitmq-c/tcp_socket.h>
#else
#include <amqp.h>
#include <amqp_tcp_socket.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE "sensor3:2023-11-14T22:13:20:55.21\n"
#define JSON "{\"key\":\"sensor3:2023-11-14T22:13:20\",\"value\":55.21}"

static _Noreturn void
die(const char *what)
{
	fprintf(stderr, "bench_amqp: %s\n", what);
	exit(1);
}

static void
check(amqp_connection_state_t c, const char *what)
{
	if (amqp_get_rpc_reply(c).reply_type != AMQP_RESPONSE_NORMAL)
		die(what);
}

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

static void
make_queue(amqp_connection_state_t c, amqp_bytes_t queue)
{
	amqp_queue_delete(c, 1, queue, 0, 0);
	check(c, "cannot delete the queue");
	amqp_queue_declare(c, 1, queue, 0, 1, 0, 0, amqp_empty_table);
	check(c, "cannot declare the queue");
}

/* Waits for a frame that confirms; returns how many. A broker that gives its confirms
 * out of order would end the measurement early: the count by `multiple` stays right. */
static long
take_confirms(amqp_connection_state_t c, uint64_t *last)
{
	amqp_basic_ack_t *ack;
	amqp_frame_t f;
	long n;

	if (amqp_simple_wait_frame(c, &f) != AMQP_STATUS_OK)
		die("the connection is lost");
	if (f.frame_type != AMQP_FRAME_METHOD || f.payload.method.id != AMQP_BASIC_ACK_METHOD)
		die("not a confirm");
	ack = f.payload.method.decoded;
	n = ack->multiple ? (long)(ack->delivery_tag - *last) : 1;
	*last = ack->delivery_tag > *last ? ack->delivery_tag : *last;
	return n;
}

static void
run(amqp_connection_state_t c, amqp_bytes_t queue, amqp_bytes_t body, long messages, long window)
{
	amqp_basic_properties_t props = { ._flags = AMQP_BASIC_CONTENT_TYPE_FLAG |
		    AMQP_BASIC_DELIVERY_MODE_FLAG, .delivery_mode = 2,
		.content_type = amqp_cstring_bytes("text/plain") };
	long sent = 0, confirmed = 0;
	uint64_t last = 0;

	while (confirmed < messages) {
		for (; sent < messages && sent - confirmed < window; sent++)
			if (amqp_basic_publish(c, 1, amqp_empty_bytes, queue, 1, 0, &props, body) !=
			    AMQP_STATUS_OK)
				die("cannot publish");
		do {
			confirmed += take_confirms(c, &last);
			amqp_maybe_release_buffers(c);
		} while (amqp_frames_enqueued(c) || amqp_data_in_buffer(c));
	}
}

static amqp_bytes_t
make_body(long records)
{
	amqp_bytes_t body = amqp_cstring_bytes(JSON);
	char *lines;

	if (records == 1)
		return body;
	body = amqp_bytes_malloc((size_t)records * strlen(LINE));
	lines = body.bytes;
	for (long i = 0; lines != NULL && i < records; i++)
		memcpy(lines + (size_t)i * strlen(LINE), LINE, strlen(LINE));
	return body;
}

int
main(int argc, char *argv[])
{
	amqp_connection_state_t c;
	long messages, window, records;

	if (argc != 5 && argc != 6)
		die("usage: bench_amqp QUEUE MESSAGES WINDOW RECORDS [HEARTBEAT]");
	messages = strtol(argv[2], NULL, 10);
	window = strtol(argv[3], NULL, 10);
	records = strtol(argv[4], NULL, 10);
	if (messages < 0 || window < 1 || records < 1 || records > 3000)
		die("a number is out of range");
	c = open_channel(argc == 6 ? (int)strtol(argv[5], NULL, 10) : 0);
	make_queue(c, amqp_cstring_bytes(argv[1]));
	amqp_confirm_select(c, 1);
	check(c, "no confirms");
	run(c, amqp_cstring_bytes(argv[1]), make_body(records), messages, window);
	amqp_connection_close(c, AMQP_REPLY_SUCCESS);
	amqp_destroy_connection(c);
	return 0;
}
