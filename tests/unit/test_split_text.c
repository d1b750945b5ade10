/* SPDX-License-Identifier: MIT */
/* Tests of lib/amqp/split_text: answers to markers, and the lines of NAME.change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "amqp/split_text.h"

#define SESSION_39 "0123456789abcdef-1234567890123456789012"

static bool
reply(const char *text, struct eg_split_reply *r)
{
	return eg_split_reply_parse(text, strlen(text), r);
}

static void
an_answer_says_which_marker_and_how_many_messages(void **state)
{
	struct eg_split_reply r;

	(void)state;
	assert_true(reply("00c0ffee-12-127 0123456789abcdef-3 9223372036854775807", &r));
	assert_int_equal(r.run, 0xc0ffee);
	assert_int_equal(r.round, 12);
	assert_int_equal(r.queue, 127);
	assert_string_equal(r.answer.id, "00c0ffee-12-127");
	assert_string_equal(r.answer.session, "0123456789abcdef-3");
	assert_int_equal(r.answer.count, INT64_MAX);
	assert_true(reply("ffffffff-4294967295-0 " SESSION_39 " 0", &r));
	assert_int_equal(r.run, UINT32_MAX);
	assert_int_equal(r.round, UINT32_MAX);
	assert_string_equal(r.answer.session, SESSION_39);
}

static void
what_is_no_answer_is_not_taken(void **state)
{
	static const char *const bad[] = {
		"", " ", "00c0ffee-1-0", "00c0ffee-1-0 s", "00c0ffee-1-0 s ", "00c0ffee-1-0  s 1",
		" 00c0ffee-1-0 s 1", "00c0ffee-1-0 s 1 ", "00c0ffee-1-0 s 1 2", "00c0ffee-1-0 s 1\n",
		"00c0ffee-1-0 s -1", "00c0ffee-1-0 s +1", "00c0ffee-1-0 s 01", "00c0ffee-1-0 s 1x",
		"00c0ffee-1-0 s 9223372036854775808", "00c0ffee-1-0 " SESSION_39 "x 1",
		"00c0ffee-1-128 s 1", "00c0ffee-1--1 s 1", "00c0ffee-4294967296-0 s 1",
		"00c0ffee-1 s 1", "00c0ffee-1-0-0 s 1", "0c0ffee-1-0 s 1", "000c0ffee-1-0 s 1",
		"00C0FFEE-1-0 s 1", "0x0c0ffe-1-0 s 1", "-0c0ffee-1-0 s 1", "00c0ffee-1-0 s\x7f 1",
		"00c0ffee-1-0 \xc3\xa4 1", "# eg-split asks how far the consumer is\n",
	};
	struct eg_split_reply r;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (reply(bad[i], &r))
			fail_msg("taken: '%s'", bad[i]);
	assert_false(eg_split_reply_parse("00c0ffee-1-0 s\0 1", 17, &r));
	assert_false(eg_split_reply_parse("00c0ffee-1-0 s 1\0", 17, &r));
}

static void
the_lines_of_a_change_add_up(void **state)
{
	struct eg_split_state s = { .before = 0 };

	(void)state;
	assert_true(eg_split_state_parse("change 3 128", 12, &s));
	assert_int_equal(s.before, 3);
	assert_int_equal(s.after, 128);
	assert_true(s.paused == 0 && !s.switching);
	assert_true(eg_split_state_parse("pause 1795965516000", 19, &s));
	assert_int_equal(s.paused, 1795965516000);
	assert_true(eg_split_state_parse("switch", 6, &s));
	assert_true(s.switching && s.before == 3 && s.after == 128);
	assert_true(eg_split_state_parse("change 4 1", 10, &s));
	assert_true(s.before == 4 && s.after == 1);
}

static void
another_line_changes_nothing(void **state)
{
	static const char *const bad[] = {
		"", "change", "change 3", "change 3 3", "change 0 3", "change 3 0", "change 3 129",
		"change 999 3", "change 3 4 5", "change  3 4", "change 3 4\n", "change -3 4",
		"change 03 4", "Change 3 4", "pause", "pause 0", "pause -1", "pause 1 2",
		"pause 9223372036855", "pause 99999999999999999999", "switch ", "switch 1", "switches",
		"s:2026-11-23T14:18:36:1",
	};
	struct eg_split_state s = { .before = 5, .after = 6, .paused = 7 };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (eg_split_state_parse(bad[i], strlen(bad[i]), &s))
			fail_msg("taken: '%s'", bad[i]);
	assert_false(eg_split_state_parse("switch\0", 7, &s));
	assert_true(s.before == 5 && s.after == 6 && s.paused == 7 && !s.switching);
	assert_true(eg_split_state_parse("pause 9223372036854", 19, &s));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_says_which_marker_and_how_many_messages),
		cmocka_unit_test(what_is_no_answer_is_not_taken),
		cmocka_unit_test(the_lines_of_a_change_add_up),
		cmocka_unit_test(another_line_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
