/* SPDX-License-Identifier: MIT */
/* Slots of the calendar: odd days, weeks, months, years, and days that begin in the morning. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/slots.h"
#include "record/record.h"

static int64_t
instant(const char *time)
{
	int64_t ns;

	assert_int_equal(eg_time_parse(time, strlen(time), &ns), EG_FAULT_NONE);
	return ns;
}

static void
assert_time(int64_t ns, const char *time)
{
	char text[EG_TIME_SIZE];

	eg_time_format(ns, text);
	assert_string_equal(text, time);
}

static struct eg_slots *
open_slots(const char *every, const char *zone, const char *day_start, int month_start)
{
	struct eg_slots_options o = { every, zone, day_start, month_start };
	struct eg_error e = { 0 };
	struct eg_slots *s = eg_slots_open(&o, &e);

	assert_string_equal(e.text, "");
	return s;
}

/* The slot that holds `at` is from..to. */
static void
assert_slot(struct eg_slots *s, const char *at, const char *from, const char *to)
{
	struct eg_span span = eg_slots_at(s, instant(at));

	assert_time(span.from, from);
	assert_time(span.to, to);
}

static void
is(const char *every, const char *zone, const char *at, const char *from, const char *to)
{
	struct eg_slots *s = open_slots(every, zone, NULL, 0);

	assert_slot(s, at, from, to);
	eg_slots_free(s);
}

/* The day that holds `at` begins at `from`, where the clock shows `clock`, and has so many
 * minutes. */
static void
odd_day(const char *zone, const char *at, const char *from, const char *clock, int minutes)
{
	struct eg_slots *s = open_slots("1d", zone, NULL, 0);
	struct eg_span day = eg_slots_at(s, instant(at));
	int64_t first = day.from / EG_NS_PER_S;

	assert_time(day.from, from);
	assert_time((first + eg_zone_offset(eg_slots_zone(s), first)) * EG_NS_PER_S, clock);
	assert_int_equal((day.to - day.from) / EG_NS_PER_S, minutes * 60);
	assert_int_equal(eg_slots_at(s, day.from).to, day.to);
	assert_int_equal(eg_slots_at(s, day.to - 1).from, day.from);
	assert_int_equal(eg_slots_at(s, day.to).from, day.to);
	assert_int_equal(eg_slots_at(s, day.from - 1).to, day.from);
	eg_slots_free(s);
}

/* The values of Python's zoneinfo. */
static void
days_begin_at_the_first_instant_of_their_date(void **state)
{
	(void)state;
	odd_day("Africa/Cairo", "2024-04-26T12:00:00", "2024-04-25T22:00:00", "2024-04-26T01:00:00",
	    23 * 60);
	odd_day("America/Sao_Paulo", "2018-11-04T12:00:00", "2018-11-04T03:00:00",
	    "2018-11-04T01:00:00", 23 * 60);
	odd_day("America/Santiago", "2024-09-08T12:00:00", "2024-09-08T04:00:00", "2024-09-08T01:00:00",
	    23 * 60);
	odd_day("Asia/Beirut", "2024-03-31T12:00:00", "2024-03-30T22:00:00", "2024-03-31T01:00:00",
	    23 * 60);
	odd_day("Australia/Lord_Howe", "2024-10-06T00:00:00", "2024-10-05T13:30:00",
	    "2024-10-06T00:00:00", 1410);
	odd_day("Australia/Lord_Howe", "2024-04-07T00:00:00", "2024-04-06T13:00:00",
	    "2024-04-07T00:00:00", 1470);
	odd_day("Antarctica/Troll", "2024-03-31T12:00:00", "2024-03-31T00:00:00", "2024-03-31T00:00:00",
	    22 * 60);
	odd_day("Asia/Kathmandu", "2024-03-31T12:00:00", "2024-03-30T18:15:00", "2024-03-31T00:00:00",
	    24 * 60);
	odd_day("Pacific/Apia", "2011-12-29T20:00:00", "2011-12-29T10:00:00", "2011-12-29T00:00:00",
	    24 * 60);
	odd_day("Pacific/Apia", "2011-12-30T20:00:00", "2011-12-30T10:00:00", "2011-12-31T00:00:00",
	    24 * 60);
	odd_day("Atlantic/Azores", "2024-10-27T12:00:00", "2024-10-27T00:00:00", "2024-10-27T00:00:00",
	    25 * 60);
	odd_day("America/Havana", "2024-11-03T12:00:00", "2024-11-03T04:00:00", "2024-11-03T00:00:00",
	    25 * 60);
	odd_day("Europe/Rome", "2024-10-27T12:00:00", "2024-10-26T22:00:00", "2024-10-27T00:00:00",
	    25 * 60);
	odd_day("Europe/Rome", "2025-03-30T12:00:00", "2025-03-29T23:00:00", "2025-03-30T00:00:00",
	    23 * 60);
	odd_day("UTC", "1969-12-31T23:59:59.999999999", "1969-12-31T00:00:00", "1969-12-31T00:00:00",
	    24 * 60);
}

