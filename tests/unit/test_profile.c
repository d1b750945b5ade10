/* SPDX-License-Identifier: MIT */
/* Unit tests of lib/sim/profile: made-up values are in bounds and look like the thing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "record/record.h"
#include "sim/profile.h"

#define MINUTE INT64_C(60000000000)

static int64_t
at(const char *time)
{
	int64_t ns = 0;
	size_t len = 0;

	while (time[len] != '\0')
		len++;
	assert_int_equal(eg_time_parse(time, len, &ns), EG_FAULT_NONE);
	return ns;
}

/* The mean of 40 houses over so many minutes from a time on. */
static double
houses(const char *from, int minutes)
{
	int64_t start = at(from);
	double sum = 0;

	for (uint64_t house = 1; house <= 40; house++)
		for (int i = 0; i < minutes; i++)
			sum += eg_household_watts(1, house, start + i * MINUTE);
	return sum / 40 / minutes;
}

/* The mean of 5 plants over ten days from a time on, at that time of the day. */
static double
plants(const char *from, double latitude)
{
	int64_t start = at(from);
	double sum = 0;

	for (uint64_t plant = 1; plant <= 5; plant++)
		for (int day = 0; day < 10; day++)
			sum += eg_solar_watts(1, plant, start + day * 1440 * MINUTE, latitude);
	return sum / 50;
}

static void
random_is_splitmix64(void **state)
{
	/* Seed 1234567, as printed by the authors' C program. */
	static const uint64_t expected[] = { UINT64_C(6457827717110365317),
		UINT64_C(3203168211198807973), UINT64_C(9817491932198370423) };
	uint64_t s = 1234567;

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_true(eg_random_next(&s) == expected[i]);
}

static void
random_reaches_both_ends_and_nothing_else(void **state)
{
	uint64_t s = 1, seen[7] = { 0 };

	(void)state;
	for (int i = 0; i < 7000; i++) {
		uint64_t n = eg_random_upto(&s, 6);

		assert_true(n <= 6);
		seen[n]++;
	}
	for (int i = 0; i < 7; i++)
		assert_in_range(seen[i], 850, 1150);
	assert_true(eg_random_upto(&s, 0) == 0);
	assert_true(eg_random_upto(&s, UINT64_MAX) != eg_random_upto(&s, UINT64_MAX));
}

static void
house_is_a_pure_function_and_each_differs(void **state)
{
	int64_t t = at("2026-11-23T19:00:00Z");
	double once = eg_household_watts(1, 1, t);

	(void)state;
	eg_household_watts(9, 9, t + MINUTE);
	assert_true(eg_household_watts(1, 1, t) >= once && eg_household_watts(1, 1, t) <= once);
	assert_true(eg_household_watts(1, 2, t) < once || eg_household_watts(1, 2, t) > once);
	assert_true(eg_household_watts(2, 1, t) < once || eg_household_watts(2, 1, t) > once);
}

static void
house_stays_in_bounds(void **state)
{
	static const char *const starts[] = { "1677-09-22T00:00:00Z", "1969-12-31T00:00:00Z",
		"2026-01-01T00:00:00Z", "2262-04-01T00:00:00Z" };

	(void)state;
	for (int k = 0; k < 4; k++)
		for (uint64_t house = 1; house <= 20; house++)
			for (int i = 0; i < 2880; i++) {
				double w = eg_household_watts(5, house, at(starts[k]) + i * MINUTE);

				assert_true(w >= EG_HOUSEHOLD_MIN && w <= EG_HOUSEHOLD_MAX);
			}
}

static void
house_has_breakfast_and_evening_peaks(void **state)
{
	double night = houses("2026-11-24T02:00:00Z", 120);

	(void)state;
	assert_true(houses("2026-11-24T07:00:00Z", 60) > 2 * night);
	assert_true(houses("2026-11-24T18:30:00Z", 90) > 4 * night);
	assert_true(houses("2026-11-24T11:00:00Z", 120) < 1.3 * night);
}

