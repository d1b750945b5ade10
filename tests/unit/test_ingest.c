/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "record/record.h"
#include "serve/ingest.h"
#include "serve/tokens.h"

#define NOW INT64_C(1795443516123000000) /* 2026-11-23T14:18:36.123Z */

typedef const char *reader(struct eg_ingest *in, const char *body, size_t len);

static struct eg_ingest in;
static const char *why;
static char text[8192];

static const char *
take(reader *read, const char *body)
{
	eg_ingest_free(&in);
	in = (struct eg_ingest){ .limit = 1 << 20, .now_ns = NOW };
	why = read(&in, body, strlen(body));
	memcpy(text, in.text != NULL ? in.text : "", in.chunk.len);
	text[in.chunk.len] = '\0';
	return text;
}

static void
the_classic_object_is_a_record(void **state)
{
	(void)state;
	assert_string_equal(take(eg_ingest_object, "{\"sensor_id\": \"sensor1\", "
	    "\"timestamp\": \"2026-11-23T14:18:36\", \"value\": 55.21}"),
	    "sensor1:2026-11-23T14:18:36:55.21\n");
	assert_null(why);
}

static void
texts_of_number_and_time_are_kept(void **state)
{
	static const char *const numbers[] = { "1", "-0", "1.50", "1e3", "-1.0E-3",
		"123456789012345678901234567890" };

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		for (int slow = 0; slow < 2; slow++) {
			char body[200], want[200];

			/* What only a parser reads, an array, makes for the long way. */
			snprintf(body, sizeof(body), " {%s\"value\" :%s,\"timestamp\":"
			    "\"2026-11-23T15:18:36.50+01:00\",\"sensor_id\":\"a/b\"}\n",
			    slow ? "\"x\":[1]," : "", numbers[i]);
			snprintf(want, sizeof(want), "a/b:2026-11-23T15:18:36.50+01:00:%s\n", numbers[i]);
			assert_string_equal(take(eg_ingest_object, body), want);
		}
}

static void
a_missing_time_is_now(void **state)
{
	(void)state;
	assert_string_equal(take(eg_ingest_object, "{\"sensor_id\":\"a\",\"value\":1}"),
	    "a:2026-11-23T14:18:36.123:1\n");
	assert_string_equal(take(eg_ingest_object, "{\"sensor_id\":\"\\u0061\",\"value\":1}"),
	    "a:2026-11-23T14:18:36.123:1\n");
}

static void
the_last_of_a_name_counts(void **state)
{
	(void)state;
	assert_string_equal(take(eg_ingest_object,
	    "{\"sensor_id\":\"a\",\"value\":1,\"value\":2,\"sensor_id\":\"b\"}"),
	    "b:2026-11-23T14:18:36.123:2\n");
	assert_string_equal(take(eg_ingest_object,
	    "{\"sensor_id\":\"a\",\"value\":1,\"v\\u0061lue\":2,\"sensor_id\":\"b\"}"),
	    "b:2026-11-23T14:18:36.123:2\n");
}