/* At 00:01 the clocks went back to 23:01: what follows stays in the day that has begun. */
static void
a_day_that_has_begun_is_not_left_again(void **state)
{
	(void)state;
	odd_day("America/St_Johns", "2010-11-07T02:31:30", "2010-11-07T02:30:00", "2010-11-07T00:00:00",
	    25 * 60);
	odd_day("America/St_Johns", "2010-11-07T02:30:30", "2010-11-07T02:30:00", "2010-11-07T00:00:00",
	    25 * 60);
	odd_day("America/St_Johns", "2010-11-07T02:29:30", "2010-11-06T02:30:00", "2010-11-06T00:00:00",
	    24 * 60);
}

static void
parts_of_a_day_count_from_its_beginning(void **state)
{
	(void)state;
	is("1h", "Europe/Rome", "2024-10-27T00:30:00", "2024-10-27T00:00:00", "2024-10-27T01:00:00");
	is("6h", "Europe/Rome", "2024-10-27T12:00:00", "2024-10-27T10:00:00", "2024-10-27T16:00:00");
	is("6h", "Europe/Rome", "2024-10-27T22:30:00", "2024-10-27T22:00:00", "2024-10-27T23:00:00");
	is("6h", "Europe/Rome", "2025-03-30T21:59:00", "2025-03-30T17:00:00", "2025-03-30T22:00:00");
	is("15m", "Asia/Kathmandu", "2024-06-01T00:14:59", "2024-06-01T00:00:00",
	    "2024-06-01T00:15:00");
	is("1h", "Asia/Kathmandu", "2024-06-01T00:14:59", "2024-05-31T23:15:00", "2024-06-01T00:15:00");
	is("1h", "Australia/Lord_Howe", "2024-10-06T12:59:00", "2024-10-06T12:30:00",
	    "2024-10-06T13:00:00");
	is("10m", "UTC", "1969-12-31T23:59:59", "1969-12-31T23:50:00", "1970-01-01T00:00:00");
}

static void
weeks_months_and_years_are_whole_days(void **state)
{
	(void)state;
	is("1w", "Europe/Rome", "2024-03-31T21:59:59", "2024-03-24T23:00:00", "2024-03-31T22:00:00");
	is("1w", "UTC", "1970-01-01T00:00:00", "1969-12-29T00:00:00", "1970-01-05T00:00:00");
	is("1mo", "Europe/Rome", "2024-03-15T00:00:00", "2024-02-29T23:00:00", "2024-03-31T22:00:00");
	is("1mo", "UTC", "2024-02-29T23:59:59", "2024-02-01T00:00:00", "2024-03-01T00:00:00");
	is("1mo", "Africa/Cairo", "2024-04-30T12:00:00", "2024-03-31T22:00:00", "2024-04-30T21:00:00");
	is("1y", "Europe/Rome", "2024-12-31T23:00:00", "2024-12-31T23:00:00", "2025-12-31T23:00:00");
	is("1y", "Pacific/Apia", "2011-12-31T20:00:00", "2011-12-31T10:00:00", "2012-12-31T10:00:00");
	is("1mo", "Pacific/Apia", "2011-12-30T09:59:59", "2011-12-01T10:00:00", "2011-12-31T10:00:00");
}

