/* SPDX-License-Identifier: MIT */
/* Packets of MQTT against the bytes in its standard, and topic filters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mqtt/packet.h"

static void
test_a_length_has_one_to_four_bytes(void **state)
{
	/* Table 2.4 of the standard. */
	static const struct { const char *bytes; size_t len, value; } row[] = {
		{ "\x30\x00", 2, 0 }, { "\x30\x7f", 2, 127 }, { "\x30\x80\x01", 3, 128 },
		{ "\x30\xff\x7f", 3, 16383 }, { "\x30\x80\x80\x01", 4, 16384 },
		{ "\x30\xff\xff\xff\x7f", 5, 268435455 },
	};
	struct eg_mqtt_head h;

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		assert_int_equal(eg_mqtt_head_parse(row[i].bytes, row[i].len - 1, &h), 0);
		assert_int_equal(eg_mqtt_head_parse(row[i].bytes, row[i].len, &h), 1);
		assert_int_equal(h.type, EG_MQTT_PUBLISH);
		assert_int_equal(h.head_len, row[i].len);
		assert_int_equal(h.body_len, row[i].value);
	}
	assert_int_equal(eg_mqtt_head_parse("\x30\xff\xff\xff\xff", 5, &h), -1);
	assert_int_equal(eg_mqtt_head_parse("\x00\x00", 2, &h), -1);
	assert_int_equal(eg_mqtt_head_parse("\xf0\x00", 2, &h), -1);
}

static void
test_a_message_is_taken_apart(void **state)
{
	struct eg_mqtt_publish p;

	(void)state;
	/* The example of 3.3.2.2: topic a/b, identifier 10. */
	assert_null(eg_mqtt_publish_parse(0x0b, "\0\3a/b\0\x0a" "x", 8, &p));
	assert_true(p.again && p.retained && p.qos == 1 && p.id == 10 && p.at == 7);
	assert_int_equal(p.topic_len, 3);
	assert_memory_equal(p.topic, "a/b", 3);
	assert_null(eg_mqtt_publish_parse(0, "\0\1a", 3, &p));
	assert_true(p.qos == 0 && p.at == 3);
	assert_non_null(eg_mqtt_publish_parse(0, "\0\4a/b", 5, &p));
	assert_non_null(eg_mqtt_publish_parse(0, "\0", 1, &p));
	assert_non_null(eg_mqtt_publish_parse(2, "\0\1a\0", 4, &p));
	assert_non_null(eg_mqtt_publish_parse(2, "\0\1a\0\0", 5, &p));
	assert_non_null(eg_mqtt_publish_parse(4, "\0\1a\0\1", 5, &p));
}

static void
test_filters_follow_4_7_1(void **state)
{
	static const char *const good[] = { "#", "+", "/", "a/#", "+/+", "/+", "+/a/#", "a//b", "$SYS/#" };
	static const char *const bad[] = { "", "a#", "#/a", "a/#/b", "a+", "+a", "a/b+/c", "\xff", "a\n",
		"##", "++", "a/##" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		assert_null(eg_mqtt_filter_fault(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_non_null(eg_mqtt_filter_fault(bad[i]));
	assert_null(eg_mqtt_topic_fault("a/\xc3\xa4", 4));
	assert_non_null(eg_mqtt_topic_fault("a/\0", 3));
	assert_non_null(eg_mqtt_topic_fault("a/+", 3));
}

static void
test_what_is_sent(void **state)
{
	static char topic[] = "a/b";
	static const char sent[] = "\x10\x14\0\4MQTT\4\xc0\0\x1e\0\2id\0\1u\0\1p"
	    "\x82\x08\0\1\0\3a/b\1" "\x40\2\0\x0a" "\xc0\0";
	const struct eg_mqtt_login login = { .client_id = "id", .user = "u", .password = "p",
		.keepalive_s = 30 };
	char *filters[] = { topic };
	struct eg_mqtt_out o = { 0 };

	(void)state;
	eg_mqtt_put_connect(&o, &login);
	eg_mqtt_put_subscribe(&o, 1, filters, 1);
	eg_mqtt_put_puback(&o, 10);
	eg_mqtt_put_empty(&o, EG_MQTT_PINGREQ);
	assert_int_equal(o.len, sizeof(sent) - 1);
	assert_memory_equal(o.data, sent, o.len);
	free(o.data);
}

static void
test_a_message_is_put_together(void **state)
{
	static const char sent[] = "\x3b\x08\0\3a/b\0\x0a" "x" "\x32\x07\0\3a/b\1\2";
	const struct eg_mqtt_note first = { .topic = "a/b", .topic_len = 3, .body = "x", .len = 1,
		.id = 10, .again = true, .retain = true };
	const struct eg_mqtt_note second = { .topic = "a/b", .topic_len = 3, .body = "", .id = 258 };
	struct eg_mqtt_out o = { 0 };

	(void)state;
	eg_mqtt_put_publish(&o, &first);
	eg_mqtt_put_publish(&o, &second);
	assert_int_equal(o.len, sizeof(sent) - 1);
	assert_memory_equal(o.data, sent, o.len);
	free(o.data);
	assert_int_equal(eg_mqtt_puback_parse("\1\2", 2), 258);
	assert_int_equal(eg_mqtt_puback_parse("\1\2\3", 3), 0);
	assert_int_equal(eg_mqtt_puback_parse("\1", 1), 0);
}

static void
test_a_clean_session_is_asked_for(void **state)
{
	static const char sent[] = "\x10\x0e\0\4MQTT\4\x02\0\x1e\0\2id";
	const struct eg_mqtt_login login = { .client_id = "id", .keepalive_s = 30, .clean = true };
	struct eg_mqtt_out o = { 0 };

	(void)state;
	eg_mqtt_put_connect(&o, &login);
	assert_int_equal(o.len, sizeof(sent) - 1);
	assert_memory_equal(o.data, sent, o.len);
	free(o.data);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_length_has_one_to_four_bytes),
		cmocka_unit_test(test_a_message_is_taken_apart),
		cmocka_unit_test(test_filters_follow_4_7_1),
		cmocka_unit_test(test_what_is_sent),
		cmocka_unit_test(test_a_message_is_put_together),
		cmocka_unit_test(test_a_clean_session_is_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
