/* SPDX-License-Identifier: MIT */
/* Message bodies: JSON out and in, and telling JSON from lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "record/json_text.h"
#include "record/message.h"

#define KEY "s1:2026-11-23T14:18:36"
#define AND_KEY "{\"key\":\"" KEY "\",\"value\":"

#define N60 "123456789012345678901234567890123456789012345678901234567890"

static void
assert_text(const char *got, size_t len, const char *want)
{
	if (len != strlen(want) || memcmp(got, want, len) != 0)
		fail_msg("got '%.*s', wanted '%s'", (int)len, got, want);
}

/* The parser is given a copy without a NUL behind it, so that a sanitizer sees a read beyond its
 * end; and once more with a blank in front, which another reader takes, with the same result. */
static const char *
parse(const char *body, size_t len, char line[EG_LINE_MAX + 1], size_t *line_len)
{
	char *copy = malloc(len + 1), other[EG_LINE_MAX + 1];
	const char *why, *other_why;
	size_t other_len;

	assert_non_null(copy);
	*copy = ' ';
	memcpy(copy + 1, body, len);
	why = eg_message_parse_json(copy + 1, len, line, line_len);
	other_why = eg_message_parse_json(copy, len + 1, other, &other_len);
	free(copy);
	if (why != NULL || other_why != NULL) {
		if (why == NULL || other_why == NULL || strcmp(why, other_why) != 0)
			fail_msg("'%s' with a blank in front: %s", body, other_why);
		return why;
	}
	assert_int_equal(*line_len, other_len);
	assert_memory_equal(line, other, other_len);
	return NULL;
}

static void
reads(const char *body, const char *want)
{
	char line[EG_LINE_MAX + 1];
	size_t len = 0;
	const char *why = parse(body, strlen(body), line, &len);

	if (why != NULL)
		fail_msg("%s: %s", body, why);
	assert_true(len > 0);
	assert_int_equal(line[len - 1], '\n');
	assert_text(line, len - 1, want);
}

static void
refuses_bytes(const char *body, size_t n, const char *want)
{
	char line[EG_LINE_MAX + 1];
	size_t len = 0;
	const char *why = parse(body, n, line, &len);

	if (why == NULL)
		fail_msg("%s: taken as '%.*s'", body, (int)len, line);
	if (strstr(why, want) == NULL)
		fail_msg("%s: %s, wanted: %s", body, why, want);
}

static void
refuses(const char *body, const char *want)
{
	refuses_bytes(body, strlen(body), want);
}

static void
writes(const char *record, const char *want)
{
	char out[EG_JSON_MAX];
	struct eg_record r;
	size_t n;

	assert_int_equal(eg_record_parse(record, strlen(record), &r), EG_FAULT_NONE);
	n = eg_message_json(&r, out);
	assert_true(n <= sizeof(out));
	assert_text(out, n, want);
}

static void
test_writes_the_text_of_a_value(void **state)
{
	(void)state;
	writes(KEY ":55.20", AND_KEY "55.20}");
	writes(KEY ":-0", AND_KEY "-0}");
	writes(KEY ":1E5", AND_KEY "1E5}");
	writes(KEY ":1e-05", AND_KEY "1e-05}");
	writes(KEY ":123456789012345678901234567890", AND_KEY "123456789012345678901234567890}");
}

static void
test_writes_what_JSON_allows(void **state)
{
	(void)state;
	writes(KEY ":5.", AND_KEY "5.0}");
	writes(KEY ":.5", AND_KEY "0.5}");
	writes(KEY ":-.5", AND_KEY "-0.5}");
	writes(KEY ":+5", AND_KEY "5}");
	writes(KEY ":007", AND_KEY "7}");
	writes(KEY ":000", AND_KEY "0}");
	writes(KEY ":5.e3", AND_KEY "5.0e3}");
}

static void
test_writes_keys(void **state)
{
	(void)state;
	writes("a\"b\\c:2026-11-23T14:18:36.5+01:00:1",
	    "{\"key\":\"a\\\"b\\\\c:2026-11-23T14:18:36.5+01:00\",\"value\":1}");
	writes("caff\xc3\xa8:2026-11-23T14:18:36:1",
	    "{\"key\":\"caff\xc3\xa8:2026-11-23T14:18:36\",\"value\":1}");
}

