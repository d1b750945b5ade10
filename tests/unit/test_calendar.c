/* SPDX-License-Identifier: MIT */
/* Dates as numbers of days, and Easter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/calendar.h"

static void
days_and_dates_are_inverse(void **state)
{
	(void)state;
	assert_int_equal(eg_day_number(1970, 1, 1), 0);
	assert_int_equal(eg_day_number(2024, 2, 29), 19782);
	assert_int_equal(eg_day_number(2024, 13, 1), eg_day_number(2025, 1, 1));
	assert_int_equal(eg_day_number(2024, 0, 1), eg_day_number(2023, 12, 1));
	assert_int_equal(eg_day_number(2024, 3, 0), eg_day_number(2024, 2, 29));
	for (int64_t day = -700000; day < 120000; day += 7) {
		struct eg_date d = eg_day_date(day);

		assert_true(d.month >= 1 && d.month <= 12 && d.day >= 1 &&
		    d.day <= eg_month_days(d.year, d.month));
		assert_int_equal(eg_day_number(d.year, d.month, d.day), day);
		assert_int_equal(eg_day_weekday(day), eg_day_weekday(0));
	}
}

static void
weekdays_begin_on_monday(void **state)
{
	(void)state;
	assert_int_equal(eg_day_weekday(eg_day_number(2024, 4, 1)), 0);
	assert_int_equal(eg_day_weekday(eg_day_number(2024, 3, 31)), 6);
	assert_int_equal(eg_day_weekday(eg_day_number(1969, 12, 28)), 6);
}

static void
months_have_their_days(void **state)
{
	(void)state;
	assert_int_equal(eg_month_days(2024, 2), 29);
	assert_int_equal(eg_month_days(2100, 2), 28);
	assert_int_equal(eg_month_days(2000, 2), 29);
	assert_int_equal(eg_month_days(2023, 12), 31);
}

/* Dates of the Astronomical Applications Department of the US Naval Observatory. */
static void
easter_is_a_sunday_of_spring(void **state)
{
	static const struct eg_date easter[] = { { 1818, 3, 22 }, { 1943, 4, 25 }, { 1961, 4, 2 },
		{ 2000, 4, 23 }, { 2008, 3, 23 }, { 2019, 4, 21 }, { 2023, 4, 9 }, { 2024, 3, 31 },
		{ 2025, 4, 20 }, { 2026, 4, 5 }, { 2038, 4, 25 }, { 2049, 4, 18 }, { 2076, 4, 19 },
		{ 2285, 3, 22 } };

	(void)state;
	for (size_t i = 0; i < sizeof(easter) / sizeof(easter[0]); i++)
		assert_int_equal(eg_day_easter(easter[i].year),
		    eg_day_number(easter[i].year, easter[i].month, easter[i].day));
	for (int year = 1583; year < 2300; year++)
		assert_int_equal(eg_day_weekday(eg_day_easter(year)), 6);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(days_and_dates_are_inverse),
		cmocka_unit_test(weekdays_begin_on_monday),
		cmocka_unit_test(months_have_their_days),
		cmocka_unit_test(easter_is_a_sunday_of_spring),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
