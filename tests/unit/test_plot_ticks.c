/* SPDX-License-Identifier: MIT */
/* Marks on axes: round numbers, and times, dates, months and years of a zone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/diag.h"
#include "base/zone.h"
#include "plot/ticks.h"
#include "record/record.h"

static int64_t
ns(const char *time)
{
	int64_t at;

	assert_int_equal(eg_time_parse(time, strlen(time), &at), EG_FAULT_NONE);
	return at;
}

/* The marks of a span, as `label/second@seconds`, parted by blanks. */
static void
are(const char *zone, const char *from, const char *to, int64_t least_s, size_t most,
    const char *want)
{
	struct eg_error e = { 0 };
	struct eg_zone *z = eg_zone_open(zone, &e);
	struct eg_time_axis t = { .zone = z, .from = ns(from), .to = ns(to), .least_s = least_s,
		.most = most };
	struct eg_axis a;
	char got[2048] = "";
	int n = 0;

	assert_non_null(z);
	eg_ticks_time(&a, &t);
	for (size_t i = 0; i < a.ticks; i++)
		n += snprintf(got + n, sizeof(got) - (size_t)n, "%s%s%s%s@%.10g", i > 0 ? " " : "",
		    a.tick[i].label, a.tick[i].second[0] != '\0' ? "/" : "", a.tick[i].second,
		    a.tick[i].at);
	assert_string_equal(got, want);
	eg_zone_free(z);
}

static void
marks_of_time_are_round(void **state)
{
	(void)state;
	are("UTC", "2026-01-01T00:00:00", "2026-01-01T00:00:10", 0, 6,
	    "00:00:00/1 Jan 2026@0 00:00:02@2 00:00:04@4 00:00:06@6 00:00:08@8 00:00:10@10");
	are("UTC", "2026-01-01T22:30:00.5", "2026-01-02T02:00:00", 0, 5,
	    "23:00@1799.5 00:00/2 Jan 2026@5399.5 01:00@8999.5 02:00@12599.5");
	are("UTC", "2026-01-01T10:00:00", "2026-01-04T00:00:00", 0, 5,
	    "2 Jan/2026@50400 3 Jan@136800 4 Jan@223200");
	/* Mondays. */
	are("UTC", "2025-12-20T00:00:00", "2026-01-15T00:00:00", 0, 6,
	    "22 Dec/2025@172800 29 Dec@777600 5 Jan/2026@1382400 12 Jan@1987200");
	are("UTC", "2025-11-15T00:00:00", "2026-03-10T00:00:00", 0, 5,
	    "Dec/2025@1382400 Jan/2026@4060800 Feb@6739200 Mar@9158400");
	are("UTC", "2020-06-01T00:00:00", "2026-06-01T00:00:00", 0, 8,
	    "2021@18489600 2022@50025600 2023@81561600 2024@113097600 2025@144720000 2026@176256000");
	/* No smaller than a day. */
	are("UTC", "2026-01-01T00:00:00", "2026-01-02T00:00:00", 86400, 20, "1 Jan/2026@0 2 Jan@86400");
}

static void
marks_of_time_are_those_of_the_zone(void **state)
{
	(void)state;
	/* Midnights are 23 and 25 hours apart where the clocks change. */
	are("Europe/Rome", "2026-03-28T23:00:00", "2026-03-30T22:00:00", 86400, 5,
	    "29 Mar/2026@0 30 Mar@82800 31 Mar@169200");
	are("Europe/Rome", "2026-10-24T22:00:00", "2026-10-26T23:00:00", 86400, 5,
	    "25 Oct/2026@0 26 Oct@90000 27 Oct@176400");
	/* At 02:00 the clock goes to 03:00: one mark for both. */
	are("Europe/Rome", "2026-03-28T23:00:00", "2026-03-29T03:00:00", 0, 5,
	    "00:00/29 Mar 2026@0 01:00@3600 03:00@7200 04:00@10800 05:00@14400");
	/* In Cairo this day begins at 01:00. */
	are("Africa/Cairo", "2024-04-24T22:00:00", "2024-04-26T21:00:00", 86400, 5,
	    "25 Apr/2024@0 26 Apr@86400 27 Apr@169200");
}

static void
the_ends_of_time_are_no_trouble(void **state)
{
	(void)state;
	are("UTC", "1677-09-22T00:00:00", "2262-04-11T00:00:00", 0, 8,
	    "1700@702950400 1750@2280787200 1800@3858624000 1850@5436460800 1900@7014297600 "
	    "1950@8592134400 2000@1.01699712e+10 2050@1.17478944e+10 2100@1.33257312e+10 "
	    "2150@1.4903568e+10 2200@1.64814048e+10 2250@1.80592416e+10");
}

static void
numbers_are(double low, double high, size_t most, int zero, const char *want)
{
	struct eg_axis a;
	char got[256] = "";
	int n;

	eg_ticks_number(&a, low, high, most, zero);
	n = snprintf(got, sizeof(got), "%g..%g:", a.from, a.to);
	for (size_t i = 0; i < a.ticks; i++)
		n += snprintf(got + n, sizeof(got) - (size_t)n, " %s", a.tick[i].label);
	assert_string_equal(got, want);
}

static void
marks_of_numbers_are_round(void **state)
{
	(void)state;
	numbers_are(3, 97, 5, 1, "0..100: 0 20 40 60 80 100");
	numbers_are(0, 7006, 8, 1, "0..8000: 0 1000 2000 3000 4000 5000 6000 7000 8000");
	numbers_are(21.2, 21.9, 5, 0, "21.2..22: 21.2 21.4 21.6 21.8 22");
	numbers_are(-30, 12, 5, 1, "-30..20: -30 -20 -10 0 10 20");
	numbers_are(0.1, 0.3, 2, 1, "0..0.4: 0 0.2 0.4");
	/* All equal. */
	numbers_are(0, 0, 5, 1, "0..1: 0 0.2 0.4 0.6 0.8 1");
	numbers_are(0, 0, 4, 0, "-1..1: -1 -0.5 0 0.5 1");
	numbers_are(50, 50, 5, 1, "0..50: 0 10 20 30 40 50");
	numbers_are(-4, -4, 4, 0, "-6..-2: -6 -5 -4 -3 -2");
	numbers_are(1e30, 1e30, 2, 1, "0..1e+30: 0 1e+30");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(marks_of_time_are_round),
		cmocka_unit_test(marks_of_time_are_those_of_the_zone),
		cmocka_unit_test(the_ends_of_time_are_no_trouble),
		cmocka_unit_test(marks_of_numbers_are_round),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
