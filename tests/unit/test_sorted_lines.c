/* SPDX-License-Identifier: MIT */
/* Tests of lib/cluster/sorted_lines: lines sorted by a key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cluster/sorted_lines.h"

static void
add(struct eg_sorted_lines *l, const char *line, size_t key_len, int64_t ns)
{
	assert_int_equal(eg_sorted_lines_add(l, line, strlen(line), key_len, ns), 0);
}

static void
lines_are_sorted_by_key_and_instant(void **state)
{
	static const char *const sorted[] = { "a:early", "a:late", "a-b:x", "ab:x", "b:x" };
	struct eg_sorted_lines l = { 0 };

	(void)state;
	add(&l, "b:x", 1, 0);
	add(&l, "a:late", 1, 5);
	add(&l, "ab:x", 2, -9);
	add(&l, "a:early", 1, -5);
	add(&l, "a-b:x", 3, 0);
	eg_sorted_lines_sort(&l);
	assert_int_equal(l.n, 5);
	for (size_t i = 0; i < l.n; i++) {
		assert_int_equal(l.item[i].len, strlen(sorted[i]));
		assert_memory_equal(l.item[i].line, sorted[i], l.item[i].len);
		assert_int_equal(l.item[i].line[l.item[i].len], '\n');
	}
	eg_sorted_lines_clear(&l);
	assert_int_equal(l.n, 0);
}

static void
it_grows_and_keeps_the_text_in_the_order_of_adding(void **state)
{
	enum { MANY = 50000 };
	struct eg_sorted_lines l = { 0 };
	char line[32];

	(void)state;
	for (int i = MANY; i > 0; i--) {
		snprintf(line, sizeof(line), "s%06d:x", i);
		add(&l, line, 7, 0);
	}
	assert_memory_equal(l.text, "s050000:x\ns049999:x\n", 20);
	eg_sorted_lines_sort(&l);
	assert_int_equal(l.n, MANY);
	assert_memory_equal(l.item[0].line, "s000001:x\n", 10);
	assert_memory_equal(l.item[MANY - 1].line, "s050000:x\n", 10);
	eg_sorted_lines_clear(&l);
}

static void
an_empty_one_can_be_sorted(void **state)
{
	struct eg_sorted_lines l = { 0 };

	(void)state;
	eg_sorted_lines_sort(&l);
	assert_int_equal(l.n, 0);
	eg_sorted_lines_clear(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_sorted_by_key_and_instant),
		cmocka_unit_test(it_grows_and_keeps_the_text_in_the_order_of_adding),
		cmocka_unit_test(an_empty_one_can_be_sorted),
	};

	return cmocka_run_group_tests_name("lot", tests, NULL, NULL);
}