/* Objects of an array give what each of them gives alone. */
static void
an_object_like_the_one_before_is_read_as_any_other(void **state)
{
#define OBJECT(sensor, time, value) \
	"{\"sensor_id\": \"" sensor "\", \"timestamp\": \"" time "\", \"u\": \"W\", \"value\": " value "}"
#define T "2026-11-23T14:18:36"
	static const char *const second[] = { OBJECT("b", T, "2"), OBJECT("a longer name", T, "-2.5"),
		OBJECT("b", "2026-11-23T14:18:37", "2"), OBJECT("b", "2026-11-23T14:18:36.5+01:00", "2"),
		OBJECT("b", "2026-11-23T25:18:36", "2"), OBJECT("b", "", "2"),
		OBJECT("b", T "\\u0041", "2"), OBJECT("b", "2026-11-23T14:18:3\xc3\xa9", "2"),
		OBJECT("", T, "2"), OBJECT("b:c", T, "2"), OBJECT("#b", T, "2"),
		OBJECT("b\\u0041", T, "2"), OBJECT("b\xc3\xa9", T, "2"), OBJECT("b\xc3", T, "2"),
		OBJECT("b", T, "12345678.125"), OBJECT("b", T, "1e3"), OBJECT("b", T, "1e999"),
		OBJECT("b", T, "0.5"), OBJECT("b", T, "2."), OBJECT("b", T, "-0"),
		OBJECT("b", T, "\"2\""), OBJECT("b", T, "null"),
		OBJECT("b", T, "{}"), "{\"sensor_id\":\"b\",\"value\":2}", "{}", "[]", "5" };
	static const char first[] = OBJECT("a", T, "1"), last[] = OBJECT("z", T, "9");
	char body[1000], want[1000];

	(void)state;
	for (size_t i = 0; i < sizeof(second) / sizeof(second[0]); i++) {
		size_t refused;

		strcpy(want, take(eg_ingest_object, first));
		strcat(want, take(eg_ingest_object, second[i]));
		refused = in.refused + (why != NULL);
		strcat(want, take(eg_ingest_object, last));
		snprintf(body, sizeof(body), "[%s, %s, %s]", first, second[i], last);
		assert_string_equal(take(eg_ingest_array, body), want);
		assert_int_equal(in.refused, refused);
		snprintf(body, sizeof(body), "[%s, %s]", first, second[i]);
		take(eg_ingest_array, body);
		assert_int_equal(strncmp(text, want, strlen(text)), 0);
		assert_int_equal(in.refused, refused);
	}
}

/* It is refused. */
static void
what_is_no_number_is_none_behind_another_object(void **state)
{
	static const char *const bad[] = { "02", ".5", "+5", "2e", "-", "2 2", "0x2", "2..5" };
	char body[1000];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(body, sizeof(body), "[%s, {\"sensor_id\": \"b\", \"timestamp\": \"" T "\", "
			"\"u\": \"W\", \"value\": %s}, %s]", OBJECT("a", T, "1"), bad[i], OBJECT("z", T, "9"));
		assert_null(strstr(take(eg_ingest_array, body), "b:"));
	}
}
#undef OBJECT
#undef T

static void
what_is_no_json_is_taken_not_at_all(void **state)
{
	static const char *const bad[] = { "", " ", "nonsense", "5", "\"a\"", "[]", "{", "{\"a\"",
		"{\"sensor_id\":\"a\",\"value\":1", "{\"sensor_id\":\"a\",\"value\":1} x",
		"{\"sensor_id\":\"a\",\"value\":1}{}", "{\"sensor_id\":\"a\",\"value\":01}",
		"{\"sensor_id\":\"a\",\"value\":1,}", "{\"sensor_id\":\"a\" \"value\":1}",
		"{\"sensor_id\":\"a\",\"value\":-}", "{\"sensor_id\":\"a\",\"value\":.5}",
		"{\"sensor_id\":\"a\",\"value\":+5}", "{\"sensor_id\":\"a\",\"value\":1e}",
		"{\"sensor_id\":\"a\",\"value\":1,\"x\":[[[[[[[[[[[]]]]]]]]]]]}" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_string_equal(take(eg_ingest_object, bad[i]), "");
		assert_non_null(why);
		assert_int_equal(in.refused, 0);
	}
}

