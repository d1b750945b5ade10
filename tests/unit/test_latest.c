/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/diag.h"
#include "serve/latest.h"

static struct eg_latest *q;
static char seen[65536];
static unsigned count;

static void
note(const char *line)
{
	struct eg_record r;

	assert_int_equal(eg_record_parse(line, strlen(line), &r), EG_FAULT_NONE);
	eg_latest_note(q, &r);
}

static void
each(void *ctx, const struct eg_record *r, const struct eg_trace *t, const struct eg_today *today)
{
	double mean;

	(void)ctx;
	(void)today;
	assert_true(eg_trace_mean(t, eg_trace_minute(r->ns), &mean));
	strncat(seen, r->line, r->len);
	strcat(seen, "\n");
	count++;
}

static uint64_t
look(uint64_t since)
{
	seen[0] = '\0';
	count = 0;
	return eg_latest_each(q, since, each, NULL);
}

static int
fresh(void **state)
{
	struct eg_error e = { 0 };

	(void)state;
	q = eg_latest_new(NULL, NULL, &e);
	return q != NULL ? 0 : -1;
}

static int
done(void **state)
{
	(void)state;
	eg_latest_free(q);
	return 0;
}

static void
the_newest_of_each_sensor_is_kept_the_last_heard_first(void **state)
{
	(void)state;
	look(0);
	assert_int_equal(count, 0);
	note("a:2026-11-23T14:18:36:1");
	note("b:2026-11-23T14:18:36:2");
	note("a:2026-11-23T14:18:37:3");
	note("b:2026-11-23T14:18:35:4");
	look(0);
	assert_string_equal(seen, "a:2026-11-23T14:18:37:3\nb:2026-11-23T14:18:36:2\n");
}

static void
only_what_is_new_is_told_again(void **state)
{
	uint64_t stamp;

	(void)state;
	note("a:2026-11-23T14:18:36:1");
	note("b:2026-11-23T14:18:36:2");
	stamp = look(0);
	look(stamp);
	assert_int_equal(count, 0);
	note("a:2026-11-23T14:18:36:5");
	look(stamp);
	assert_string_equal(seen, "a:2026-11-23T14:18:36:5\n");
}

static void
the_one_silent_longest_makes_room(void **state)
{
	(void)state;
	for (int i = 0; i < 3 * EG_LATEST_SENSORS; i++) {
		char line[64];

		snprintf(line, sizeof(line), "s%d:2026-11-23T14:18:36:%d", i, i);
		note(line);
		note("always:2026-11-23T14:18:36:1");
	}
	look(0);
	assert_int_equal(count, EG_LATEST_SENSORS);
	assert_non_null(strstr(seen, "always:"));
	assert_non_null(strstr(seen, "s767:"));
	assert_null(strstr(seen, "s0:"));
}

static void
names_of_any_length_are_told_apart(void **state)
{
	char line[EG_SENSOR_MAX + 32];

	(void)state;
	for (int turn = 1; turn <= 2; turn++)
		for (int len = 1; len <= EG_SENSOR_MAX; len++) {
			snprintf(line, sizeof(line), "%0*d:2026-11-23T14:18:36:%d", len, 0, turn);
			note(line);
			assert_int_equal(look(0), (turn - 1) * EG_SENSOR_MAX + len);
			assert_int_equal(count, turn == 1 ? len : EG_SENSOR_MAX);
		}
	assert_null(strstr(seen, ":36:1\n"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_newest_of_each_sensor_is_kept_the_last_heard_first,
		    fresh, done),
		cmocka_unit_test_setup_teardown(only_what_is_new_is_told_again, fresh, done),
		cmocka_unit_test_setup_teardown(the_one_silent_longest_makes_room, fresh, done),
		cmocka_unit_test_setup_teardown(names_of_any_length_are_told_apart, fresh, done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
