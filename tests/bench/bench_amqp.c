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
#include "bare_amqp.h"

#define LINE "sensor3:2023-11-14T22:13:20:55.21\n"
#define JSON "{\"key\":\"sensor3:2023-11-14T22:13:20\",\"value\":55.21}"

static void
make_queue(amqp_connection_state_t c, amqp_bytes_t queue)
{
	amqp_queue_delete(c, 1, queue, 0, 0);
	check(c, "cannot delete the queue");
	amqp_queue_declare(c, 1, queue, 0, 1, 0, 0, amqp_empty_table);
	check(c, "cannot declare the queue");
}

/* Takes a confirm; returns how many messages it confirms. A broker that gives its confirms out of
 * order would end the measurement early: the count by `multiple` stays right. */
static long
confirmed_now(amqp_connection_state_t c, uint64_t *last)
{
	amqp_basic_ack_t ack = take_confirm(c);
	long n = ack.multiple ? (long)(ack.delivery_tag - *last) : 1;

	*last = ack.delivery_tag > *last ? ack.delivery_tag : *last;
	return n;
}

static void
run(amqp_connection_state_t c, amqp_bytes_t queue, amqp_bytes_t body, long messages, long window)
{
	long sent = 0, confirmed = 0;
	uint64_t last = 0;

	while (confirmed < messages) {
		for (; sent < messages && sent - confirmed < window; sent++)
			publish_lines(c, queue, body);
		do {
			confirmed += confirmed_now(c, &last);
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
	close_channel(c);
	return 0;
}