static void
json_that_is_no_reading_is_refused(void **state)
{
	static const char *const bad[] = { "{}", "{\"sensor_id\":\"a\"}", "{\"value\":1}",
		"{\"sensor_id\":7,\"value\":1}", "{\"sensor_id\":\"a\",\"value\":\"1\"}",
		"{\"sensor_id\":\"a\",\"value\":null}", "{\"sensor_id\":\"a\",\"value\":true}",
		"{\"sensor_id\":\"a\",\"value\":1e999}", "{\"sensor_id\":\"\",\"value\":1}",
		"{\"sensor_id\":\"a:b\",\"value\":1}", "{\"sensor_id\":\"#a\",\"value\":1}",
		"{\"sensor_id\":\"a\\u0000\",\"value\":1}", "{\"sensor_id\":\"a\\n\",\"value\":1}",
		"{\"sensor_id\":\"a\",\"timestamp\":\"\",\"value\":1}",
		"{\"sensor_id\":\"a\",\"timestamp\":\"2026-02-30T00:00:00\",\"value\":1}",
		"{\"sensor_id\":\"a\",\"timestamp\":\"2026-02-03T00:00:00\\n\",\"value\":1}",
		"{\"sensor_id\":\"a\",\"timestamp\":1700000000,\"value\":1}",
		"{\"sensor_id\":\"a\nb\",\"value\":5}", "{\"sensor_id\":\"a\",\"value\":NaN}",
		"{\"sensor_id\":\"a\",'value':5}", "{\"sensor_id\":\"\xff\",\"value\":1}",
		"{\"sensor_id\":\"a\",\"timestamp\":null,\"value\":1}" };
	char body[600];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_string_equal(take(eg_ingest_object, bad[i]), "");
		assert_null(why);
		assert_int_equal(in.refused, 1);
	}
	snprintf(body, sizeof(body), "{\"sensor_id\":\"%0256d\",\"value\":1}", 0);
	assert_string_equal(take(eg_ingest_object, body), "");
	assert_int_equal(in.refused, 1);
	snprintf(body, sizeof(body), "{\"sensor_id\":\"a\",\"value\":1%065d}", 0);
	assert_string_equal(take(eg_ingest_object, body), "");
	assert_int_equal(in.refused, 1);
}

static void
bad_elements_are_refused_by_index_and_the_others_taken(void **state)
{
	(void)state;
	assert_string_equal(take(eg_ingest_array, " [ {\"sensor_id\":\"a\",\"value\":1} ,5,"
	    "{\"sensor_id\":\"b\",\"value\":\"]},\"}, [{}], {\"sensor_id\":\"c\",\"value\":3}{},"
	    "{\"sensor_id\":\"d\",\"value\":4} ] \n"),
	    "a:2026-11-23T14:18:36.123:1\nd:2026-11-23T14:18:36.123:4\n");
	assert_null(why);
	assert_int_equal(in.refused, 4);
	for (uint32_t i = 0; i < 4; i++)
		assert_int_equal(in.refusal[i].index, i + 1);
	assert_string_equal(take(eg_ingest_array, "[]"), "");
	assert_null(why);
	assert_int_equal(in.refused, 0);
}

/* The text and refusals of the array of element twice, a good one behind it. With slow
 * its first member has an escape in its name, which only the parser reads. */
static const char *
twice(const char *element, bool slow)
{
	static char seen[8192];
	char body[1600];
	const char *rest = element + strcspn(element, "{");
	int n;

	rest += *rest == '{';
	n = snprintf(body, sizeof(body), "[%.*s%s%s,\n%s , {\"sensor_id\":\"z\",\"value\":9}]",
	    (int)(rest - element), element, slow ? "\"\\u0078\":0," : "", rest, element);
	assert_true(n > 0 && (size_t)n < sizeof(body));
	take(eg_ingest_array, body);
	n = snprintf(seen, sizeof(seen), "%s\n%s", why != NULL ? why : "", text);
	for (size_t i = 0; i < in.refused; i++)
		n += snprintf(seen + n, sizeof(seen) - (size_t)n, "%u %s\n", in.refusal[i].index,
		    in.refusal[i].reason);
	return seen;
}