static void
test_longest_body_fits(void **state)
{
	char record[EG_LINE_MAX + 1], out[EG_JSON_MAX];
	struct eg_record r;
	int n;

	(void)state;
	memset(record, '"', EG_SENSOR_MAX);
	n = snprintf(record + EG_SENSOR_MAX, sizeof(record) - EG_SENSOR_MAX,
	    ":2026-11-23T14:18:36.123456789+14:00:.%063d", 1);
	assert_int_equal(eg_record_parse(record, EG_SENSOR_MAX + (size_t)n, &r), EG_FAULT_NONE);
	assert_int_equal(eg_message_json(&r, out),
	    strlen("{\"key\":\"\",\"value\":0}") + 2 * EG_SENSOR_MAX + (size_t)n - 1);
}

static void
test_round_trip(void **state)
{
	static const char *const kept[] = { KEY ":55.20", KEY ":-0", KEY ":1E5", KEY ":0.0e-3",
		KEY ":123456789012345678901234567890", KEY ":-9223372036854775809",
		KEY ":18446744073709551616", "a\"b\\c/:2026-11-23T14:18:36Z:1",
		KEY ":." N60 "123", KEY ":-." N60 "12", KEY ":" N60 "123.", KEY ":" N60 ".e10",
		"\xf0\x9f\x98\x80:2026-11-23t14:18:36+01:00:2.50", " :2026-11-23T14:18:36:1" };
	char json[EG_JSON_MAX], line[EG_LINE_MAX + 1];
	struct eg_record r;
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		assert_int_equal(eg_record_parse(kept[i], strlen(kept[i]), &r), EG_FAULT_NONE);
		assert_null(parse(json, eg_message_json(&r, json), line, &n));
		assert_text(line, n - 1, kept[i]);
	}
}

static void
test_what_lies_behind_a_value_is_not_looked_at(void **state)
{
	char v[] = N60 "1234.0e5";

	(void)state;
	assert_int_equal(eg_jsontext_fit(v, strlen(N60 "1234.")), strlen(N60 "1234."));
	assert_string_equal(v, N60 "1234.0e5");
	refuses(AND_KEY N60 "1234.}", "longer than 64 bytes");
}

static void
test_reads_what_others_write(void **state)
{
	(void)state;
	/* json.dumps of Python, and a producer that adds members of its own. */
	reads("{\"key\": \"" KEY "\", \"value\": 55.20}", KEY ":55.20");
	reads("\n{ \"value\" : -0 ,\t\"key\" : \"" KEY "\" }\r\n", KEY ":-0");
	reads("{\"a\":[1,{\"value\":7,\"key\":\"no\"}],\"b\":\"\\\"value\\\":9\",\"key\":\"" KEY
	      "\",\"value\":3.0,\"z\":\"value\"}", KEY ":3.0");
	reads(AND_KEY "1E5}", KEY ":1E5");
	reads(AND_KEY "123456789012345678901234567890}", KEY ":123456789012345678901234567890");
	reads(AND_KEY "-123456789012345678901234567890}", KEY ":-123456789012345678901234567890");
}

static void
test_reads_escapes(void **state)
{
	(void)state;
	reads("{\"key\":\"a\\\"b\\\\c\\/\\u00e8\\ud83d\\ude00:2026-11-23T14:18:36\",\"value\":1}",
	    "a\"b\\c/\xc3\xa8\xf0\x9f\x98\x80:2026-11-23T14:18:36:1");
	reads("{\"k\\u0065y\":\"" KEY "\",\"\\u0076al\\u0075e\":2}", KEY ":2");
	reads("{\"key\":\"" KEY "\",\"valu\\u00e8\":1,\"\\\"value\":4,\"value\":2,\"value\\n\":3}",
	    KEY ":2");
}

