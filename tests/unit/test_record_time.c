/* SPDX-License-Identifier: MIT */
/* lib/record/record's timestamps: text to nanoseconds since the epoch, and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "record/record.h"

#define NS INT64_C(1000000000)
#define ROUND_TRIPS 300000
#define T "2026-11-23T14:18:36"
#define T_SECONDS INT64_C(1795443516)

static uint64_t
next_random(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

/* The time alone, and as part of a record: the two ways must agree. */
static enum eg_fault
parse_time(const char *s, int64_t *ns)
{
	char line[128];
	struct eg_record r;
	int n = snprintf(line, sizeof(line), "sensor1:%s:5", s);
	enum eg_fault fault = eg_record_parse(line, (size_t)n, &r);

	assert_int_equal(eg_time_parse(s, strlen(s), ns), fault);
	if (fault == EG_FAULT_NONE)
		assert_true(r.ns == *ns);
	return fault;
}

static void
times_are_instants_up_to_the_last_nanosecond(void **state)
{
	static const struct {
		const char *text;
		int64_t ns;
	} good[] = {
		{ "1970-01-01T00:00:00", 0 },
		{ "1969-12-31T23:59:59.999999999", -1 },
		{ "1969-12-31T23:59:59", -NS },
		{ "1900-02-28T23:59:59", INT64_C(-2203891201) * NS },
		{ "1900-03-01T00:00:00", INT64_C(-2203891200) * NS },
		{ "2000-02-29T12:00:00", INT64_C(951825600) * NS },
		{ "2024-02-29T00:00:00", INT64_C(1709164800) * NS },
		{ "2024-12-31T23:30:00-01:00", INT64_C(1735691400) * NS },
		{ "2025-01-01T00:30:00+01:00", INT64_C(1735687800) * NS },
		{ "2024-03-01T00:30:00+23:59", INT64_C(1709166660) * NS },
		{ "2262-04-11T23:47:16.854775807", INT64_MAX },
		{ "2262-04-12T00:47:16.854775807+01:00", INT64_MAX },
		{ "1677-09-21T00:12:43.145224192", INT64_MIN },
		{ "1677-09-20T23:12:43.145224192-01:00", INT64_MIN },
		{ "1677-09-21T00:12:44", INT64_C(-9223372036) * NS },
		{ "2262-04-11T23:47:16", INT64_C(9223372036) * NS },
		{ "2262-04-11T23:47:16Z", INT64_C(9223372036) * NS },
		{ T ".1", T_SECONDS * NS + 100000000 },
		{ T ".12", T_SECONDS * NS + 120000000 },
		{ T ".123", T_SECONDS * NS + 123000000 },
		{ T ".1234", T_SECONDS * NS + 123400000 },
		{ T ".12345", T_SECONDS * NS + 123450000 },
		{ T ".123456", T_SECONDS * NS + 123456000 },
		{ T ".1234567", T_SECONDS * NS + 123456700 },
		{ T ".12345678", T_SECONDS * NS + 123456780 },
		{ T ".123456789", T_SECONDS * NS + 123456789 },
	};
	static const char *const beyond[] = {
		"2262-04-11T23:47:16.854775808", "2262-04-11T23:47:17", "2262-04-11T22:47:17-01:00",
		"1677-09-21T00:12:43.145224191", "1677-09-21T00:12:43", "1677-09-21T01:12:43+01:00",
	};
	int64_t ns;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (parse_time(good[i].text, &ns) != EG_FAULT_NONE || ns != good[i].ns)
			fail_msg("'%s': %lld", good[i].text, (long long)ns);
	}
	for (size_t i = 0; i < sizeof(beyond) / sizeof(beyond[0]); i++)
		if (parse_time(beyond[i], &ns) != EG_FAULT_TIME_RANGE)
			fail_msg("'%s' is beyond the range", beyond[i]);
	assert_int_equal(eg_time_parse(T ":", sizeof(T), &ns), EG_FAULT_TIME_FORM);
	assert_int_equal(eg_time_parse("", 0, &ns), EG_FAULT_TIME_FORM);
}

