/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "serve/trace.h"

#define MINUTE INT64_C(60000000000)

static double
mean_of(const struct eg_trace *t, int64_t minute)
{
	double mean = -1;

	return eg_trace_mean(t, minute, &mean) ? mean : -1;
}

static void
the_readings_of_a_minute_have_a_mean(void **state)
{
	struct eg_trace t = { 0 };

	(void)state;
	assert_true(mean_of(&t, 0) == -1);
	eg_trace_add(&t, 100 * MINUTE, 2);
	eg_trace_add(&t, 101 * MINUTE - 1, 4);
	eg_trace_add(&t, 101 * MINUTE, 7);
	assert_true(mean_of(&t, 100) == 3);
	assert_true(mean_of(&t, 101) == 7);
	assert_true(mean_of(&t, 99) == -1);
	assert_true(mean_of(&t, 102) == -1);
	assert_true(mean_of(&t, 41) == -1);
}

static void
an_hour_is_held_and_no_more(void **state)
{
	struct eg_trace t = { 0 };

	(void)state;
	for (int m = 0; m < 150; m++) {
		eg_trace_add(&t, m * MINUTE, m + 1);
		eg_trace_add(&t, (m + 1) * MINUTE - 1, m + 1);
	}
	for (int m = 0; m < 150; m++)
		assert_true(mean_of(&t, m) == (m < 90 ? -1 : m + 1));
	/* Late, but within the hour; and later than that. */
	eg_trace_add(&t, 100 * MINUTE, 251);
	eg_trace_add(&t, 89 * MINUTE, 5);
	assert_true(mean_of(&t, 100) == 151);
	assert_true(mean_of(&t, 89) == -1);
	/* After a pause the minutes in it are empty. */
	eg_trace_add(&t, 160 * MINUTE, 1);
	assert_true(mean_of(&t, 155) == -1);
	assert_true(mean_of(&t, 149) == 150);
	eg_trace_add(&t, 1000 * MINUTE, 1);
	for (int m = 0; m < 1000; m++)
		assert_true(mean_of(&t, m) == -1);
}

static void
times_before_1970_and_at_the_ends_are_minutes_too(void **state)
{
	struct eg_trace t = { 0 };

	(void)state;
	assert_int_equal(eg_trace_minute(-1), -1);
	assert_int_equal(eg_trace_minute(-MINUTE), -1);
	eg_trace_add(&t, INT64_MIN, 1);
	assert_true(mean_of(&t, eg_trace_minute(INT64_MIN)) == 1);
	eg_trace_add(&t, -1, 2);
	assert_true(mean_of(&t, -1) == 2);
	eg_trace_add(&t, INT64_MAX, 3);
	assert_true(mean_of(&t, eg_trace_minute(INT64_MAX)) == 3);
	assert_true(mean_of(&t, -1) == -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_readings_of_a_minute_have_a_mean),
		cmocka_unit_test(an_hour_is_held_and_no_more),
		cmocka_unit_test(times_before_1970_and_at_the_ends_are_minutes_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