static void
house_is_lived_in_at_weekends(void **state)
{
	double friday = houses("2026-11-27T10:00:00Z", 300);

	(void)state;
	assert_true(houses("2026-11-28T10:00:00Z", 300) > 2 * friday);
	assert_true(houses("2026-11-29T10:00:00Z", 300) > 2 * friday);
	assert_true(houses("2026-11-30T10:00:00Z", 300) < 1.3 * friday);
	/* A weekend before 1970 is one, too: the 28th of December 1969 was a Sunday. */
	assert_true(houses("1969-12-28T10:00:00Z", 300) > 2 * houses("1969-12-29T10:00:00Z", 300));
}

/* At night the fridge is all that switches; a cycle takes 40 to 70 minutes. */
static void
house_has_a_fridge(void **state)
{
	int64_t start = at("2026-11-24T00:00:00Z");
	double base = 1e9;
	int on = 0, starts = 0, was = 1;

	(void)state;
	for (int i = 0; i < 270; i++) {
		double w = eg_household_watts(1, 4, start + i * MINUTE);

		base = w < base ? w : base;
	}
	for (int i = 0; i < 270; i++) {
		int is = eg_household_watts(1, 4, start + i * MINUTE) > base + 40;

		starts += is && !was;
		on += is;
		was = is;
	}
	assert_in_range(starts, 3, 7);
	assert_in_range(on, 50, 140);
}

static void
solar_is_zero_at_night_and_never_negative(void **state)
{
	(void)state;
	for (int day = 0; day < 366; day += 5)
		for (int i = 0; i < 1440; i += 10) {
			int64_t t = at("2024-01-01T00:00:00Z") + (day * 1440 + i) * MINUTE;
			double w = eg_solar_watts(1, 1, t, 45);

			assert_true(w >= 0 && w <= EG_SOLAR_MAX);
			assert_true(w <= 0 || (i > 240 && i < 1200));
			assert_true(w > 0 || i < 480 || i > 960);
		}
}

static void
solar_peaks_at_noon_and_in_summer(void **state)
{
	double summer = plants("2026-06-16T12:00:00Z", 45), winter = plants("2026-12-16T12:00:00Z", 45);

	(void)state;
	assert_true(summer > plants("2026-06-16T08:00:00Z", 45));
	assert_true(summer > plants("2026-06-16T16:00:00Z", 45));
	assert_true(summer > 1.3 * winter);
}

static void
solar_knows_the_latitude(void **state)
{
	(void)state;
	assert_true(plants("2026-12-16T12:00:00Z", -35) > plants("2026-06-16T12:00:00Z", -35));
	assert_true(plants("2026-06-16T00:00:00Z", 80) > 0);
	assert_true(plants("2026-12-16T12:00:00Z", 80) <= 0);
}

/* Of a hundred noons some are bright and some are grey. */
static void
solar_has_weather(void **state)
{
	double low = 1e9, high = 0;

	(void)state;
	for (int day = 0; day < 100; day++) {
		double w = eg_solar_watts(1, 1, at("2026-05-01T12:00:00Z") + day * 1440 * MINUTE, 45);

		low = w < low ? w : low;
		high = w > high ? w : high;
	}
	assert_true(low > 0);
	assert_true(high > 2 * low);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_is_splitmix64),
		cmocka_unit_test(random_reaches_both_ends_and_nothing_else),
		cmocka_unit_test(house_is_a_pure_function_and_each_differs),
		cmocka_unit_test(house_stays_in_bounds),
		cmocka_unit_test(house_has_breakfast_and_evening_peaks),
		cmocka_unit_test(house_is_lived_in_at_weekends),
		cmocka_unit_test(house_has_a_fridge),
		cmocka_unit_test(solar_is_zero_at_night_and_never_negative),
		cmocka_unit_test(solar_peaks_at_noon_and_in_summer),
		cmocka_unit_test(solar_knows_the_latitude),
		cmocka_unit_test(solar_has_weather),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
