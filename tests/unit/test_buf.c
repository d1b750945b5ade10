/* SPDX-License-Identifier: MIT */
/* Memory that grows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"

static void
items_are_kept_while_it_grows(void **state)
{
	uint64_t *items = NULL;
	size_t room = 0, grown = 0, before;

	(void)state;
	for (size_t n = 0; n < 10000; n++) {
		before = room;
		assert_true(eg_buf_grow(&items, &room, n + 1, sizeof(*items)));
		assert_true(room >= n + 1);
		grown += room != before;
		items[n] = n;
	}
	for (size_t n = 0; n < 10000; n++)
		assert_int_equal(items[n], n);
	/* It doubles: 10,000 items are a few steps. */
	assert_in_range(grown, 1, 12);
	free(items);
}

static void
one_large_step_is_one(void **state)
{
	char *text = NULL;
	size_t room = 0;

	(void)state;
	assert_true(eg_buf_grow(&text, &room, 100000, 1));
	assert_int_equal(room, 100000);
	free(text);
}

static void
without_memory_nothing_changes(void **state)
{
	uint64_t *items = NULL, *before;
	size_t room = 0, kept;

	(void)state;
	assert_true(eg_buf_grow(&items, &room, 1, sizeof(*items)));
	before = items;
	kept = room;
	/* The bytes do not fit a size_t. */
	assert_false(eg_buf_grow(&items, &room, SIZE_MAX / 4, sizeof(*items)));
	assert_ptr_equal(items, before);
	assert_int_equal(room, kept);
	free(items);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_are_kept_while_it_grows),
		cmocka_unit_test(one_large_step_is_one),
		cmocka_unit_test(without_memory_nothing_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