static void
test_the_last_of_a_name_counts(void **state)
{
	(void)state;
	reads(AND_KEY "1,\"value\":2}", KEY ":2");
	reads(AND_KEY "1,\"\\u0076alue\":2}", KEY ":2");
	reads("{\"key\":\"" KEY "\",\"\\u0076alue\":2,\"value\":1}", KEY ":1");
	reads("{\"key\":\"x\",\"key\":\"" KEY "\",\"value\":1}", KEY ":1");
	refuses(AND_KEY "1,\"value\":null}", "not a number");
}

static void
test_refuses_what_is_no_object(void **state)
{
	(void)state;
	refuses("", "not JSON");
	refuses("   ", "not JSON");
	refuses("hello", "not JSON");
	refuses(KEY ":55.20", "not JSON");
	refuses("{", "not JSON");
	refuses(AND_KEY "1", "not JSON");
	refuses(AND_KEY "1,}", "not JSON");
	refuses("{'key':'" KEY "','value':1}", "not JSON");
	refuses("{\"key\":\"" KEY "\",/* note */\"value\":1}", "not JSON");
	refuses("[" AND_KEY "1}]", "not an object");
	refuses("[]", "not an object");
	refuses("\"text\"", "not an object");
	refuses("{\"key\":\"s\xff:2026-11-23T14:18:36\",\"value\":1}", "not JSON");
}

static void
test_refuses_trailing_text(void **state)
{
	static const char nul[] = AND_KEY "1}\0", in_name[] = "{\"key\0\":1}";

	(void)state;
	refuses(AND_KEY "1} x", "not JSON");
	refuses(AND_KEY "1}" AND_KEY "2}", "not JSON");
	refuses_bytes(nul, sizeof(nul) - 1, "follows");
	refuses_bytes(in_name, sizeof(in_name) - 1, "not JSON");
}

static void
test_refuses_members(void **state)
{
	(void)state;
	refuses("{}", "no \"key\"");
	refuses("{\"value\":1}", "no \"key\"");
	refuses("{\"key\":\"" KEY "\"}", "no \"value\"");
	refuses("{\"key\":5,\"value\":1}", "\"key\" is not a string");
	refuses("{\"key\":null,\"value\":1}", "\"key\" is not a string");
	refuses(AND_KEY "\"55.2\"}", "not a number");
	refuses(AND_KEY "null}", "not a number");
	refuses(AND_KEY "true}", "not a number");
	refuses(AND_KEY "[1]}", "not a number");
}

static void
test_refuses_numbers(void **state)
{
	(void)state;
	refuses(AND_KEY "NaN}", "not a decimal number");
	refuses(AND_KEY "Infinity}", "not a decimal number");
	refuses(AND_KEY "-Infinity}", "not a decimal number");
	refuses(AND_KEY "1e999}", "too large");
	refuses(AND_KEY "007}", "not JSON");
	refuses(AND_KEY ".5}", "not JSON");
	refuses(AND_KEY "+5}", "not JSON");
	refuses(AND_KEY "0x10}", "not JSON");
	refuses(AND_KEY "1-2}", "not JSON");
	refuses(AND_KEY "12,5}", "not JSON");
}

static void
test_refuses_keys(void **state)
{
	(void)state;
	refuses("{\"key\":\"\",\"value\":1}", "colon");
	refuses("{\"key\":\"s1\",\"value\":1}", "colon");
	refuses("{\"key\":\":2026-11-23T14:18:36\",\"value\":1}", "sensor");
	refuses("{\"key\":\"s\\u00001:2026-11-23T14:18:36\",\"value\":1}", "NUL");
	refuses("{\"key\":\"s\\n1:2026-11-23T14:18:36\",\"value\":1}", "control");
	refuses("{\"key\":\"#s1:2026-11-23T14:18:36\",\"value\":1}", "comment");
	refuses("{\"key\":\"" KEY ":7\",\"value\":1}", "timestamp");
	refuses("{\"key\":\"s1:2026-02-30T14:18:36\",\"value\":1}", "day");
}

