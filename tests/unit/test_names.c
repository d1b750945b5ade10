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
#include "record/record.h"

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

/* The numbers that are told ahead are those that are then given, and none for new names. It begins
 * with many names in random order only, and ends when they come in order. */
static void
numbers_are_known_ahead(void **state)
{
	static char lines[EG_NAMES_AHEAD][48];
	struct eg_record r[EG_NAMES_AHEAD];
	uint32_t number[EG_NAMES_AHEAD], random = 1;
	struct eg_names t = { 0 };
	size_t ahead = 0, wrong = 0;

	(void)state;
	for (int group = 0; group < 3000; group++) {
		bool in_order = group >= 2000;
		bool done;

		for (uint32_t i = 0; i < EG_NAMES_AHEAD; i++) {
			random = random * 1664525 + 1013904223;
			int n = snprintf(lines[i], sizeof(lines[i]), "m%u:2026-01-01T00:00:00:1",
			    in_order ? i : random >> 15);

			assert_int_equal(eg_record_parse(lines[i], (size_t)n, &r[i]), EG_FAULT_NONE);
		}
		done = eg_names_ahead(&t, r, EG_NAMES_AHEAD, number);
		assert_true(!done || t.n > 1000);
		assert_true(group < 2010 || !done);
		ahead += done;
		for (uint32_t i = 0; i < EG_NAMES_AHEAD; i++) {
			uint32_t known = t.n, given = eg_names_add(&t, r[i].line, r[i].sensor_len);

			wrong += done && number[i] != given &&
			    (number[i] != EG_NAMES_NONE || given < known - i);
		}
	}
	assert_in_range(ahead, 1000, 2000);
	/* Names of the same 32 bits of hash are rare. */
	assert_true(wrong < 10);
	eg_names_close(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_numbered_in_their_order),
		cmocka_unit_test(many_names_stay_apart),
		cmocka_unit_test(any_order_finds_the_same_numbers),
		cmocka_unit_test(numbers_are_known_ahead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
