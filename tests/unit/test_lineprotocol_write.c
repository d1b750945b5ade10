/* SPDX-License-Identifier: MIT */
/* Tests of lib/influx/lineprotocol_write: records as line protocol. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/diag.h"
#include "influx/forms.h"
#include "influx/lineprotocol_write.h"
#include "meters/meters.h"
#include "record/record.h"

static struct eg_lineprotocol plain;

/* The line of a record, or "" when it has no spelling; never longer than promised. */
static const char *
line_of(const struct eg_lineprotocol *p, const char *text, bool ns)
{
	/* Kept from line to line, as in a request. */
	static struct eg_lineprotocol_time times[2] = { { .with_ns = false }, { .with_ns = true } };
	static char out[16 * 1024];
	struct eg_record r;
	char *end;

	assert_int_equal(eg_record_parse(text, strlen(text), &r), EG_FAULT_NONE);
	memset(out, '!', sizeof(out));
	end = eg_lineprotocol_put(p, &r, &times[ns], out);
	if (end == NULL)
		return "";
	assert_true((size_t)(end - out) <= eg_lineprotocol_room(p, &r));
	assert_int_equal(out[eg_lineprotocol_room(p, &r)], '!');
	*end = '\0';
	return out;
}

#define LINE(text, want) assert_string_equal(line_of(&plain, text, false), want)

static void
a_record_becomes_a_line(void **state)
{
	(void)state;
	LINE("sensor1:2026-11-23T14:18:36:55.21", "energy,sensor=sensor1 value=55.21 1795443516\n");
	LINE("s:1970-01-01T00:00:00Z:55.20", "energy,sensor=s value=55.20 0\n");
	LINE("s:1970-01-01T00:00:09Z:1", "energy,sensor=s value=1 9\n");
	LINE("s:1970-01-01T00:00:10Z:1", "energy,sensor=s value=1 10\n");
	LINE("s:1970-01-01T00:01:40Z:1", "energy,sensor=s value=1 100\n");
	LINE("s:1970-01-01T00:16:39Z:1", "energy,sensor=s value=1 999\n");
	LINE("s:1969-12-31T23:59:59Z:-1e3", "energy,sensor=s value=-1e3 -1\n");
	LINE("s:2026-11-23T15:18:36+01:00:5", "energy,sensor=s value=5 1795443516\n");
}

static void
a_time_may_begin_as_that_of_the_line_before(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		LINE("s:1970-01-01T00:00:00:1", "energy,sensor=s value=1 0\n");
		LINE("s:2001-09-09T01:46:39:1", "energy,sensor=s value=1 999999999\n");
		LINE("s:2001-09-09T01:46:40:1", "energy,sensor=s value=1 1000000000\n");
		LINE("t:2026-11-23T14:18:36:2", "energy,sensor=t value=2 1795443516\n");
		LINE("u:2026-11-23T14:18:36Z:3", "energy,sensor=u value=3 1795443516\n");
		LINE("u:2026-11-23T02:13:19:4", "energy,sensor=u value=4 1795399999\n");
		LINE("u:2026-11-23T02:13:20:4", "energy,sensor=u value=4 1795400000\n");
		LINE("u:2026-11-24T05:59:59:4", "energy,sensor=u value=4 1795499999\n");
		LINE("u:2026-11-24T06:00:00:4", "energy,sensor=u value=4 1795500000\n");
		LINE("u:2262-04-11T23:47:16:4", "energy,sensor=u value=4 9223372036\n");
		LINE("u:1677-09-21T00:12:44:4", "energy,sensor=u value=4 -9223372036\n");
	}
}

static void
nanoseconds_are_exact(void **state)
{
	(void)state;
	assert_string_equal(line_of(&plain, "s:2026-11-23T14:18:36.000000001:1", true),
	    "energy,sensor=s value=1 1795443516000000001\n");
	assert_string_equal(line_of(&plain, "s:1969-12-31T23:59:59.5:1", true),
	    "energy,sensor=s value=1 -500000000\n");
	assert_string_equal(line_of(&plain, "s:1677-09-21T00:12:43.145224192:1", true),
	    "energy,sensor=s value=1 -9223372036854775808\n");
}

