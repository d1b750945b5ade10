/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/diag.h"
#include "meters/meters.h"
#include "record/record.h"
#include "serve/today.h"

static struct eg_slots *days;
static struct eg_today t;
static int64_t newest;

static void
begin(enum eg_kind kind)
{
	eg_today_begin(&t, &(struct eg_meter){ .kind = kind, .pulses = 1000 });
}

/* A reading of value on 2026-11-24, and a day later for hours from 24. */
static void
add(int hour, int minute, const char *value)
{
	char line[64];
	struct eg_record r;

	snprintf(line, sizeof(line), "a:2026-11-%dT%02d:%02d:00:%s", 24 + hour / 24, hour % 24, minute, value);
	assert_int_equal(eg_record_parse(line, strlen(line), &r), EG_FAULT_NONE);
	eg_today_add(&t, days, &r);
	newest = r.ns;
}

/* Of the newest reading's day. since: hours of its day's UTC date. */
static void
is(double kwh, double since_h)
{
	double got;
	int64_t since;

	assert_true(eg_today_kwh(&t, newest, &got, &since));
	assert_float_equal(got, kwh, 1e-9);
	assert_int_equal((since - t.day.from) / 3600000000000, (int64_t)since_h);
}

static void
a_power_stands_until_the_next_reading(void **state)
{
	(void)state;
	begin(EG_KIND_W);
	add(10, 0, "6000");
	is(0, 11);
	add(10, 10, "1000");
	is(1, 11);
	/* Nothing is known of a gap, and an older reading changes nothing. */
	add(12, 0, "3000");
	add(11, 0, "900000");
	add(12, 10, "0");
	is(1.5, 11);
	begin(EG_KIND_KW);
	add(10, 0, "6");
	add(10, 10, "0");
	is(1, 11);
}

static void
a_new_day_begins_at_its_first_instant(void **state)
{
	(void)state;
	begin(EG_KIND_W);
	/* Midnight in Rome is at 23:00. */
	add(22, 54, "6000");
	is(0, 23);
	add(23, 6, "6000");
	is(0.6, 0);
	assert_false(eg_today_kwh(&t, t.day.to, &(double){ 0 }, &(int64_t){ 0 }));
	assert_false(eg_today_kwh(&t, t.day.from - 1, &(double){ 0 }, &(int64_t){ 0 }));
}

static void
a_register_counts_up_and_its_glitches_do_not(void **state)
{
	(void)state;
	begin(EG_KIND_KWH);
	add(10, 0, "100");
	add(11, 0, "101.5");
	is(1.5, 11);
	add(11, 10, "0");
	add(11, 20, "102");
	is(2, 11);
	add(11, 30, "99999999");
	add(12, 0, "103");
	is(3, 11);
	/* Six hours of each twelve are in the new day. */
	add(17, 0, "103");
	add(29, 0, "115");
	is(6, 0);
	begin(EG_KIND_WH);
	add(10, 0, "100000");
	add(11, 0, "101500");
	is(1.5, 11);
	begin(EG_KIND_PULSE);
	add(10, 0, "7");
	add(11, 0, "1507");
	is(1.5, 11);
}

static void
amounts_count_where_they_are(void **state)
{
	(void)state;
	begin(EG_KIND_INC_WH);
	add(10, 0, "250");
	add(10, 15, "500");
	is(0.75, 11);
}

static void
what_has_no_energy_has_none(void **state)
{
	double kwh;
	int64_t since;

	(void)state;
	begin(EG_KIND_C);
	add(10, 0, "21");
	assert_false(eg_today_kwh(&t, newest, &kwh, &since));
	eg_today_begin(&t, NULL);
	add(10, 0, "21");
	assert_false(eg_today_kwh(&t, newest, &kwh, &since));
	/* Values that are no amounts. */
	begin(EG_KIND_W);
	add(10, 0, "1e300");
	assert_false(eg_today_kwh(&t, newest, &kwh, &since));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_power_stands_until_the_next_reading),
		cmocka_unit_test(a_new_day_begins_at_its_first_instant),
		cmocka_unit_test(a_register_counts_up_and_its_glitches_do_not),
		cmocka_unit_test(amounts_count_where_they_are),
		cmocka_unit_test(what_has_no_energy_has_none),
	};
	struct eg_error e = { 0 };
	int failed;

	days = eg_slots_open(&(struct eg_slots_options){ .zone = "Europe/Rome" }, &e);
	if (days == NULL)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	eg_slots_free(days);
	return failed;
}
