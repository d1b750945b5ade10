/* SPDX-License-Identifier: MIT */
/* lib/energy/register and quantity: which readings of a register are believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/fixed.h"
#include "energy/quantity.h"
#include "energy/register.h"
#include "record/record.h"

struct reading {
	const char *time, *value;
};

static struct eg_wide
amount(const char *text)
{
	struct eg_wide n;

	assert_int_equal(eg_fixed_parse(text, strlen(text), &n), EG_NUMBER_OK);
	return n;
}

static char *
add(char *o, const char *what, struct eg_wide n)
{
	char text[EG_FIXED_SIZE];

	eg_fixed_put(n, eg_wide_of(EG_FIXED_ONE), 9, false, text);
	return o + sprintf(o, "%s%s ", what, text);
}

/* Feeds readings of kWh, 60 kW at most, and writes what comes of them: steps and events in
 * order, as "3.5 glitch:0 ". */
static void
run(const struct reading *row, struct eg_register_rule rule, char *o)
{
	struct eg_quantity q;
	struct eg_register r = { .begun = false };
	struct eg_wide limit;

	assert_true(eg_power_parse("60kW", &limit));
	q = eg_quantity_of(EG_KIND_KWH, 0, limit, 6);
	rule.quantity = &q;
	for (*o = '\0'; row->time != NULL; row++) {
		struct eg_point p = { .value = amount(row->value) };
		struct eg_register_verdict v;
		char name[32];

		assert_int_equal(eg_time_parse(row->time, strlen(row->time), &p.ns), EG_FAULT_NONE);
		v = eg_register_take(&r, &rule, &p);
		for (int i = 0; i < v.events; i++) {
			snprintf(name, sizeof(name), "%s:", eg_event_name(v.event[i]));
			o = add(o, name, v.about[i].value);
		}
		for (int i = 0; i < v.steps; i++)
			o = add(o, "", v.step[i].amount);
	}
	if (r.suspects)
		o = add(o, "undecided:", r.suspect.value);
}

/* From the issues of Home Assistant's integrations, and made up. */
static const struct {
	const char *what, *expect;
	struct reading row[6];
} cases[] = {
	{ "a reading of 0 when the plug starts again", "glitch:0 0.009 0.004 ",
		{ { "2026-08-17T02:50:00", "3.737" }, { "2026-08-17T03:29:18", "0.000" },
		{ "2026-08-17T03:29:22", "3.746" }, { "2026-08-17T03:39:22", "3.750" } } },
	{ "a real reset", "reset:0.01 0.01 0.01 ",
		{ { "2026-01-01T00:00:00", "5.000" }, { "2026-01-01T00:10:00", "0.010" },
		{ "2026-01-01T00:20:00", "0.020" } } },
	{ "the register of an inverter, which begins each day", "reset:0 0 0 0.1 ",
		{ { "2026-01-01T22:00:00", "12.3" }, { "2026-01-02T00:00:00", "0" },
		{ "2026-01-02T06:00:00", "0" }, { "2026-01-02T08:00:00", "0.1" } } },
	{ "two glitches in a row", "glitch:0 glitch:99999 0.1 ",
		{ { "2026-01-01T00:00:00", "100" }, { "2026-01-01T00:01:00", "0" },
		{ "2026-01-01T00:02:00", "99999" }, { "2026-01-01T00:03:00", "100.1" } } },
	{ "a reset to a value that is too large to be from zero", "reset:700 0.1 ",
		{ { "2026-01-01T00:00:00", "5000" }, { "2026-01-01T00:01:00", "700" },
		{ "2026-01-01T00:02:00", "700.1" } } },
	{ "a glitch at the end", "undecided:0 ",
		{ { "2026-01-01T00:00:00", "100" }, { "2026-01-01T00:01:00", "0" } } },
	{ "a constant", "0 1 ",
		{ { "2026-01-01T00:00:00", "100" }, { "2026-01-01T01:00:00", "100" },
		{ "2026-01-01T02:00:00", "101" } } },
	{ "an exchanged meter", "1 exchanged meter:52345.678 0.5 ",
		{ { "2026-01-01T00:00:00", "100" }, { "2026-01-01T01:00:00", "101" },
		{ "2026-01-01T02:00:00", "52345.678" }, { "2026-01-01T03:00:00", "52346.178" } } },
	{ "a register below zero", "1.5 1 ",
		{ { "2026-01-01T00:00:00", "-2" }, { "2026-01-01T01:00:00", "-0.5" },
		{ "2026-01-01T02:00:00", "0.5" } } },
	{ "a register below zero that is set back", "reset:-90 0.5 ",
		{ { "2026-01-01T00:00:00", "-2" }, { "2026-01-01T01:00:00", "-90" },
		{ "2026-01-01T02:00:00", "-89.5" } } },
	{ "a meter exchanged from below zero", "exchanged meter:100 0.5 ",
		{ { "2026-01-01T00:00:00", "-80" }, { "2026-01-01T02:00:00", "100" },
		{ "2026-01-01T03:00:00", "100.5" } } },
	{ "the largest power, and a bit more", "60 undecided:220.001 ",
		{ { "2026-01-01T00:00:00", "100" }, { "2026-01-01T01:00:00", "160" },
		{ "2026-01-01T02:00:00", "220.001" } } },
};

