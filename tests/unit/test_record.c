/* SPDX-License-Identifier: MIT */
/* lib/record/record: which lines are records, and why the others are not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record/record.h"

#define NS INT64_C(1000000000)
#define T "2026-11-23T14:18:36"
#define T_SECONDS INT64_C(1795443516)

/* Parses a copy that ends where its memory does, so that a sanitizer sees reads behind it. */
static enum eg_fault
parse(const char *line, size_t len, struct eg_record *r)
{
	char *copy = malloc(len + (len == 0));
	enum eg_fault fault;

	assert_non_null(copy);
	memcpy(copy, line, len);
	fault = eg_record_parse(copy, len, r);
	if (fault == EG_FAULT_NONE) {
		assert_ptr_equal(r->line, copy);
		assert_int_equal(r->len, len);
		assert_int_equal(copy[r->sensor_len], ':');
		assert_int_equal(copy[r->value_at - 1], ':');
		assert_int_equal(r->subsecond, r->ns % NS != 0);
	}
	free(copy);
	r->line = line;
	return fault;
}

static void
expect(const char *line, size_t len, enum eg_fault expected)
{
	struct eg_record r;
	enum eg_fault fault = parse(line, len, &r);

	if (fault != expected)
		fail_msg("'%s': %s; not: %s", line, eg_fault_text(fault), eg_fault_text(expected));
}

static void
records_are_split_at_the_first_and_the_last_colon(void **state)
{
	static const struct {
		const char *line, *sensor, *value;
		int64_t ns;
	} good[] = {
		{ "sensor1:" T ":55.21", "sensor1", "55.21", T_SECONDS * NS },
		{ "s:" T ":-5", "s", "-5", T_SECONDS * NS },
		{ "s:" T ":+5.", "s", "+5.", T_SECONDS * NS },
		{ "s:" T ":1e5", "s", "1e5", T_SECONDS * NS },
		{ "s:" T ":-.5E-05", "s", "-.5E-05", T_SECONDS * NS },
		{ "sensor10:" T "Z:5", "sensor10", "5", T_SECONDS * NS },
		{ "s:2026-11-23t14:18:36z:5", "s", "5", T_SECONDS * NS },
		{ "s:" T ".5:5", "s", "5", T_SECONDS * NS + 500000000 },
		{ "s:" T ".000000001Z:5", "s", "5", T_SECONDS * NS + 1 },
		{ "s:" T ".000:5", "s", "5", T_SECONDS * NS },
		{ "s:" T "+01:00:5", "s", "5", (T_SECONDS - 3600) * NS },
		{ "s:" T ".25-05:30:5", "s", "5", (T_SECONDS + 19800) * NS + 250000000 },
		{ "s:" T "-00:00:5", "s", "5", T_SECONDS * NS },
		{ "kitchen fridge/2, L1=a:" T ":5", "kitchen fridge/2, L1=a", "5", T_SECONDS * NS },
		{ "W\xc3\xa4rmepumpe:" T ":5", "W\xc3\xa4rmepumpe", "5", T_SECONDS * NS },
		{ "\xe2\x82\xac\xf0\x9f\x94\x8c:" T ":5", "\xe2\x82\xac\xf0\x9f\x94\x8c", "5", T_SECONDS * NS },
		{ "a\xef\xbb\xbf:" T ":5", "a\xef\xbb\xbf", "5", T_SECONDS * NS },
		{ "\xc2\xa0:" T ":5", "\xc2\xa0", "5", T_SECONDS * NS },
		{ "\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf:" T ":5",
		    "\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf", "5", T_SECONDS * NS },
		{ "a#:" T ":5", "a#", "5", T_SECONDS * NS },
	};
	struct eg_record r;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		enum eg_fault fault = parse(good[i].line, strlen(good[i].line), &r);

		if (fault != EG_FAULT_NONE)
			fail_msg("'%s': %s", good[i].line, eg_fault_text(fault));
		assert_int_equal(r.sensor_len, strlen(good[i].sensor));
		assert_memory_equal(r.line, good[i].sensor, r.sensor_len);
		assert_string_equal(r.line + r.value_at, good[i].value);
		assert_true(r.ns == good[i].ns);
	}
}

/* A string literal and its length, for texts that hold NUL. */
#define TEXT(s) s, sizeof(s) - 1

