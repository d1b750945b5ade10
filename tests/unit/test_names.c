/* SPDX-License-Identifier: MIT */
/* Tests of lib/record/names: numbers for sensors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "record/names.h"

static void
names_are_numbered_in_their_order(void **state)
{
	struct eg_names t = { 0 };
	const char *text;
	size_t len;

	(void)state;
	assert_int_equal(eg_names_find(&t, "a", 1), EG_NAMES_NONE);
	assert_int_equal(eg_names_add(&t, "a", 1), 0);
	assert_int_equal(eg_names_add(&t, "ab", 2), 1);
	assert_int_equal(eg_names_add(&t, "a", 1), 0);
	assert_int_equal(t.n, 2);
	assert_int_equal(eg_names_find(&t, "ab", 2), 1);
	assert_int_equal(eg_names_find(&t, "ab", 1), 0);
	assert_int_equal(eg_names_find(&t, "b", 1), EG_NAMES_NONE);
	text = eg_names_text(&t, 1, &len);
	assert_int_equal(len, 2);
	assert_memory_equal(text, "ab", 2);
	eg_names_close(&t);
	assert_int_equal(t.n, 0);
}

static void
many_names_stay_apart(void **state)
{
	struct eg_names t = { 0 };
	char name[300];

	(void)state;
	for (int round = 0; round < 2; round++)
		for (uint32_t i = 0; i < 100000; i++)
			assert_int_equal(
			    eg_names_add(&t, name, (size_t)snprintf(name, sizeof(name), "m%u", i)), i);
	memset(name, 'x', sizeof(name));
	assert_int_equal(eg_names_add(&t, name, 255), 100000);
	assert_int_equal(eg_names_find(&t, name, 254), EG_NAMES_NONE);
	assert_int_equal(eg_names_find(&t, name, 255), 100000);
	eg_names_close(&t);
}

/* The guess of the next name is right after any other: a name that is skipped, one before, the
 * same again, and the first after the last. */
static void
any_order_finds_the_same_numbers(void **state)
{
	static const uint32_t order[] = { 0, 1, 2, 4, 5, 5, 3, 4, 0, 9, 0, 9, 8, 9, 1, 1, 2 };
	struct eg_names t = { 0 };
	char name[8];

	(void)state;
	for (uint32_t i = 0; i < 10; i++)
		assert_int_equal(eg_names_add(&t, name, (size_t)snprintf(name, sizeof(name), "m%u", i)), i);
	for (size_t k = 0; k < sizeof(order) / sizeof(*order); k++) {
		size_t len = (size_t)snprintf(name, sizeof(name), "m%u", order[k]);

		assert_int_equal(eg_names_add(&t, name, len), order[k]);
		assert_int_equal(eg_names_find(&t, name, len), order[k]);
	}
	assert_int_equal(t.n, 10);
	eg_names_close(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_numbered_in_their_order),
		cmocka_unit_test(many_names_stay_apart),
		cmocka_unit_test(any_order_finds_the_same_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