static void
a_value_is_written_as_servers_read_it(void **state)
{
	(void)state;
	LINE("s:1970-01-01T00:00:00:+5", "energy,sensor=s value=5 0\n");
	LINE("s:1970-01-01T00:00:00:.5", "energy,sensor=s value=0.5 0\n");
	LINE("s:1970-01-01T00:00:00:-.5", "energy,sensor=s value=-0.5 0\n");
	LINE("s:1970-01-01T00:00:00:5.", "energy,sensor=s value=5.0 0\n");
}

static void
a_sensor_is_escaped(void **state)
{
	(void)state;
	LINE("a b,c=d:1970-01-01T00:00:00:1", "energy,sensor=a\\ b\\,c\\=d value=1 0\n");
	LINE("\"x':1970-01-01T00:00:00:1", "energy,sensor=\"x' value=1 0\n");
	LINE("a\\b:1970-01-01T00:00:00:1", "energy,sensor=a\\b value=1 0\n");
	LINE("\xc3\xb6:1970-01-01T00:00:00:1", "energy,sensor=\xc3\xb6 value=1 0\n");
}

static void
a_backslash_without_a_spelling_is_refused(void **state)
{
	(void)state;
	LINE("a\\:1970-01-01T00:00:00:1", "");
	LINE("a\\\\b:1970-01-01T00:00:00:1", "");
	LINE("a\\,b:1970-01-01T00:00:00:1", "");
	LINE("a\\ b:1970-01-01T00:00:00:1", "");
	LINE("a\\=b:1970-01-01T00:00:00:1", "");
}

static void
the_longest_record_fits_its_room(void **state)
{
	char text[1024];
	size_t n = 0;

	(void)state;
	for (; n < EG_SENSOR_MAX; n++)
		text[n] = ',';
	snprintf(text + n, sizeof(text) - n, ":1677-09-21T00:12:43.145224192:+.%061d", 1);
	assert_true(strlen(line_of(&plain, text, true)) > 2 * (size_t)EG_SENSOR_MAX);
}

static void
tags_are_sorted_around_the_sensor(void **state)
{
	static const char *const tags[] = { "zone=x y", "site=home", "a,b=c=d" };
	struct eg_lineprotocol p;
	struct eg_error e = { 0 };

	(void)state;
	assert_int_equal(eg_lineprotocol_init(&p, "m a,b=c", tags, 3, &e), 0);
	assert_string_equal(line_of(&p, "s:1970-01-01T00:00:00:1", false),
	    "m\\ a\\,b=c,a\\,b=c\\=d,sensor=s,site=home,zone=x\\ y value=1 0\n");
}

static void
fails(const char *measurement, const char *one, const char *two)
{
	const char *const tags[] = { one, two };
	struct eg_lineprotocol p;
	struct eg_error e = { 0 };
	size_t n = (one != NULL) + (size_t)(two != NULL);

	assert_int_equal(eg_lineprotocol_init(&p, measurement, tags, n, &e), -1);
	assert_int_equal(e.status, EG_USAGE);
	assert_int_not_equal(e.text[0], '\0');
}

static void
what_cannot_be_written_is_wrong_usage(void **state)
{
	char longest[EG_LINEPROTOCOL_PART];

	(void)state;
	memset(longest, 'x', sizeof(longest));
	longest[1] = '=';
	longest[sizeof(longest) - 1] = '\0';
	fails("", NULL, NULL);
	fails("#x", NULL, NULL);
	fails("a\\b", NULL, NULL);
	fails("a\nb", NULL, NULL);
	fails("m", "novalue", NULL);
	fails("m", "=x", NULL);
	fails("m", "x=", NULL);
	fails("m", "x=a\nb", NULL);
	fails("m", "x=a\\", NULL);
	fails("m", "sensor=x", NULL);
	fails("m", "time=x", NULL);
	fails("m", "_field=x", NULL);
	fails("m", "a=x", "a=y");
	fails("m", longest, NULL);
}