static void
what_the_short_way_reads_the_parser_reads_alike(void **state)
{
	static const char *const elements[] = { "{\"sensor_id\":\"a\",\"value\":1}",
		"{ \"value\" : 1.50e+3 ,\r\n\t\"sensor_id\" : \"a b\" }",
		"{\"sensor_id\":\"a\",\"value\":1,\"value\":2}",
		"{\"sensor_id\":\"\xc3\xa4\x7f\",\"value\":1}",
		"{\"sensor_id\":\"0123456\xc3\xa4\xe2\x82\xac\",\"value\":1}",
		"{\"sensor_id\":\"]},{[\",\"value\":1}",
		"{\"sensor_id\":\"a\\\"b\",\"value\":1}", "{\"sensor_id\":\"01234567\\\\\",\"value\":1}",
		"{\"sensor_id\":7,\"value\":1}", "{\"sensor_id\":\"a\",\"value\":\"1\"}",
		"{\"sensor_id\":\"a\",\"value\":true}", "{\"sensor_id\":\"a\",\"value\":-}",
		"{\"sensor_id\":\"a\",\"value\":01}", "{\"sensor_id\":\"a\",\"value\":1e999}",
		"{\"sensor_id\":\"a\",\"value\":123456789012345678901234567890123456789012345678901234567890.5}",
		"{\"sensor_id\":\"a\",\"value\":0.123456789012345678901234567890123456789012345678901234567890123}",
		"{\"sensor_id\":\"a\",\"timestamp\":\"1969-12-31T23:59:59.5-01:00\",\"value\":-0}",
		"{\"sensor_id\":\"a\",\"timestamp\":\"\",\"value\":1}",
		"{\"sensor_id\":\"a\",\"timestamp\":1700000000,\"value\":1}",
		"{\"sensor_id\":\"a\",\"timestamp\":null,\"value\":1}",
		"{\"sensor_id\":\"a:b\",\"value\":1}", "{\"sensor_ids\":\"a\",\"value\":1}",
		"{\"sensor_id\":\"a\",\"values\":1}", "{\"sensor_id\":\"a\",\"x\":\"y\",\"n\":2,\"value\":1}",
		"{\"sensor_id\":\"a\",\"x\":\"01234567\t\",\"value\":1}",
		"{\"sensor_id\":\"a\",\"\xff\":\"\",\"value\":1}",
		"{\"sensor_id\":\"a\",\"x\":{\"value\":2},\"value\":1}", "{\"value\":1}" };

	(void)state;
	for (size_t i = 0; i < sizeof(elements) / sizeof(elements[0]); i++) {
		char slow[8192];

		snprintf(slow, sizeof(slow), "%s", twice(elements[i], true));
		assert_string_equal(twice(elements[i], false), slow);
		assert_non_null(strstr(slow, "z:2026-11-23T14:18:36.123:9\n"));
	}
}

static void
an_array_without_its_end_is_taken_not_at_all(void **state)
{
	static const char *const bad[] = { "", "{}", "[", "[{\"sensor_id\":\"a\",\"value\":1}",
		"[{\"sensor_id\":\"a\",\"value\":1},", "[{\"sensor_id\":\"a\",\"value\":1},]",
		"[{\"sensor_id\":\"a\",\"value\":1}] x", "[,]", "[{\"sensor_id\":\"a\",\"value\":1}}",
		"[\"" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		take(eg_ingest_array, bad[i]);
		assert_non_null(why);
	}
}

static void
lines_are_records(void **state)
{
	(void)state;
	assert_string_equal(take(eg_ingest_lines, "a:2026-11-23T14:18:36:1\r\n# c\n\nx\n"
	    "b:2026-11-23T14:18:36:2"), "a:2026-11-23T14:18:36:1\nb:2026-11-23T14:18:36:2\n");
	assert_int_equal(in.refused, 1);
	assert_int_equal(in.refusal[0].index, 3);
}

static void
a_line_that_is_refused_later_is_found_by_its_place(void **state)
{
	static const char body[] = "a:2026-11-23T14:18:36:1\nx\nb:2026-11-23T14:18:36:2\n";

	(void)state;
	take(eg_ingest_lines, body);
	eg_ingest_refused_later(&in, in.text + 24, 23, "why not");
	assert_int_equal(in.refused, 2);
	assert_int_equal(in.refusal[1].index, 2);
	assert_string_equal(in.refusal[1].reason, "why not");
	assert_string_equal(in.refusal[1].text, "'b:2026-11-23T14:18:36:2'");
}

static void
append(void *ctx, const struct eg_record *r)
{
	struct eg_record again;

	assert_int_equal(eg_record_parse(r->line, r->len, &again), EG_FAULT_NONE);
	assert_true(again.ns == r->ns && again.value_at == r->value_at &&
	    again.sensor_len == r->sensor_len && again.subsecond == r->subsecond);
	strncat(ctx, r->line, r->len);
	strcat(ctx, "\n");
}

