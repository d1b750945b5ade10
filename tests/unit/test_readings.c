/* SPDX-License-Identifier: MIT */
/* Unit tests of lib/sim/readings: schedules and keys, on a clock of the test's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "sim/readings.h"

#define S EG_NS_PER_S
#define MS EG_NS_PER_MS

static struct eg_readings r;

static void
fresh(int64_t sensors, int64_t rounds)
{
	memset(&r, 0, sizeof(r));
	r.sensors = sensors;
	r.rounds = rounds;
	r.prefix = "sensor";
	r.unit = 1;
	r.decimals = 2;
	r.low = 4000;
	r.high = 7000;
}

/* Every line in buf is a record; returns how many there are. */
static uint64_t
check_records(void)
{
	struct eg_record record;
	const char *p = r.buf, *end = r.buf + r.len;
	uint64_t n = 0;

	for (; p < end; p++, n++) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));

		assert_non_null(nl);
		assert_int_equal(eg_record_parse(p, (size_t)(nl - p), &record), EG_FAULT_NONE);
		p = nl;
	}
	return n;
}

static void
a_round_is_due_at_once_and_then_each_delay(void **state)
{
	(void)state;
	fresh(15, 3);
	r.delay = 2 * S;
	assert_int_equal(eg_readings_fill(&r, 100 * S), 15);
	assert_int_equal(check_records(), 15);
	assert_int_equal(eg_readings_fill(&r, 101 * S), 0);
	assert_true(r.wake == 102 * S);
	/* A little late: the next is not. */
	assert_int_equal(eg_readings_fill(&r, 102 * S + 700 * MS), 15);
	assert_int_equal(eg_readings_fill(&r, 103 * S), 0);
	assert_true(r.wake == 104 * S);
	assert_false(r.over);
	assert_int_equal(eg_readings_fill(&r, 104 * S), 15);
	assert_true(r.over);
	assert_int_equal(eg_readings_fill(&r, 106 * S), 0);
}

static void
missed_rounds_are_not_made_in_one_go(void **state)
{
	(void)state;
	fresh(1, 0);
	r.delay = S;
	assert_int_equal(eg_readings_fill(&r, 10 * S), 1);
	assert_int_equal(eg_readings_fill(&r, 60 * S + 5), 1);
	assert_int_equal(eg_readings_fill(&r, 60 * S + 5), 0);
	assert_true(r.wake == 61 * S + 5);
}

static void
a_sensor_waits_for_the_next_unit_of_time(void **state)
{
	int64_t now = eg_mono_ns(), first;

	(void)state;
	fresh(1, 0);
	r.unit = 3600 * S;
	assert_int_equal(eg_readings_fill(&r, now), 1);
	first = r.stamp;
	/* Unless the wall clock has just begun an hour, it is too early now. */
	if (eg_readings_fill(&r, now) == 0) {
		assert_true(r.wake > now && r.wake <= now + r.unit);
		assert_int_equal(r.len, 0);
	} else
		assert_true(r.stamp > first);
}

static void
a_rate_is_kept_over_any_pattern_of_calls(void **state)
{
	int64_t start = 50 * S, now;
	uint64_t total = 0;

	(void)state;
	fresh(7, 0);
	r.rate = 10000;
	for (now = start; now < start + 10 * S; now += 1 * MS + (now / 7) % (5 * MS)) {
		total += eg_readings_fill(&r, now);
		assert_true(r.len == 0 || check_records() > 0);
	}
	assert_in_range(total, 100000 - 100, 100000 + 1);
}

static void
a_low_rate_is_even(void **state)
{
	(void)state;
	fresh(2, 0);
	r.rate = 4;
	assert_int_equal(eg_readings_fill(&r, 8 * S), 1);
	assert_int_equal(eg_readings_fill(&r, 8 * S + 249 * MS), 0);
	assert_true(r.wake > 8 * S + 249 * MS && r.wake <= 8 * S + 251 * MS);
	assert_int_equal(eg_readings_fill(&r, r.wake), 1);
	assert_int_equal(eg_readings_fill(&r, r.wake), 1);
	assert_true(r.wake > 8 * S + 749 * MS && r.wake <= 8 * S + 751 * MS);
}

static void
a_rate_that_was_held_up_makes_up_for_no_more_than_a_second(void **state)
{
	(void)state;
	fresh(10, 0);
	r.rate = 1000;
	assert_int_equal(eg_readings_fill(&r, 5 * S), 1);
	assert_int_equal(eg_readings_fill(&r, 5 * S + 500 * MS), 500);
	assert_int_equal(eg_readings_fill(&r, 90 * S), 1);
	assert_int_equal(eg_readings_fill(&r, 90 * S + 10 * MS), 10);
}

static void
history_ends_where_time_ends(void **state)
{
	(void)state;
	fresh(2, 0);
	r.history = true;
	r.start = INT64_MAX - 5;
	r.step = 3;
	assert_int_equal(eg_readings_fill(&r, S), 4);
	assert_true(r.over);
	assert_int_equal(check_records(), 4);
}

static void
a_buffer_holds_whole_records_and_goes_on_where_it_ended(void **state)
{
	uint64_t total = 0, n;

	(void)state;
	fresh(100000, 1);
	r.delay = S;
	while ((n = eg_readings_fill(&r, 9 * S)) > 0) {
		assert_true(r.len <= sizeof(r.buf));
		assert_int_equal(check_records(), n);
		total += n;
	}
	assert_int_equal(total, 100000);
	assert_true(r.over);
}

static void
values_of_any_sign_and_precision_are_records(void **state)
{
	(void)state;
	for (int d = 0; d <= 9; d++) {
		fresh(1000, 1);
		r.decimals = d;
		r.low = -150;
		r.high = 150;
		assert_int_equal(eg_readings_fill(&r, S), 1000);
		assert_int_equal(check_records(), 1000);
	}
	fresh(1000, 1);
	r.decimals = 9;
	r.low = INT64_C(-1000000000000000000);
	r.high = INT64_C(1000000000000000000);
	assert_int_equal(eg_readings_fill(&r, S), 1000);
	assert_int_equal(check_records(), 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_round_is_due_at_once_and_then_each_delay),
		cmocka_unit_test(missed_rounds_are_not_made_in_one_go),
		cmocka_unit_test(a_sensor_waits_for_the_next_unit_of_time),
		cmocka_unit_test(a_rate_is_kept_over_any_pattern_of_calls),
		cmocka_unit_test(a_low_rate_is_even),
		cmocka_unit_test(a_rate_that_was_held_up_makes_up_for_no_more_than_a_second),
		cmocka_unit_test(history_ends_where_time_ends),
		cmocka_unit_test(a_buffer_holds_whole_records_and_goes_on_where_it_ended),
		cmocka_unit_test(values_of_any_sign_and_precision_are_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
