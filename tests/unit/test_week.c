/* SPDX-License-Identifier: MIT */
/* Tests of lib/base/week: hours of the week, in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/week.h"

static void
days_are_words_ranges_and_lists(void **state)
{
	unsigned days;

	(void)state;
	assert_true(eg_week_days("mon", &days));
	assert_int_equal(days, 0x01);
	assert_true(eg_week_days("mon-fri", &days));
	assert_int_equal(days, 0x1f);
	assert_true(eg_week_days("fri-mon,wed", &days));
	assert_int_equal(days, 0x75);
	assert_true(eg_week_days("*", &days));
	assert_int_equal(days, 0x7f);
	for (const char *const *word = (const char *const[]){ "", "mo", "mon-", "-mon", "mon,", "Mon",
	         "mon-fri-sat", "*,mon", "monday", NULL }; *word != NULL; word++)
		assert_false(eg_week_days(*word, &days));
}

static void
hours_are_spans_of_minutes(void **state)
{
	struct eg_week w = { { 0 } };

	(void)state;
	assert_int_equal(eg_week_wait(&w, 5), -1);
	assert_true(eg_week_add(&w, 1, "7:30-8,22-6"));
	assert_true(eg_week_has(&w, 0));
	assert_true(eg_week_has(&w, 359));
	assert_false(eg_week_has(&w, 360));
	assert_false(eg_week_has(&w, 449));
	assert_true(eg_week_has(&w, 450));
	assert_false(eg_week_has(&w, 480));
	assert_true(eg_week_has(&w, 1439));
	assert_false(eg_week_has(&w, 1440));
	assert_int_equal(eg_week_wait(&w, 450), 0);
	assert_int_equal(eg_week_wait(&w, 440), 10);
	assert_int_equal(eg_week_wait(&w, 1440), EG_WEEK_MINUTES - 1440);
	for (const char *const *word = (const char *const[]){ "", "8", "8-", "-8", "8-8", "8-25",
	         "24:01-3", "8:60-9", "8:5-9", "8-9,", "8-9 ", "123-4", NULL }; *word != NULL; word++)
		assert_false(eg_week_add(&w, 1, *word));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(days_are_words_ranges_and_lists),
		cmocka_unit_test(hours_are_spans_of_minutes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
