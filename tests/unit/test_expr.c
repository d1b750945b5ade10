/* SPDX-License-Identifier: MIT */
/* Expressions of eg-sum, and moving times by the calendar. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/diag.h"
#include "base/fixed.h"
#include "sum/expr.h"
#include "sum/shift.h"

static struct eg_expr
parse(const char *text)
{
	struct eg_error e = { 0 };
	struct eg_expr x;
	int rc = eg_expr_parse(&x, text, &e);

	assert_string_equal(e.text, "");
	assert_int_equal(rc, 0);
	return x;
}

/* The factors of a sensor in millionths. */
static void
assert_factors(const struct eg_expr *x, const char *sensor, size_t n, int64_t above, int64_t below)
{
	struct eg_wide a, b;
	bool fits;

	assert_int_equal(eg_expr_match(x, sensor, strlen(sensor), &a, &b, &fits), n);
	assert_true(fits);
	assert_int_equal((int64_t)a.lo, above * 1000);
	assert_int_equal((int64_t)b.lo, below * 1000);
}

static void
terms_have_signs_and_factors(void **state)
{
	struct eg_expr x = parse(" rest = house_kwh - 0.5 * car_kwh + -2 * a-b/c - d*");

	(void)state;
	assert_string_equal(x.name, "rest");
	assert_int_equal(x.n, 4);
	assert_false(x.quotient);
	assert_factors(&x, "house_kwh", 1, 1000000, 0);
	assert_factors(&x, "car_kwh", 1, -500000, 0);
	assert_factors(&x, "a-b/c", 1, -2000000, 0);
	assert_factors(&x, "d", 1, -1000000, 0);
	assert_factors(&x, "dishes", 1, -1000000, 0);
	assert_factors(&x, "e", 0, 0, 0);
	eg_expr_free(&x);
}

static void
one_division_parts_all(void **state)
{
	struct eg_expr x = parse("share=100 * pv - 100 * out / pv");

	(void)state;
	assert_true(x.quotient);
	assert_factors(&x, "pv", 2, 100000000, 1000000);
	assert_factors(&x, "out", 1, -100000000, 0);
	eg_expr_free(&x);
	x = parse("x = a / - b");
	assert_factors(&x, "b", 1, 0, -1000000);
	eg_expr_free(&x);
}

static void
quotes_hold_any_sensor(void **state)
{
	struct eg_expr x = parse("x = \"my meter (old)\" + \"-\" - \"1\" + *");

	(void)state;
	assert_int_equal(x.n, 4);
	assert_factors(&x, "my meter (old)", 2, 2000000, 0);
	assert_factors(&x, "-", 2, 2000000, 0);
	assert_factors(&x, "1", 2, 0, 0);
	eg_expr_free(&x);
}

static void
what_is_no_expression_is_refused(void **state)
{
	static const char *const bad[] = { "", "=", "x", "x=", "=a", "x = ", "x = +", "x = a +", "x = a b", "x = a /",
		"x = a / b / c", "x = (a - b) / c", "x = a - (b)", "x = 2", "x = 2 a", "x = 2 * 3", "x = 1000001 * a",
		"x = a * 2", "x = \"a", "x = \"a\"b", "x = \"\"", "x = a:b", "a:b = c", "#x = a", "x\t= a\t+", "x = a - - b",
		"x\001 = a", "x = + / a", "x = a + / b" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct eg_error e = { 0 };
		struct eg_expr x;

		if (eg_expr_parse(&x, bad[i], &e) == 0)
			fail_msg("'%s' was taken", bad[i]);
		assert_int_equal(e.status, EG_USAGE);
		assert_null(x.text);
	}
}

static int64_t
instant(const char *time)
{
	int64_t ns;

	assert_int_equal(eg_time_parse(time, strlen(time), &ns), EG_FAULT_NONE);
	return ns;
}

/* Moves from; to "": it goes nowhere. */
static void
moves(const char *zone, const char *day_start, const char *shift, const char *from, const char *to)
{
	struct eg_slots_options o = { "1d", zone, day_start, 0 };
	struct eg_error e = { 0 };
	struct eg_slots *days = eg_slots_open(&o, &e);
	int64_t ns = instant(from);
	char text[EG_TIME_SIZE] = "";
	struct eg_shift s;

	assert_non_null(days);
	assert_true(eg_shift_parse(shift, &s));
	if (eg_shift_apply(&s, days, &ns))
		eg_time_format(ns, text);
	assert_string_equal(text, to);
	eg_slots_free(days);
}

static void
times_move_by_the_calendar(void **state)
{
	(void)state;
	moves("Europe/Rome", NULL, "1d", "2024-03-30T11:00:00", "2024-03-31T10:00:00");
	moves("Europe/Rome", NULL, "1w", "2024-10-23T22:00:00", "2024-10-30T23:00:00");
	moves("Europe/Rome", NULL, "1y", "2023-12-31T23:00:00", "2024-12-31T23:00:00");
	moves("Europe/Rome", NULL, "1mo", "2024-02-29T23:00:00", "2024-03-31T22:00:00");
	moves("UTC", NULL, "1y", "2024-02-29T00:00:00", "");
	moves("UTC", NULL, "1mo", "2024-01-31T12:00:00", "");
	moves("UTC", NULL, "4y", "2024-02-29T12:00:00", "2028-02-29T12:00:00");
	moves("UTC", NULL, "36h", "2024-02-29T12:00:00", "2024-03-02T00:00:00");
}

static void
times_move_through_changes_of_clocks(void **state)
{
	(void)state;
	/* 02:30 of the day before does not exist on the next; 02:30 that is once goes to the first. */
	moves("Europe/Rome", NULL, "1d", "2024-03-30T01:30:00", "");
	moves("Europe/Rome", NULL, "1d", "2024-10-26T00:30:00", "2024-10-27T00:30:00");
	moves("Europe/Rome", NULL, "1d", "2024-10-27T00:30:00", "2024-10-28T01:30:00");
	moves("Europe/Rome", NULL, "1d", "2024-10-27T01:30:00", "");
	/* The beginning of a day goes to the beginning of a day. */
	moves("Africa/Cairo", NULL, "1d", "2024-04-24T22:00:00", "2024-04-25T22:00:00");
	moves("Africa/Cairo", NULL, "1d", "2024-04-25T22:00:00", "2024-04-26T21:00:00");
	moves("Pacific/Apia", NULL, "1d", "2011-12-29T10:00:00", "");
	moves("Pacific/Apia", NULL, "2d", "2011-12-29T10:00:00", "2011-12-30T10:00:00");
	moves("Europe/Rome", "06:00", "1d", "2024-03-30T05:00:00", "2024-03-31T04:00:00");
}

static void
what_is_no_shift_is_refused(void **state)
{
	static const char *const bad[] = { "", "0d", "-1d", "0", "d", "101y", "1q", "1.5mo", "99999999999999d" };
	struct eg_shift s;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(eg_shift_parse(bad[i], &s));
	assert_true(eg_shift_parse("90m", &s));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(terms_have_signs_and_factors),
		cmocka_unit_test(one_division_parts_all),
		cmocka_unit_test(quotes_hold_any_sensor),
		cmocka_unit_test(what_is_no_expression_is_refused),
		cmocka_unit_test(times_move_by_the_calendar),
		cmocka_unit_test(times_move_through_changes_of_clocks),
		cmocka_unit_test(what_is_no_shift_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