static void
the_next_reading_decides_about_one_that_is_not_plausible(void **state)
{
	char out[512];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		run(cases[i].row, (struct eg_register_rule){ .from_zero = true }, out);
		if (strcmp(out, cases[i].expect) != 0)
			fail_msg("%s: %s, not %s", cases[i].what, out, cases[i].expect);
	}
}

static void
after_a_reset_nothing_counts_from_zero_when_told_so(void **state)
{
	const struct reading row[] = { { "2026-01-01T00:00:00", "5" }, { "2026-01-01T00:10:00", "0.01" },
		{ "2026-01-01T00:20:00", "0.02" }, { NULL, NULL } };
	char out[512];

	(void)state;
	run(row, (struct eg_register_rule){ .from_zero = false }, out);
	assert_string_equal(out, "reset:0.01 0.01 ");
}

static void
a_register_begins_again_at_its_modulus(void **state)
{
	const struct reading row[] = { { "2026-01-01T00:00:00", "2999.9" }, { "2026-01-01T00:10:00", "0.2" },
		{ "2026-01-01T00:20:00", "0.3" }, { NULL, NULL } };
	char out[512];

	(void)state;
	run(row, (struct eg_register_rule){ .modulus = amount("3000"), .from_zero = true }, out);
	assert_string_equal(out, "rollover:0.2 0.3 0.1 ");
	run(row, (struct eg_register_rule){ .from_zero = true }, out);
	assert_string_equal(out, "reset:0.2 0.2 0.1 ");
}

/* With a modulus of 1000. */
static const struct {
	const char *what, *expect;
	struct reading row[6];
} around_the_modulus[] = {
	{ "a glitch before it", "glitch:99950 rollover:2 7 1 ",
		{ { "2026-01-01T00:00:00", "995" }, { "2026-01-01T00:15:00", "99950" },
		{ "2026-01-01T00:30:00", "2" }, { "2026-01-01T00:45:00", "3" } } },
	{ "two glitches before it", "glitch:99950 glitch:500 rollover:2 7 1 ",
		{ { "2026-01-01T00:00:00", "995" }, { "2026-01-01T00:15:00", "99950" },
		{ "2026-01-01T00:30:00", "500" }, { "2026-01-01T00:45:00", "2" },
		{ "2026-01-01T01:00:00", "3" } } },
	{ "a glitch behind it", "rollover:2 7 glitch:99950 1 ",
		{ { "2026-01-01T00:00:00", "995" }, { "2026-01-01T00:15:00", "2" },
		{ "2026-01-01T00:30:00", "99950" }, { "2026-01-01T00:45:00", "3" } } },
	{ "a register set back at a half, silent for a week after", "reset:3 3 1 ",
		{ { "2026-01-01T00:00:00", "500" }, { "2026-01-01T00:15:00", "3" },
		{ "2026-01-08T00:00:00", "4" } } },
};

static void
a_suspect_before_a_rollover_is_a_glitch(void **state)
{
	char out[512];

	(void)state;
	for (size_t i = 0; i < sizeof(around_the_modulus) / sizeof(around_the_modulus[0]); i++) {
		run(around_the_modulus[i].row,
		    (struct eg_register_rule){ .modulus = amount("1000"), .from_zero = true }, out);
		if (strcmp(out, around_the_modulus[i].expect) != 0)
			fail_msg("%s: %s, not %s", around_the_modulus[i].what, out,
			    around_the_modulus[i].expect);
	}
}

static void
a_power_has_its_unit(void **state)
{
	static const char *const bad[] = { "", "W", "kW", "60", "0W", "-1kW", "60kWh", "60 kW", "60KW", "1e13W",
		"x kW", "nanW" };
	struct eg_wide p, q;

	(void)state;
	assert_true(eg_power_parse("60kW", &p) && eg_power_parse("60000W", &q));
	assert_int_equal(eg_wide_compare(p, q), 0);
	assert_true(eg_power_parse("0.06MW", &q));
	assert_int_equal(eg_wide_compare(p, q), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (eg_power_parse(bad[i], &p))
			fail_msg("'%s' is no power", bad[i]);
}

static void
the_largest_step_in_the_longest_time_has_room(void **state)
{
	struct eg_wide most = amount("1e12"), power;
	struct eg_quantity q;

	(void)state;
	assert_true(eg_power_parse("1e12MW", &power));
	q = eg_quantity_of(EG_KIND_PULSE, 1000000000, power, 18);
	eg_wide_add(&most, most);
	assert_true(eg_quantity_plausible(&q, most, INT64_MAX));
	assert_true(eg_power_parse("0.000000001W", &power));
	q = eg_quantity_of(EG_KIND_PULSE, 1, power, 0);
	assert_false(eg_quantity_plausible(&q, most, INT64_MAX));
	assert_true(eg_quantity_plausible(&q, eg_wide_of(0), 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_next_reading_decides_about_one_that_is_not_plausible),
		cmocka_unit_test(after_a_reset_nothing_counts_from_zero_when_told_so),
		cmocka_unit_test(a_register_begins_again_at_its_modulus),
		cmocka_unit_test(a_suspect_before_a_rollover_is_a_glitch),
		cmocka_unit_test(a_power_has_its_unit),
		cmocka_unit_test(the_largest_step_in_the_longest_time_has_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