static void
every_day_of_the_calendar_is_what_timegm_says(void **state)
{
	(void)state;
	for (int i = 0; i < 585 * 12 * 33; i++) {
		struct tm tm = { .tm_year = i / (12 * 33) + 1678 - 1900, .tm_mon = i / 33 % 12 };
		struct tm same;
		char text[64];
		time_t expected;
		int64_t ns;
		bool real;

		tm.tm_mday = i % 33;
		if (tm.tm_year + 1900 == 2262 && tm.tm_mon > 2)
			break;
		snprintf(text, sizeof(text), "%04d-%02d-%02dT01:02:03", tm.tm_year + 1900, tm.tm_mon + 1,
		    tm.tm_mday);
		tm.tm_hour = 1;
		tm.tm_min = 2;
		tm.tm_sec = 3;
		same = tm;
		expected = timegm(&same);
		real = tm.tm_mday > 0 && same.tm_mday == tm.tm_mday;
		if (eg_time_parse(text, strlen(text), &ns) != (real ? EG_FAULT_NONE : EG_FAULT_TIME_DATE))
			fail_msg("'%s'", text);
		if (real)
			assert_true(ns == expected * NS);
	}
}

static void
formatting_and_parsing_undo_each_other_and_agree_with_gmtime(void **state)
{
	static const int64_t units[] = { 1, 1000, 1000000, 10000000, NS, 60 * NS, 86400 * NS };
	uint64_t seed = 20261123;

	(void)state;
	for (int i = 0; i < ROUND_TRIPS; i++) {
		int64_t unit = units[next_random(&seed) % 7];
		int64_t ns = (int64_t)next_random(&seed) / unit * unit, back;
		time_t seconds = (time_t)(ns / NS - (ns % NS < 0));
		char text[EG_TIME_SIZE], expected[64];
		struct tm tm;
		size_t len = eg_time_format(ns, text);

		assert_true(len < EG_TIME_SIZE && len == strlen(text));
		assert_non_null(gmtime_r(&seconds, &tm));
		strftime(expected, sizeof(expected), "%Y-%m-%dT%H:%M:%S", &tm);
		assert_memory_equal(text, expected, 19);
		if (ns % NS == 0)
			assert_int_equal(len, 19);
		else
			assert_true(text[19] == '.' && text[len - 1] != '0');
		if (parse_time(text, &back) != EG_FAULT_NONE || back != ns)
			fail_msg("%lld: '%s'", (long long)ns, text);
	}
}

/* Also before 1970, from one side of midnight to the other, and back to a day before. */
static void
the_date_of_the_time_before_is_kept_for_its_day_alone(void **state)
{
	static const int64_t step[] = { 1, -1, 3600 * NS, -3600 * NS, 86400 * NS, -86400 * NS };
	struct eg_time_day last = { .known = false };
	uint64_t seed = 7;
	int64_t ns = 0;

	(void)state;
	for (int i = 0; i < 10000; i++, ns += step[next_random(&seed) % 6]) {
		char text[EG_TIME_SIZE], expected[EG_TIME_SIZE];

		assert_int_equal(eg_time_format_near(&last, ns, text), eg_time_format(ns, expected));
		assert_string_equal(text, expected);
	}
}

static void
times_are_formatted_at_both_ends(void **state)
{
	char text[EG_TIME_SIZE];

	(void)state;
	assert_int_equal(eg_time_format(INT64_MAX, text), 29);
	assert_string_equal(text, "2262-04-11T23:47:16.854775807");
	eg_time_format(INT64_MIN, text);
	assert_string_equal(text, "1677-09-21T00:12:43.145224192");
	eg_time_format(-1, text);
	assert_string_equal(text, "1969-12-31T23:59:59.999999999");
	eg_time_format(10000000, text);
	assert_string_equal(text, "1970-01-01T00:00:00.01");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_instants_up_to_the_last_nanosecond),
		cmocka_unit_test(every_day_of_the_calendar_is_what_timegm_says),
		cmocka_unit_test(formatting_and_parsing_undo_each_other_and_agree_with_gmtime),
		cmocka_unit_test(the_date_of_the_time_before_is_kept_for_its_day_alone),
		cmocka_unit_test(times_are_formatted_at_both_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
