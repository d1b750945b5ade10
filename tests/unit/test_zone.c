/* SPDX-License-Identifier: MIT */
/* Time zones: both hours of a change, and TZ left as it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/diag.h"
#include "base/zone.h"
#include "record/record.h"

static int64_t
seconds(const char *time)
{
	int64_t ns;

	assert_int_equal(eg_time_parse(time, strlen(time), &ns), EG_FAULT_NONE);
	return ns / 1000000000;
}

/* What stands for the local time: instants, "" for none. */
static void
is(const char *zone, const char *local, const char *first, const char *second)
{
	struct eg_error e = { 0 };
	struct eg_zone *z = eg_zone_open(zone, &e);
	int64_t utc[2];
	int n;

	assert_non_null(z);
	n = eg_zone_instants(z, seconds(local), utc);
	assert_int_equal(n, (*first != '\0') + (*second != '\0'));
	if (n > 0)
		assert_int_equal(utc[0], seconds(first));
	if (n > 1)
		assert_int_equal(utc[1], seconds(second));
	eg_zone_free(z);
}

static void
local_times_become_instants(void **state)
{
	(void)state;
	is("UTC", "2024-03-31T02:30:00", "2024-03-31T02:30:00", "");
	is("Europe/Rome", "2024-01-01T00:00:00", "2023-12-31T23:00:00", "");
	is("Europe/Rome", "2024-03-31T02:30:00", "", "");
	is("Europe/Rome", "2024-10-27T01:59:59", "2024-10-26T23:59:59", "");
	is("Europe/Rome", "2024-10-27T02:00:00", "2024-10-27T00:00:00", "2024-10-27T01:00:00");
	is("Europe/Rome", "2024-10-27T02:59:59", "2024-10-27T00:59:59", "2024-10-27T01:59:59");
	is("Europe/Rome", "2024-10-27T03:00:00", "2024-10-27T02:00:00", "");
	is("America/New_York", "2024-11-03T01:30:00", "2024-11-03T05:30:00", "2024-11-03T06:30:00");
	is("Australia/Lord_Howe", "2024-04-07T01:45:00", "2024-04-06T14:45:00", "2024-04-06T15:15:00");
	is("Asia/Kathmandu", "2024-06-01T00:00:00", "2024-05-31T18:15:00", "");
	is("Pacific/Apia", "2011-12-30T12:00:00", "", "");
	is("Pacific/Kiritimati", "2024-06-01T00:00:00", "2024-05-31T10:00:00", "");
	is("Europe/Rome", "2090-07-01T12:00:00", "2090-07-01T10:00:00", "");
	is("Europe/Rome", "2190-01-01T12:00:00", "2190-01-01T11:00:00", "");
	is("Europe/Rome", "1969-01-01T12:00:00", "1969-01-01T11:00:00", "");
}

static void
seasons_are_the_ends_of_the_year(void **state)
{
	struct eg_error e = { 0 };
	struct eg_zone *z = eg_zone_open("Europe/Amsterdam", &e);
	int winter, summer;

	(void)state;
	assert_non_null(z);
	for (int month = 0; month < 12; month++) {
		eg_zone_seasons(z, seconds("2024-01-15T00:00:00") + month * 30 * 86400, &winter, &summer);
		assert_int_equal(winter, 3600);
		assert_int_equal(summer, 7200);
	}
	eg_zone_free(z);
}

static void
the_process_keeps_its_own_zone(void **state)
{
	struct eg_error e = { 0 };
	time_t noon = (time_t)seconds("2024-07-01T12:00:00");
	struct tm tm;

	(void)state;
	setenv("TZ", "Asia/Tokyo", 1);
	tzset();
	eg_zone_free(eg_zone_open("Europe/Rome", &e));
	assert_string_equal(getenv("TZ"), "Asia/Tokyo");
	assert_int_equal(localtime_r(&noon, &tm)->tm_hour, 21);
	unsetenv("TZ");
	tzset();
	eg_zone_free(eg_zone_open("Europe/Rome", &e));
	assert_null(getenv("TZ"));
}

static void
what_is_no_zone_is_refused(void **state)
{
	static const char *const bad[] = { "", "Europe", "Europe/Atlantis", "/etc/passwd", "zone.tab",
		"../zoneinfo/UTC", "CET-1CEST", "Europe/Rome " };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct eg_error e = { 0 };

		assert_null(eg_zone_open(bad[i], &e));
		assert_int_equal(e.status, EG_CONFIG);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(local_times_become_instants),
		cmocka_unit_test(seasons_are_the_ends_of_the_year),
		cmocka_unit_test(the_process_keeps_its_own_zone),
		cmocka_unit_test(what_is_no_zone_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
