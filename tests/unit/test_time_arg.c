/* SPDX-License-Identifier: MIT */
/* Times in commands: what is one, and what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "record/time_arg.h"

#define S INT64_C(1000000000)

static const int64_t now = INT64_C(1795443516) * S + 250000000;

static void
times_of_every_kind_are_understood(void **state)
{
	static const struct {
		const char *text;
		int64_t ns;
	} cases[] = {
		{ "now", INT64_C(1795443516) * S + 250000000 },
		{ "2026-11-23T14:18:36", INT64_C(1795443516) * S },
		{ "2026-11-23T14:18:36Z", INT64_C(1795443516) * S },
		{ "2026-11-23T15:18:36.5+01:00", INT64_C(1795443516) * S + S / 2 },
		{ "2026-11-23", INT64_C(1795392000) * S },
		{ "1970-01-01", 0 },
		{ "1969-12-31", -86400 * S },
		{ "-1h", INT64_C(1795443516) * S + 250000000 - 3600 * S },
		{ "-7d", INT64_C(1795443516) * S + 250000000 - 7 * 86400 * S },
		{ "-250ms", INT64_C(1795443516) * S },
		{ "-1.25", INT64_C(1795443515) * S },
		{ "+2m", INT64_C(1795443516) * S + 250000000 + 120 * S },
		{ "-0s", INT64_C(1795443516) * S + 250000000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t ns = 1;

		if (!eg_time_arg_parse(cases[i].text, now, &ns) || ns != cases[i].ns)
			fail_msg("'%s': %lld", cases[i].text, (long long)ns);
	}
}

static void
what_is_no_time_is_refused(void **state)
{
	static const char *const cases[] = {
		"", " ", "-", "+", "1h", "--1h", "-+1h", "- 1h", "-1w", "-1hh", "Now", "now ", "today",
		"2026-11", "2026-02-30", "2026-11-2", "2026/11/23", "2026-11-23T", "2026-11-23 14:18:36",
		"2026-11-23T25:00:00", "0000-01-01", "2300-01-01", "1600-01-01", "-1000000d", "-1e99",
		"-nan", "-inf", "1795443516",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t ns;

		if (eg_time_arg_parse(cases[i], now, &ns))
			fail_msg("'%s' was taken", cases[i]);
	}
}

static void
a_sum_outside_of_64_bits_is_refused(void **state)
{
	int64_t ns;

	(void)state;
	assert_false(eg_time_arg_parse("+1s", INT64_MAX - 5, &ns));
	assert_false(eg_time_arg_parse("-1s", INT64_MIN + 5, &ns));
	assert_true(eg_time_arg_parse("-1s", INT64_MAX, &ns));
}

static void
the_clock_is_this_century(void **state)
{
	(void)state;
	assert_true(eg_wall_ns() > INT64_C(1700000000) * S);
}

static void
spans_that_follow_each_other_add_up(void **state)
{
	struct eg_time_span s = eg_time_span(5, 9, false), next = eg_time_span(9, 12, false);

	(void)state;
	assert_true(s.from == 5 && s.to == 8 && next.from == s.to + 1);
	s = eg_time_span(5, 9, true);
	assert_true(s.from == 5 && s.to == 9);
	s = eg_time_span(5, 5, false);
	assert_true(s.from > s.to);
	s = eg_time_span(INT64_MIN, INT64_MIN, false);
	assert_true(s.from > s.to);
	s = eg_time_span(INT64_MIN, INT64_MAX, true);
	assert_true(s.from == EG_TIME_SPAN_ALL.from && s.to == EG_TIME_SPAN_ALL.to);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_of_every_kind_are_understood),
		cmocka_unit_test(what_is_no_time_is_refused),
		cmocka_unit_test(a_sum_outside_of_64_bits_is_refused),
		cmocka_unit_test(the_clock_is_this_century),
		cmocka_unit_test(spans_that_follow_each_other_add_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
