/* SPDX-License-Identifier: MIT */
/* Messages of devices: the records that a decoder makes of them, and their dead letters. */
#include <unistd.h>

#include "dlms_make.h"
#include "payload_run.h"

static void
open_decoder(const char *format, const char *routing_key)
{
	const struct eg_decode_config config = { .format = format };

	decode = eg_decode_new(&config, true, &error);
	assert_non_null(decode);
	key = routing_key;
}

static void
close_decoder(void)
{
	eg_decode_free(decode);
	decode = NULL;
	key = "";
}

static void
a_decoded_message_is_several_records_of_its_topic_and_time(void **state)
{
	struct eg_payload *p;

	(void)state;
	open_decoder("zigbee2mqtt", "zigbee2mqtt.kitchen.fridge");
	p = open_text("", "{\"power\":12.50,\"energy\":3,\"state\":\"ON\"}");
	expect(p, 2, 0, "kitchen/fridge/power:2023-11-14T22:13:20:12.50\n"
	    "kitchen/fridge/energy:2023-11-14T22:13:20:3\n", "");
	close_payload(p);
	p = open_text("", "{\"state\":\"ON\"}");
	expect(p, 0, 0, "", "");
	close_payload(p);
	close_decoder();
}

/* Each message is a text of its own: the table of a CSV ends with it. */
static void
points_and_rows_of_a_message_are_its_records(void **state)
{
	static const char points[] =
	    "m,sensor=a v=1,w=2 1700000000000000000\nm,sensor=b v=3 1700000000000000000\n",
	    rows[] = "_time,_value,sensor\r\n2023-11-14T22:13:20Z,1,a\r\n2023-11-14T22:13:20Z,2,b\r\n",
	    row[] = "2023-11-14T22:13:20Z,1,a\r\n";
	struct eg_payload *p;

	(void)state;
	open_decoder("influx", "telegraf");
	p = open_text("", points);
	expect(p, 3, 0,
	    "a/v:2023-11-14T22:13:20:1\na/w:2023-11-14T22:13:20:2\nb/v:2023-11-14T22:13:20:3\n", "");
	close_payload(p);
	close_decoder();
	open_decoder("influx-csv", "telegraf");
	p = open_text("", rows);
	expect(p, 2, 0, "a:2023-11-14T22:13:20:1\nb:2023-11-14T22:13:20:2\n", "");
	close_payload(p);
	p = open_text("", row);
	expect(p, 1, 1, "", row);
	close_payload(p);
	close_decoder();
}

/* What the broker delivers again is no replay. */
static void
a_redelivery_of_an_encrypted_message_is_taken(void **state)
{
	static const unsigned char secret[16] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
	    16 };
	static const char line[] = "port/power:2023-11-14T22:13:20:0.601\n";
	char file[] = "/tmp/eg-test-payload-XXXXXX";
	const struct eg_decode_config config = { .format = "dlms", .key = file };
	struct bytes plain = hex("0f 40000000 00 02 01 06 00000259"),
	    b = encrypted(&plain, secret, NULL, 7);
	int fd = mkstemp(file);
	struct eg_payload *p;

	(void)state;
	assert_int_equal(write(fd, "0102030405060708090a0b0c0d0e0f10", 32), 32);
	close(fd);
	decode = eg_decode_new(&config, true, &error);
	assert_non_null(decode);
	key = "port";
	for (int i = 0; i < 3; i++) {
		redelivered = i == 2;
		p = open_bytes("", (const char *)b.b, b.n);
		assert_int_equal(p->refused, i == 1);
		if (i != 1)
			expect(p, 1, 0, line, "");
		else
			expect_dead(p, (const char *)b.b, b.n);
		close_payload(p);
	}
	redelivered = false;
	close_decoder();
	unlink(file);
}

static void
a_decoded_message_is_a_dead_letter_as_it_came_and_once(void **state)
{
	static const char broken[] = "{\"power\":12.5", good[] = "{\"power\":1,\"energy\":2}";
	struct eg_payload *p;

	(void)state;
	open_decoder("zigbee2mqtt", "zigbee2mqtt.a");
	p = open_text("", broken);
	expect(p, 1, 1, "", broken);
	assert_string_equal(p->reason, "the JSON is cut short");
	assert_true(p->decoded);
	assert_string_equal(p->arrived, "2023-11-14T22:13:20");
	close_payload(p);
	p = open_text("", good);
	for (int i = 0; i < 2; i++)
		assert_int_equal(eg_payload_refuse(p, 0, "a/power:2023-11-14T22:13:20:1", 29,
		    "refused downstream", &rejects, &error), 0);
	assert_int_equal(p->refused, 2);
	expect_dead(p, good, strlen(good));
	close_payload(p);
	close_decoder();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_decoded_message_is_several_records_of_its_topic_and_time),
		cmocka_unit_test(points_and_rows_of_a_message_are_its_records),
		cmocka_unit_test(a_redelivery_of_an_encrypted_message_is_taken),
		cmocka_unit_test(a_decoded_message_is_a_dead_letter_as_it_came_and_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