static void
test_refuses_what_is_too_much(void **state)
{
	enum { HUGE_BODY = 2 * 1024 * 1024 };
	char *body = malloc(HUGE_BODY), key[EG_LINE_MAX + 64];

	(void)state;
	assert_non_null(body);
	memset(body, '[', HUGE_BODY);
	refuses_bytes(body, HUGE_BODY, "too deeply");
	memset(body, ' ', HUGE_BODY);
	memcpy(body, AND_KEY "1}", strlen(AND_KEY "1}"));
	refuses_bytes(body, HUGE_BODY, "");
	free(body);
	refuses("{\"key\":\"" KEY "\",\"a\":[[[[[[[[[[1]]]]]]]]]],\"value\":1}", "too deeply");
	snprintf(key, sizeof(key), "{\"key\":\"%01020d:2026-11-23T14:18:36\",\"value\":1}", 1);
	refuses(key, "long");
}

static bool
is_json(const char *type, const char *body)
{
	return eg_message_is_json(type, strlen(type), body, strlen(body));
}

static void
test_tells_JSON_from_lines(void **state)
{
	(void)state;
	assert_true(is_json("application/json", KEY ":1\n"));
	assert_true(is_json("Application/JSON; charset=utf-8", ""));
	assert_true(is_json("application/x-ndjson", KEY ":1\n"));
	assert_true(is_json("text/plain", " {}"));
	assert_true(is_json("text/plain;charset=utf-8", AND_KEY "1}"));
	assert_false(is_json("text/plain", "{" KEY ":1\n"));
	assert_false(is_json("text/plain", "{" KEY ":1\nbad"));
	assert_false(is_json("text/plain", "[]"));
	assert_true(is_json("", "{}"));
	assert_true(is_json("", " \r\n\t[1]"));
	assert_false(is_json("", KEY ":1\n"));
	assert_false(is_json("", ""));
	assert_false(is_json("", "  "));
	assert_true(is_json("application/jsonx", "{}"));
	assert_false(is_json("application/jsonx", KEY ":1\n"));
	assert_true(is_json("application/octet-stream", "{}"));
}

static void
item_is(const char *body, const char *want)
{
	assert_int_equal(eg_message_item(body, strlen(body)), strlen(want));
	assert_memory_equal(body, want, strlen(want));
}

static void
test_cuts_a_text_into_its_objects(void **state)
{
	(void)state;
	item_is("", "");
	item_is("{} ", "{} ");
	item_is("{}\n{}\n", "{}");
	item_is("{\"a\":{\"b\":[1,{}]}}{}", "{\"a\":{\"b\":[1,{}]}}");
	item_is("{\"}{\\\"\":1}\r\n {}", "{\"}{\\\"\":1}");
	item_is("{\n \"a\": {\n}\n}\n", "{\n \"a\": {\n}\n}\n");
	/* Broken ones end at a line that begins an object. */
	item_is("{\"a\n{}\n", "{\"a");
	item_is("nonsense\nmore\n{}", "nonsense\nmore");
	item_is("{} x\n{}", "{} x");
	item_is("{} x\nmore", "{} x\nmore");
	item_is("[{},\n{}]", "[{},");
}

static void
test_refuses_half_a_surrogate_pair(void **state)
{
	(void)state;
	refuses("{\"key\":\"a\\ud83d:2026-11-23T14:18:36\",\"value\":1}", "half a surrogate pair");
	refuses("{\"key\":\"a\\ude00\\ud83d:2026-11-23T14:18:36\",\"value\":1}", "half a surrogate");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_writes_the_text_of_a_value),
		cmocka_unit_test(test_writes_what_JSON_allows),
		cmocka_unit_test(test_writes_keys),
		cmocka_unit_test(test_longest_body_fits),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_what_lies_behind_a_value_is_not_looked_at),
		cmocka_unit_test(test_reads_what_others_write),
		cmocka_unit_test(test_reads_escapes),
		cmocka_unit_test(test_the_last_of_a_name_counts),
		cmocka_unit_test(test_refuses_what_is_no_object),
		cmocka_unit_test(test_refuses_trailing_text),
		cmocka_unit_test(test_refuses_members),
		cmocka_unit_test(test_refuses_numbers),
		cmocka_unit_test(test_refuses_keys),
		cmocka_unit_test(test_refuses_what_is_too_much),
		cmocka_unit_test(test_tells_JSON_from_lines),
		cmocka_unit_test(test_cuts_a_text_into_its_objects),
		cmocka_unit_test(test_refuses_half_a_surrogate_pair),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
