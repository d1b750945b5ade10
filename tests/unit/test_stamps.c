/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/diag.h"
#include "serve/stamps.h"

#define NOW INT64_C(1795443516123000000)
#define SECOND INT64_C(1000000000)

static struct eg_stamps *stamps;

static int
open_stamps(void **state)
{
	struct eg_error e = { 0 };

	(void)state;
	stamps = eg_stamps_new(&e);
	return stamps != NULL ? 0 : -1;
}

static int
close_stamps(void **state)
{
	(void)state;
	eg_stamps_free(stamps);
	return 0;
}

static void
a_sensor_gets_each_time_once_and_others_get_the_clock(void **state)
{
	(void)state;
	assert_int_equal(eg_stamps_next(stamps, "a", 1, NOW), NOW);
	assert_int_equal(eg_stamps_next(stamps, "a", 1, NOW), NOW + 1000);
	assert_int_equal(eg_stamps_next(stamps, "b", 1, NOW), NOW);
	assert_int_equal(eg_stamps_next(stamps, "a", 1, NOW), NOW + 2000);
	assert_int_equal(eg_stamps_next(stamps, "a", 1, NOW + 1500), NOW + 3000);
	assert_int_equal(eg_stamps_next(stamps, "a", 1, NOW + SECOND), NOW + SECOND);
}

static void
a_clock_that_is_set_back_a_little_makes_no_time_twice(void **state)
{
	(void)state;
	assert_int_equal(eg_stamps_next(stamps, "a", 1, NOW), NOW);
	assert_int_equal(eg_stamps_next(stamps, "a", 1, NOW - 30 * SECOND), NOW + 1000);
	/* From a clock that was an hour wrong one has to come back. */
	assert_int_equal(eg_stamps_next(stamps, "a", 1, NOW - 3600 * SECOND), NOW - 3600 * SECOND);
	assert_int_equal(eg_stamps_next(stamps, "a", 1, NOW - 3600 * SECOND), NOW - 3600 * SECOND + 1000);
}

static void
many_sensors_get_no_time_twice(void **state)
{
	char name[16];

	(void)state;
	for (int i = 0; i < 100000; i++) {
		size_t n = (size_t)snprintf(name, sizeof(name), "s%d", i);
		int64_t first = eg_stamps_next(stamps, name, n, NOW);

		assert_in_range(first, NOW, NOW + 100 * 1000);
		assert_true(eg_stamps_next(stamps, name, n, NOW) > first);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_sensor_gets_each_time_once_and_others_get_the_clock, open_stamps, close_stamps),
		cmocka_unit_test_setup_teardown(
		    a_clock_that_is_set_back_a_little_makes_no_time_twice, open_stamps, close_stamps),
		cmocka_unit_test_setup_teardown(many_sensors_get_no_time_twice, open_stamps,
		    close_stamps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