static void
each_record_is_given_but_for_those_refused_later(void **state)
{
	static const char body[] = "a:2026-11-23T14:18:36:1\nx\nb/c:1969-12-31T23:59:59.5+01:00:-2\n"
	    "c:2026-11-23T14:18:36:3\nd:2026-11-23T14:18:36.25Z:4\n";
	char seen[200] = "";

	(void)state;
	take(eg_ingest_lines, body);
	eg_ingest_refused_later(&in, in.text, 23, "why not");
	eg_ingest_refused_later(&in, strstr(in.text, "c:2026"), 23, "why not");
	assert_int_equal(in.refusal[2].index, 3);
	eg_ingest_each(&in, append, seen);
	assert_string_equal(seen, "b/c:1969-12-31T23:59:59.5+01:00:-2\nd:2026-11-23T14:18:36.25Z:4\n");
}

static void
refusals_beyond_the_kept_ones_are_counted(void **state)
{
	char body[2 * 3 * EG_INGEST_KEPT + 1] = "";

	(void)state;
	for (int i = 0; i < 3 * EG_INGEST_KEPT; i++)
		memcpy(body + 2 * i, "x\n", 3);
	take(eg_ingest_lines, body);
	assert_int_equal(in.refused, 3 * EG_INGEST_KEPT);
	assert_int_equal(in.refusal[EG_INGEST_KEPT - 1].index, EG_INGEST_KEPT - 1);
}

static void
a_token_limits_the_sensors(void **state)
{
	static const char file[] = "me secret a b/*\n";
	struct eg_tokens t = { 0 };
	struct eg_error e = { 0 };

	(void)state;
	assert_int_equal(eg_tokens_parse(&t, "f", file, sizeof(file) - 1, &e), 0);
	eg_ingest_free(&in);
	in = (struct eg_ingest){ .limit = 1 << 20, .token = &t.token[0] };
	eg_ingest_add(&in, "a:2026-11-23T14:18:36:1", 23);
	eg_ingest_add(&in, "b/x/y:2026-11-23T14:18:36:1", 27);
	eg_ingest_add(&in, "aa:2026-11-23T14:18:36:1", 24);
	assert_int_equal(in.records, 2);
	assert_int_equal(in.denied, 1);
	eg_tokens_free(&t);
}

static void
what_grows_beyond_the_limit_is_full(void **state)
{
	(void)state;
	eg_ingest_free(&in);
	in = (struct eg_ingest){ .limit = 100 };
	for (int i = 0; i < 10; i++)
		eg_ingest_add(&in, "a:2026-11-23T14:18:36:1", 23);
	assert_true(in.full);
	assert_true(in.chunk.len <= 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_classic_object_is_a_record),
		cmocka_unit_test(texts_of_number_and_time_are_kept),
		cmocka_unit_test(a_missing_time_is_now),
		cmocka_unit_test(the_last_of_a_name_counts),
		cmocka_unit_test(an_object_like_the_one_before_is_read_as_any_other),
		cmocka_unit_test(what_is_no_number_is_none_behind_another_object),
		cmocka_unit_test(what_is_no_json_is_taken_not_at_all),
		cmocka_unit_test(json_that_is_no_reading_is_refused),
		cmocka_unit_test(bad_elements_are_refused_by_index_and_the_others_taken),
		cmocka_unit_test(what_the_short_way_reads_the_parser_reads_alike),
		cmocka_unit_test(an_array_without_its_end_is_taken_not_at_all),
		cmocka_unit_test(lines_are_records),
		cmocka_unit_test(a_line_that_is_refused_later_is_found_by_its_place),
		cmocka_unit_test(each_record_is_given_but_for_those_refused_later),
		cmocka_unit_test(refusals_beyond_the_kept_ones_are_counted),
		cmocka_unit_test(a_token_limits_the_sensors),
		cmocka_unit_test(what_grows_beyond_the_limit_is_full),
	};
	int status = cmocka_run_group_tests(tests, NULL, NULL);

	eg_ingest_free(&in);
	return status;
}