static void
each_fault_has_its_lines(void **state)
{
	static const struct {
		const char *line;
		size_t len;
		enum eg_fault fault;
	} bad[] = {
		{ TEXT("s:" T ":5\0"), EG_FAULT_NUL },
		{ TEXT("s\0:" T ":5"), EG_FAULT_NUL },
		{ TEXT("\0\0\0\0"), EG_FAULT_NUL },
		{ TEXT("\xef\xbb\xbfs:" T ":5\0"), EG_FAULT_NUL },
		{ TEXT("s:" T ":5\0\r"), EG_FAULT_NUL },
		{ TEXT("\xef\xbb\xbfs:" T ":5"), EG_FAULT_BOM },
		{ TEXT("\xef\xbb\xbf"), EG_FAULT_BOM },
		{ TEXT("s:" T ":5\r"), EG_FAULT_CR },
		{ TEXT("s:" T ":\r"), EG_FAULT_CR },
		{ TEXT("s\r"), EG_FAULT_CR },
		{ TEXT(""), EG_FAULT_NO_COLON },
		{ TEXT("sensor1"), EG_FAULT_NO_COLON },
		{ TEXT("sensor1 55.21"), EG_FAULT_NO_COLON },
		{ TEXT("s:5"), EG_FAULT_NO_COLON },
		{ TEXT(":"), EG_FAULT_NO_COLON },
		{ TEXT("s:" T), EG_FAULT_NO_COLON },
		{ TEXT("s:" T "Z"), EG_FAULT_NO_COLON },
		{ TEXT("s:" T "+01:00"), EG_FAULT_NO_COLON },
		{ TEXT("s:2026-11-23T14:18:55.21"), EG_FAULT_NO_COLON },
		{ TEXT(":" T ":5"), EG_FAULT_SENSOR_EMPTY },
		{ TEXT("::"), EG_FAULT_SENSOR_EMPTY },
		{ TEXT("s\x80:" T ":5"), EG_FAULT_SENSOR_UTF8 },
		{ TEXT("s\xc3:" T ":5"), EG_FAULT_SENSOR_UTF8 },
		{ TEXT("\xc0\xaf:" T ":5"), EG_FAULT_SENSOR_UTF8 },
		{ TEXT("\xc1\xbf:" T ":5"), EG_FAULT_SENSOR_UTF8 },
		{ TEXT("\xe0\x9f\xbf:" T ":5"), EG_FAULT_SENSOR_UTF8 },
		{ TEXT("\xe2\x82:" T ":5"), EG_FAULT_SENSOR_UTF8 },
		{ TEXT("\xed\xa0\x80:" T ":5"), EG_FAULT_SENSOR_UTF8 },
		{ TEXT("\xf0\x8f\xbf\xbf:" T ":5"), EG_FAULT_SENSOR_UTF8 },
		{ TEXT("\xf4\x90\x80\x80:" T ":5"), EG_FAULT_SENSOR_UTF8 },
		{ TEXT("\xf5\x80\x80\x80:" T ":5"), EG_FAULT_SENSOR_UTF8 },
		{ TEXT("\xff\xfe:" T ":5"), EG_FAULT_SENSOR_UTF8 },
		{ TEXT("sensors\x01:" T ":5"), EG_FAULT_SENSOR_CONTROL },
		{ TEXT("a\tb:" T ":5"), EG_FAULT_SENSOR_CONTROL },
		{ TEXT("\x1f:" T ":5"), EG_FAULT_SENSOR_CONTROL },
		{ TEXT("a\x7f:" T ":5"), EG_FAULT_SENSOR_CONTROL },
		{ TEXT("a\xc2\x80:" T ":5"), EG_FAULT_SENSOR_CONTROL },
		{ TEXT("a\xc2\x9f:" T ":5"), EG_FAULT_SENSOR_CONTROL },
		{ TEXT("#s:" T ":5"), EG_FAULT_SENSOR_HASH },
		{ TEXT("s::5"), EG_FAULT_TIME_FORM },
		{ TEXT("s:now:5"), EG_FAULT_TIME_FORM },
		{ TEXT("s:1795443516:5"), EG_FAULT_TIME_FORM },
		{ TEXT("s:2026-11-23:5"), EG_FAULT_TIME_FORM },
		{ TEXT("s:2026-11-23T14:18"), EG_FAULT_TIME_FORM },
		{ TEXT("s:2026-11-23T14:18:"), EG_FAULT_TIME_FORM },
		{ TEXT("s:2026-11-23T14:18:5"), EG_FAULT_TIME_FORM },
		{ TEXT("s:2026-11-23 14:18:36:5"), EG_FAULT_TIME_FORM },
		{ TEXT("s:2026/11/23T14:18:36:5"), EG_FAULT_TIME_FORM },
		{ TEXT("s:2026-1-23T14:18:36:55"), EG_FAULT_TIME_FORM },
		{ TEXT("s:+2026-11-23T14:18:36:5"), EG_FAULT_TIME_FORM },
		{ TEXT("s:2026-11-23T14.18.36:5"), EG_FAULT_TIME_FORM },
		{ TEXT("s:2026-11-2\xb3T14:18:36:5"), EG_FAULT_TIME_FORM },
		{ TEXT("s:" T ".:5"), EG_FAULT_TIME_FORM },
		{ TEXT("s:" T ".1234567890:5"), EG_FAULT_TIME_FORM },
		{ TEXT("s:" T "X:5"), EG_FAULT_TIME_FORM },
		{ TEXT("s:" T "ZZ:5"), EG_FAULT_TIME_FORM },
		{ TEXT("s:" T " :5"), EG_FAULT_TIME_FORM },
		{ TEXT("s:" T "+01:5"), EG_FAULT_TIME_FORM },
		{ TEXT("s:" T "+0100:5"), EG_FAULT_TIME_FORM },
		{ TEXT("s:" T "+1:00:5"), EG_FAULT_TIME_FORM },
		{ TEXT("s:" T ":5:6"), EG_FAULT_TIME_FORM },
		{ TEXT("s:" T "::5"), EG_FAULT_TIME_FORM },
		{ TEXT("s:" T ":5:"), EG_FAULT_TIME_FORM },
		{ TEXT("s:0000-01-01T00:00:00:5"), EG_FAULT_TIME_DATE },
		{ TEXT("s:2026-00-23T14:18:36:5"), EG_FAULT_TIME_DATE },
		{ TEXT("s:2026-13-23T14:18:36:5"), EG_FAULT_TIME_DATE },
		{ TEXT("s:2026-99-23T14:18:36:5"), EG_FAULT_TIME_DATE },
		{ TEXT("s:2026-11-00T14:18:36:5"), EG_FAULT_TIME_DATE },
		{ TEXT("s:2026-11-31T14:18:36:5"), EG_FAULT_TIME_DATE },
		{ TEXT("s:2026-02-30T14:18:36:5"), EG_FAULT_TIME_DATE },
		{ TEXT("s:2026-02-29T14:18:36:5"), EG_FAULT_TIME_DATE },
		{ TEXT("s:1900-02-29T14:18:36:5"), EG_FAULT_TIME_DATE },
		{ TEXT("s:2026-01-32T14:18:36:5"), EG_FAULT_TIME_DATE },
		{ TEXT("s:2026-11-23T24:00:00:5"), EG_FAULT_TIME_CLOCK },
		{ TEXT("s:2026-11-23T25:00:00:5"), EG_FAULT_TIME_CLOCK },
		{ TEXT("s:2026-11-23T14:60:36:5"), EG_FAULT_TIME_CLOCK },
		{ TEXT("s:2016-12-31T23:59:60:5"), EG_FAULT_TIME_CLOCK },
		{ TEXT("s:" T "+24:00:5"), EG_FAULT_TIME_ZONE },
		{ TEXT("s:" T "-01:60:5"), EG_FAULT_TIME_ZONE },
		{ TEXT("s:1600-01-01T00:00:00:5"), EG_FAULT_TIME_RANGE },
		{ TEXT("s:9999-12-31T23:59:59:5"), EG_FAULT_TIME_RANGE },
		{ TEXT("s:0001-01-01T00:00:00:5"), EG_FAULT_TIME_RANGE },
		{ TEXT("s:" T ":"), EG_FAULT_VALUE_EMPTY },
		{ TEXT("s:" T "+01:00:"), EG_FAULT_VALUE_EMPTY },
		{ TEXT("s:" T ":nan"), EG_FAULT_VALUE_FORM },
		{ TEXT("s:" T ":inf"), EG_FAULT_VALUE_FORM },
		{ TEXT("s:" T ":0x10"), EG_FAULT_VALUE_FORM },
		{ TEXT("s:" T ":12,5"), EG_FAULT_VALUE_FORM },
		{ TEXT("s:" T ": 5"), EG_FAULT_VALUE_FORM },
		{ TEXT("s:" T ":5 "), EG_FAULT_VALUE_FORM },
		{ TEXT("s:" T ":."), EG_FAULT_VALUE_FORM },
		{ TEXT("s:" T ":-"), EG_FAULT_VALUE_FORM },
		{ TEXT("s:" T ":--5"), EG_FAULT_VALUE_FORM },
		{ TEXT("s:" T ":1.2.3"), EG_FAULT_VALUE_FORM },
		{ TEXT("s:" T ":1e"), EG_FAULT_VALUE_FORM },
		{ TEXT("s:" T ":1e999"), EG_FAULT_VALUE_RANGE },
		{ TEXT("s:" T ":-2e308"), EG_FAULT_VALUE_RANGE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		expect(bad[i].line, bad[i].len, bad[i].fault);
}

/* A line whose parts have these lengths, in a static buffer; returns its length. */
static size_t
build(char line[2048], size_t sensor, const char *time, size_t value)
{
	size_t n = strlen(time);

	memset(line, 's', sensor);
	line[sensor] = ':';
	memcpy(line + sensor + 1, time, n);
	line[sensor + 1 + n] = ':';
	memset(line + sensor + n + 2, '7', value);
	line[sensor + n + 2 + value] = '\0';
	return sensor + n + 2 + value;
}

static void
lengths_are_bounded(void **state)
{
	char line[2048];

	(void)state;
	for (size_t sensor = 1; sensor <= EG_SENSOR_MAX; sensor++)
		expect(line, build(line, sensor, T, 5), EG_FAULT_NONE);
	expect(line, build(line, 256, T, 5), EG_FAULT_SENSOR_LONG);
	expect(line, build(line, 900, T, 5), EG_FAULT_SENSOR_LONG);
	for (size_t value = 1; value <= EG_VALUE_MAX; value++)
		expect(line, build(line, 7, T, value), EG_FAULT_NONE);
	expect(line, build(line, 7, T, 65), EG_FAULT_VALUE_LONG);
	expect(line, build(line, 255, T ".123456789-01:00", 64), EG_FAULT_NONE);
	expect(line, build(line, 255, T, 1024 - 255 - 21), EG_FAULT_VALUE_LONG);
	expect(line, build(line, 255, T, 1025 - 255 - 21), EG_FAULT_TOO_LONG);
	memset(line, '\0', 1025);
	expect(line, 1024, EG_FAULT_NUL);
	expect(line, 1025, EG_FAULT_TOO_LONG);
}

static void
every_fault_has_a_text_of_its_own(void **state)
{
	(void)state;
	for (int a = EG_FAULT_NONE; a <= EG_FAULT_VALUE_RANGE; a++) {
		const char *text = eg_fault_text((enum eg_fault)a);

		assert_non_null(text);
		assert_true(text[strlen(text) - 1] != '.');
		for (int b = a + 1; b <= EG_FAULT_VALUE_RANGE; b++)
			assert_string_not_equal(text, eg_fault_text((enum eg_fault)b));
	}
}

static void
a_sensor_is_checked_without_a_record(void **state)
{
	static const struct {
		const char *sensor;
		enum eg_fault fault;
	} table[] = {
		{ "house/power", EG_FAULT_NONE }, { "", EG_FAULT_SENSOR_EMPTY }, { "a:b", EG_FAULT_SENSOR_COLON },
		{ ":", EG_FAULT_SENSOR_COLON }, { "#a", EG_FAULT_SENSOR_HASH }, { "a\nb", EG_FAULT_SENSOR_CONTROL },
		{ "\xff", EG_FAULT_SENSOR_UTF8 }, { "\xef\xbb\xbfs", EG_FAULT_BOM },
	};
	char name[EG_SENSOR_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		assert_int_equal(eg_sensor_check(table[i].sensor, strlen(table[i].sensor)), table[i].fault);
	memset(name, 's', sizeof(name));
	assert_int_equal(eg_sensor_check(name, EG_SENSOR_MAX), EG_FAULT_NONE);
	assert_int_equal(eg_sensor_check(name, EG_SENSOR_MAX + 1), EG_FAULT_SENSOR_LONG);
	assert_int_equal(eg_sensor_check("a\0b", 3), EG_FAULT_NUL);
}

static void
blank_lines_and_comments_are_skipped(void **state)
{
	static const char *const skipped[] = { "", " ", "\t \r", "\r", "#", "# s:" T ":5", "#\xff" };
	static const char *const kept[] = { "s:" T ":5", " #", "\v", "x", "\xef\xbb\xbf#" };

	(void)state;
	for (size_t i = 0; i < sizeof(skipped) / sizeof(skipped[0]); i++)
		assert_true(eg_line_skipped(skipped[i], strlen(skipped[i])));
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		assert_false(eg_line_skipped(kept[i], strlen(kept[i])));
	assert_false(eg_line_skipped("\0", 1));
}

static void
an_order_line_is_a_comment_with_a_positive_number(void **state)
{
	static const char *const no[] = { "", "#eg-order", "#eg-order ", "#eg-order 0", "#eg-order -1",
		"#eg-order +1", "#eg-order 1 ", "# eg-order 1", "#eg-order 9223372036854775808", "eg-order 1" };
	char line[EG_ORDER_SIZE];
	struct eg_record r = { .order = 9 };
	int64_t n = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		assert_false(eg_order_parse(no[i], strlen(no[i]), &n));
	assert_int_equal(n, 7);
	for (int64_t v = 1; v > 0; v = v > INT64_MAX / 7 ? (v < INT64_MAX ? INT64_MAX : 0) : 7 * v) {
		size_t len = eg_order_put(v, line);

		assert_int_equal(line[len - 1], '\n');
		assert_true(eg_line_skipped(line, len - 1));
		assert_true(eg_order_parse(line, len - 1, &n));
		assert_int_equal(n, v);
	}
	assert_int_equal(eg_record_parse("s:" T ":5", strlen("s:" T ":5"), &r), EG_FAULT_NONE);
	assert_int_equal(r.order, 0);
}

static void
a_record_that_is_written_is_read_as_its_parts(void **state)
{
	static const char sensor[] = "s/1", time[] = "2026-11-23T14:18:36Z", value[] = "-0.50";
	char line[80];
	struct eg_record r;
	char *end = eg_record_put(line, (struct eg_slice){ sensor, 3 }, (struct eg_slice){ time, 20 },
	    (struct eg_slice){ value, 5 });

	(void)state;
	assert_int_equal(eg_record_parse(line, (size_t)(end - line), &r), EG_FAULT_NONE);
	assert_int_equal(eg_record_sensor(&r).len, 3);
	assert_memory_equal(eg_record_sensor(&r).s, sensor, 3);
	assert_int_equal(eg_record_time(&r).len, 20);
	assert_memory_equal(eg_record_time(&r).s, time, 20);
	assert_int_equal(eg_record_value(&r).len, 5);
	assert_memory_equal(eg_record_value(&r).s, value, 5);
	assert_int_equal(eg_record_key_len(line, r.len), 24);
	assert_int_equal(eg_key_sensor_len(line, 24), 3);
	assert_int_equal(eg_key_sensor_len(sensor, 3), 3);
}

static void
a_dated_line_ends_in_whole_nanoseconds(void **state)
{
	static const char *const no[] = { "", "5", "s:5:", "s:5:x", "s:5:1.5", "s:5:-1", "s:5: 1",
		"s:5:4611686018427387904", "s:5:1000000000000000000000000" };
	const char *line = "s:5:4611686018427387903";
	size_t len = strlen(line);
	int64_t when = 0;

	(void)state;
	assert_true(eg_dated_parse(line, &len, &when));
	assert_int_equal(len, 3);
	assert_int_equal(when, EG_WHEN_MAX - 1);
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		len = strlen(no[i]);
		assert_false(eg_dated_parse(no[i], &len, &when));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_split_at_the_first_and_the_last_colon),
		cmocka_unit_test(each_fault_has_its_lines),
		cmocka_unit_test(lengths_are_bounded),
		cmocka_unit_test(every_fault_has_a_text_of_its_own),
		cmocka_unit_test(a_sensor_is_checked_without_a_record),
		cmocka_unit_test(blank_lines_and_comments_are_skipped),
		cmocka_unit_test(an_order_line_is_a_comment_with_a_positive_number),
		cmocka_unit_test(a_record_that_is_written_is_read_as_its_parts),
		cmocka_unit_test(a_dated_line_ends_in_whole_nanoseconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
