/* SPDX-License-Identifier: MIT */
/* A connection's pauses between tries, and its time limits, without a broker. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "amqp/amqp_options.h"
#include "amqp/connection.h"
#include "base/clock.h"
#include "base/diag.h"

static char host[] = "h";

static void
a_broker_that_is_back_is_tried_within_two_seconds(void **state)
{
	struct eg_amqp_options broker = { .urls = 1, .url[0] = { .host = host, .port = 1 } };
	struct eg_connection c;
	int64_t longest = 0;

	(void)state;
	eg_connection_init(&c, &broker);
	for (int i = 0; i < 200; i++) {
		int64_t pause;

		eg_connection_lost(&c, "away");
		pause = c.retry.due - eg_mono_ms();
		if (pause > longest)
			longest = pause;
	}
	assert_in_range(longest, 1000, 1500);
}

static void
each_address_is_tried_before_a_pause(void **state)
{
	struct eg_amqp_options broker = { .urls = 3 };
	struct eg_connection c;

	(void)state;
	for (size_t i = 0; i < broker.urls; i++)
		broker.url[i] = (struct eg_url){ .host = host, .port = (int)i };
	eg_connection_init(&c, &broker);
	for (size_t i = 1; i < broker.urls; i++) {
		eg_connection_lost(&c, "away");
		assert_int_equal(c.at, i);
		assert_int_equal(c.retry.due, 0);
	}
	eg_connection_lost(&c, "away");
	assert_int_equal(c.at, 0);
	assert_true(c.retry.due > eg_mono_ms());
}

static void
end_by(struct eg_connection *c, enum eg_connection_end end)
{
	c->end = end;
	eg_connection_lost(c, "a reason");
}

static void
a_silent_address_is_left_out_while_others_answer(void **state)
{
	struct eg_amqp_options broker = { .urls = 3 };
	struct eg_connection c;

	(void)state;
	for (size_t i = 0; i < broker.urls; i++)
		broker.url[i] = (struct eg_url){ .host = host, .port = (int)i };
	eg_connection_init(&c, &broker);
	end_by(&c, EG_END_SILENT);
	assert_int_equal(c.at, 1);
	end_by(&c, EG_END_REFUSED);
	assert_int_equal(c.at, 2);
	end_by(&c, EG_END_REFUSED);
	assert_int_equal(c.at, 1);
	/* Where nobody answers, each is tried. */
	end_by(&c, EG_END_OTHER);
	end_by(&c, EG_END_OTHER);
	assert_int_equal(c.at, 0);
	/* Not for ever. */
	end_by(&c, EG_END_REFUSED);
	c.silence[0] = eg_mono_ms() - 15 * 1000;
	c.at = 2;
	end_by(&c, EG_END_REFUSED);
	assert_int_equal(c.at, 0);
}

static void
one_silent_address_is_tried_again(void **state)
{
	struct eg_amqp_options broker = { .urls = 1, .url[0] = { .host = host, .port = 1 } };
	struct eg_connection c;

	(void)state;
	eg_connection_init(&c, &broker);
	end_by(&c, EG_END_SILENT);
	end_by(&c, EG_END_REFUSED);
	assert_int_equal(c.at, 0);
}

static void
nothing_is_pending_without_a_connection(void **state)
{
	struct eg_amqp_options broker = { .urls = 1, .url[0] = { .host = host, .port = 1 } };
	struct eg_connection c;

	(void)state;
	eg_connection_init(&c, &broker);
	eg_connection_lost(&c, "away");
	eg_connection_expect(&c, true);
	assert_int_equal(c.pending_since, 0);
	assert_int_equal(eg_connection_away(&c), c.retry.since);
}

static void
two_addresses_fit_into_a_timeout(void **state)
{
	struct eg_amqp_options broker;

	(void)state;
	eg_amqp_options_init(&broker);
	eg_amqp_options_limit(&broker, 0);
	assert_int_equal(broker.answer_ms, 8000);
	eg_amqp_options_limit(&broker, 60000);
	assert_int_equal(broker.answer_ms, 8000);
	eg_amqp_options_limit(&broker, 5000);
	assert_int_equal(broker.answer_ms, 2500);
	eg_amqp_options_limit(&broker, 100);
	assert_int_equal(broker.answer_ms, 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_broker_that_is_back_is_tried_within_two_seconds),
		cmocka_unit_test(each_address_is_tried_before_a_pause),
		cmocka_unit_test(a_silent_address_is_left_out_while_others_answer),
		cmocka_unit_test(one_silent_address_is_tried_again),
		cmocka_unit_test(nothing_is_pending_without_a_connection),
		cmocka_unit_test(two_addresses_fit_into_a_timeout),
	};

	eg_diag_init("test_connection");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
