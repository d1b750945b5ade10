/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "fetch/fetch.h"

static void
beats(void **state)
{
	const int64_t s = INT64_C(1000000000), noon = INT64_C(1795867200) * s;

	(void)state;
	assert_int_equal(eg_fetch_beat(noon, 10000, 0), noon + 10 * s);
	assert_int_equal(eg_fetch_beat(noon + 1, 10000, 0), noon + 10 * s);
	assert_int_equal(eg_fetch_beat(noon - 1, 10000, 0), noon);
	/* A later part of the round that has begun is still to come. */
	assert_int_equal(eg_fetch_beat(noon, 10000, 500), noon + s / 2);
	assert_int_equal(eg_fetch_beat(noon + s / 2, 10000, 500), noon + 10 * s + s / 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(beats) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