static void
a_day_may_begin_in_the_morning(void **state)
{
	struct eg_slots *s = open_slots("1d", "Europe/Rome", "06:00", 15);

	(void)state;
	assert_slot(s, "2024-10-27T04:59:59", "2024-10-26T04:00:00", "2024-10-27T05:00:00");
	assert_slot(s, "2024-10-27T05:00:00", "2024-10-27T05:00:00", "2024-10-28T05:00:00");
	eg_slots_free(s);
	s = open_slots("1h", "Europe/Rome", "02:30", 0);
	assert_slot(s, "2025-03-30T01:10:00", "2025-03-30T01:00:00", "2025-03-30T02:00:00");
	assert_slot(s, "2025-03-30T00:59:59", "2025-03-30T00:30:00", "2025-03-30T01:00:00");
	eg_slots_free(s);
	s = open_slots("1mo", "Europe/Rome", "06:00", 15);
	assert_slot(s, "2024-10-15T03:59:59", "2024-09-15T04:00:00", "2024-10-15T04:00:00");
	assert_slot(s, "2024-10-15T04:00:00", "2024-10-15T04:00:00", "2024-11-15T05:00:00");
	assert_slot(s, "2024-03-01T00:00:00", "2024-02-15T05:00:00", "2024-03-15T05:00:00");
	eg_slots_free(s);
	s = open_slots("1y", "Europe/Rome", NULL, 15);
	assert_slot(s, "2024-01-14T22:59:59", "2023-01-14T23:00:00", "2024-01-14T23:00:00");
	eg_slots_free(s);
}

/* Every slot ends where the next one begins, through all changes of half a century. */
static void
slots_follow_each_other(void **state)
{
	static const char *const zones[] = { "Europe/Rome", "Africa/Cairo", "Pacific/Apia",
		"Antarctica/Troll", "America/St_Johns", "Australia/Lord_Howe", "Africa/Casablanca",
		"Pacific/Kwajalein" };
	static const char *const every[] = { "12h", "1d", "1w", "1mo", "1y" };

	(void)state;
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
		for (size_t k = 0; k < sizeof(every) / sizeof(every[0]); k++) {
			struct eg_slots *s = open_slots(every[k], zones[i], k % 2 == 0 ? "00:00" : "02:30",
			    (int)k * 7);
			struct eg_span last = eg_slots_at(s, instant("1970-01-02T00:00:00"));

			while (last.to < instant("2030-01-01T00:00:00")) {
				struct eg_span next = eg_slots_at(s, last.to);

				assert_true(next.from == last.to && next.to > next.from);
				assert_int_equal(eg_slots_at(s, next.to - 1).from, next.from);
				last = next;
			}
			eg_slots_free(s);
		}
	}
}

static void
the_ends_of_time_are_in_a_slot(void **state)
{
	struct eg_slots *s = open_slots("1y", "Europe/Rome", NULL, 0);

	(void)state;
	assert_int_equal(eg_slots_at(s, INT64_MIN).from, INT64_MIN);
	assert_int_equal(eg_slots_at(s, INT64_MAX).to, INT64_MAX);
	eg_slots_free(s);
}

static void
refused(const char *every, const char *zone, const char *day_start, int month_start,
    enum eg_status status)
{
	struct eg_slots_options o = { every, zone, day_start, month_start };
	struct eg_error e = { 0 };

	assert_null(eg_slots_open(&o, &e));
	assert_int_equal(e.status, status);
}

static void
what_is_no_slot_is_refused(void **state)
{
	static const char *const bad[] = { "", "7h", "25m", "0", "500ms", "25h", "2d", "3mo", "1Y",
		"-1h", "1h ", "0.7h", "1x" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refused(bad[i], "UTC", NULL, 0, EG_USAGE);
	refused("1d", "Europe/Atlantis", NULL, 0, EG_CONFIG);
	refused("1d", "UTC", "6:00", 0, EG_USAGE);
	refused("1d", "UTC", "24:00", 0, EG_USAGE);
	refused("1d", "UTC", "06:60", 0, EG_USAGE);
	refused("1d", "UTC", "06:00:00", 0, EG_USAGE);
	refused("1mo", "UTC", NULL, 29, EG_USAGE);
	refused("1mo", "UTC", NULL, -1, EG_USAGE);
}

static void
a_day_in_hours_is_a_day(void **state)
{
	(void)state;
	is("24h", "Europe/Rome", "2024-10-27T22:30:00", "2024-10-26T22:00:00", "2024-10-27T23:00:00");
	is("1440m", "Europe/Rome", "2024-10-27T22:30:00", "2024-10-26T22:00:00", "2024-10-27T23:00:00");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(days_begin_at_the_first_instant_of_their_date),
		cmocka_unit_test(a_day_that_has_begun_is_not_left_again),
		cmocka_unit_test(parts_of_a_day_count_from_its_beginning),
		cmocka_unit_test(weeks_months_and_years_are_whole_days),
		cmocka_unit_test(a_day_may_begin_in_the_morning),
		cmocka_unit_test(slots_follow_each_other),
		cmocka_unit_test(the_ends_of_time_are_in_a_slot),
		cmocka_unit_test(what_is_no_slot_is_refused),
		cmocka_unit_test(a_day_in_hours_is_a_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