/* The line of a record with the tags of its meter. */
static const char *
tagged(const struct eg_forms *f, const char *text)
{
	struct eg_record r;

	assert_int_equal(eg_record_parse(text, strlen(text), &r), EG_FAULT_NONE);
	return line_of(eg_forms_of(f, &r), text, false);
}

static void
a_known_sensor_has_role_and_unit(void **state)
{
	static const char text[] = "s* W pv\nregister kWh none\nmode none battery\nload % none\nx none none\n";
	static const char *const tags[] = { "site=home", "zone=x" };
	struct eg_error e = { 0 };
	struct eg_meters *m = eg_meters_parse("file", text, strlen(text), &e);
	struct eg_forms f;

	(void)state;
	assert_non_null(m);
	assert_int_equal(eg_forms_open(&f, "energy", tags, 2, m, &e), 0);
	assert_string_equal(tagged(&f, "s 1:1970-01-01T00:00:00:1"),
	    "energy,role=pv,sensor=s\\ 1,site=home,unit=W,zone=x value=1 0\n");
	assert_string_equal(tagged(&f, "register:1970-01-01T00:00:00:1"),
	    "energy,sensor=register,site=home,unit=kWh,zone=x value=1 0\n");
	assert_string_equal(tagged(&f, "mode:1970-01-01T00:00:00:1"),
	    "energy,role=battery,sensor=mode,site=home,zone=x value=1 0\n");
	assert_string_equal(tagged(&f, "load:1970-01-01T00:00:00:1"),
	    "energy,sensor=load,site=home,unit=%,zone=x value=1 0\n");
	assert_string_equal(tagged(&f, "x:1970-01-01T00:00:00:1"),
	    "energy,sensor=x,site=home,zone=x value=1 0\n");
	assert_string_equal(tagged(&f, "other:1970-01-01T00:00:00:1"),
	    "energy,sensor=other,site=home,zone=x value=1 0\n");
	eg_forms_close(&f);
	eg_meters_free(m);
}

static void
a_tag_of_a_meter_cannot_be_given_as_well(void **state)
{
	static const char *const tags[] = { "role=x", "unit=x" };
	struct eg_error e = { 0 };
	struct eg_meters *m = eg_meters_parse("file", "a none none\n", 12, &e);
	struct eg_forms f;

	(void)state;
	assert_int_equal(eg_forms_open(&f, "energy", tags, 2, NULL, &e), 0);
	eg_forms_close(&f);
	for (size_t i = 0; i < 2; i++) {
		e = (struct eg_error){ 0 };
		assert_int_equal(eg_forms_open(&f, "energy", tags + i, 1, m, &e), -1);
		assert_int_equal(e.status, EG_USAGE);
	}
	eg_meters_free(m);
}

static int
set_up(void **state)
{
	struct eg_error e = { 0 };

	(void)state;
	return eg_lineprotocol_init(&plain, "energy", NULL, 0, &e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_becomes_a_line),
		cmocka_unit_test(a_time_may_begin_as_that_of_the_line_before),
		cmocka_unit_test(nanoseconds_are_exact),
		cmocka_unit_test(a_value_is_written_as_servers_read_it),
		cmocka_unit_test(a_sensor_is_escaped),
		cmocka_unit_test(a_backslash_without_a_spelling_is_refused),
		cmocka_unit_test(the_longest_record_fits_its_room),
		cmocka_unit_test(tags_are_sorted_around_the_sensor),
		cmocka_unit_test(what_cannot_be_written_is_wrong_usage),
		cmocka_unit_test(a_known_sensor_has_role_and_unit),
		cmocka_unit_test(a_tag_of_a_meter_cannot_be_given_as_well),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
