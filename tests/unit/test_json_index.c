/* SPDX-License-Identifier: MIT */
/* JSON text as an array of values: both readers give the same, and the functions that find and
 * convert values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "../json_same.h"

static struct eg_json_index fast, any;

static const struct eg_json *
read_text(const char *text)
{
	const char *why = "";

	if (!eg_json_index_scan(&any, text, strlen(text)) &&
	    eg_json_index_parse(&any, text, strlen(text), &why) != EG_JSON_WHOLE)
		fail_msg("%s: %s", text, why);
	return eg_json_root(&any);
}

static void
usual_text_is_read_as_by_json_c(void **state)
{
	static const char *const texts[] = {
		"{}", "[]", " \t\r\n{ } ", "0", "-1.5", "\"a\"", "true", "null", "[[],{},[{}]]",
		"{\"src\":\"shellypro3em-1\",\"params\":{\"ts\":1700000000.25,\"em:0\":{\"a\":-0.5,\"b\":1e-3}}}",
		"[1,-2,3.0,4.50,1E5,1e+5,999999999999999999,-99999999999999999]",
		"{ \"a\" : [ true , false , null ] , \"\" : \"\" }", "{\"\xc3\xa4\":\"\xef\xbf\xbd \xc2\xb0" "C \x7f\"}",
		"[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]", "{\"a\":{\"a\":1},\"b\":{\"a\":2}}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (!reads_as_json_c(&fast, texts[i], strlen(texts[i])))
			fail_msg("read in another way than by json-c: %s", texts[i]);
		/* White space behind the value is json-c's to judge. */
		if (i != 2 && !eg_json_index_scan(&fast, texts[i], strlen(texts[i])))
			fail_msg("not read fast: %s", texts[i]);
	}
}

static void
all_else_is_left_to_json_c(void **state)
{
	static const char *const texts[] = {
		"", " ", "{", "}", "[1,]", "[,1]", "[1 2]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{\"a\" 1}",
		"{\"a\":1}}", "[1]x", "01", "-", "-0", "1.", ".5", "+1", "1e", "1e+", "0x1", "NaN", "tru", "nul",
		"\"a", "\"a\\n\"", "\"\t\"", "\"\xff\"", "\"\xf0\x9f\x98\x80\"", "\"\xc3\"", "'a'", "1000000000000000000",
		"{\"a\":1,\"b\":2,\"a\":3}", "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (eg_json_index_scan(&fast, texts[i], strlen(texts[i])))
			fail_msg("read fast: %s", texts[i]);
	assert_false(eg_json_index_scan(&fast, "[1\0]", 4));
	assert_false(eg_json_index_scan(&fast, "1\0", 2));
}

/* In turn, so that each is compared with the one before it. */
static void
a_text_in_the_form_of_the_one_before_is_read_as_any_other(void **state)
{
	static const char *const texts[] = {
		"{\"a\":1,\"b\":\"x\",\"c\":[2.5,true]}", "{\"a\":12345678901,\"b\":\"\",\"c\":[-7,true]}",
		"{\"a\":-1.5e3,\"b\":\"a longer one \xc3\xa4\",\"c\":[0,true]}",
		"{\"a\":1,\"b\":\"x\",\"c\":[2,false]}", "{\"a\":1,\"b\":2,\"c\":[2,false]}",
		"{\"a\":1,\"b\":2,\"c\":[2,false]} ", "{\"a\":1,\"b\":2,\"c\":[2,false]}",
		"{\"A\":1,\"b\":2,\"c\":[2,false]}", "{\"A\":1,\"b\":2,\"c\":[2,3,false]}",
		"[1,2]", "[3,4]", "[3,4,5]", "[]", "1", "22", "\"a\"", "\"bc\"", "true", "true",
	};
	static const char *const bad[] = { "{\"a\":01,\"b\":\"x\"}", "{\"a\":,\"b\":\"x\"}",
		"{\"a\":1.,\"b\":\"x\"}", "{\"a\":1,\"b\":\"x}", "{\"a\":1,\"b\":\"x\"", "{\"a\":1,\"b\":\"x\"}}",
		"{\"a\":1,\"b\":\"\xff\"}", "{\"a\":-0,\"b\":\"x\"}", "{\"a\":1,\"b\":\"\\n\"}",
		"{\"a\":1234567890123456789,\"b\":\"x\"}", "{\"a\":1,\"b\":\"\t\"}", "{\"a\":1" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (!reads_as_json_c(&fast, texts[i], strlen(texts[i])))
			fail_msg("read in another way than by json-c: %s", texts[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_true(eg_json_index_scan(&fast, "{\"a\":1,\"b\":\"x\"}", 15));
		if (eg_json_index_scan(&fast, bad[i], strlen(bad[i])))
			fail_msg("read fast: %s", bad[i]);
		/* What it has read of that is forgotten. */
		assert_true(eg_json_index_scan(&fast, "{\"a\":3,\"b\":\"yz\"}", 16));
		assert_int_equal(eg_json_int(eg_json_member(eg_json_root(&fast), "a")), 3);
		assert_string_equal(eg_json_member(eg_json_root(&fast), "b")->text, "yz");
	}
}

/* An object of n members, the last one named as the first if `twice`. */
static bool
scans_members(int n, bool twice)
{
	char text[2048];
	int len = 0;

	for (int i = 0; i < n; i++)
		len += snprintf(text + len, sizeof(text) - (size_t)len, "%s\"member%d\":%d", i > 0 ? "," : "{",
		    twice && i == n - 1 ? 0 : i, i);
	text[len++] = '}';
	return eg_json_index_scan(&fast, text, (size_t)len);
}

static void
two_members_of_a_name_are_noticed(void **state)
{
	(void)state;
	for (int n = 2; n <= 64; n++) {
		assert_true(scans_members(n, false));
		assert_false(scans_members(n, true));
	}
	assert_false(scans_members(65, false));
	assert_int_equal(eg_json_int(eg_json_member(read_text("{\"a\":1,\"b\":2,\"a\":3}"), "a")), 3);
	assert_int_equal(read_text("{\"a\":1,\"b\":2,\"a\":3}")->span, 3);
}

static void
values_are_found(void **state)
{
	const struct eg_json *o = read_text("{\"a\":[10,[20],30],\"n\":null,\"b\":{\"a\":\"x\"}}");
	const struct eg_json *list = eg_json_member(o, "a");
	int members = 0, elements = 0;

	(void)state;
	eg_json_each_member(m, o)
		members += *m->name;
	eg_json_each_element(e, list)
		elements += eg_json_is(e, EG_JSON_INT) ? 1 : 10;
	eg_json_each_member(m, list)
		members += m != NULL;
	assert_int_equal(members, 'a' + 'n' + 'b');
	assert_int_equal(elements, 12);
	assert_int_equal(eg_json_int(eg_json_element(list, 2)), 30);
	assert_int_equal(eg_json_int(eg_json_element(list, -3)), 10);
	assert_null(eg_json_element(list, 3));
	assert_null(eg_json_element(list, -4));
	assert_null(eg_json_element(o, 0));
	assert_string_equal(eg_json_member(eg_json_member(o, "b"), "a")->text, "x");
	assert_non_null(eg_json_member(o, "n"));
	assert_null(eg_json_member(o, "c"));
	assert_null(eg_json_member(NULL, "a"));
	assert_null(eg_json_member(list, "a"));
}

static void
values_are_converted(void **state)
{
	(void)state;
	assert_int_equal(eg_json_int(read_text("-12")), -12);
	assert_int_equal(eg_json_int(read_text("12.9")), 12);
	assert_int_equal(eg_json_int(read_text("1e30")), INT64_MAX);
	assert_int_equal(eg_json_int(read_text("-1e30")), INT64_MIN);
	assert_int_equal(eg_json_int(read_text("\"15x\"")), 15);
	assert_int_equal(eg_json_int(read_text("true")), 1);
	assert_int_equal(eg_json_int(read_text("[1]")), 0);
	assert_int_equal(eg_json_int(NULL), 0);
	assert_true(eg_json_double(read_text("127.0")) == 127);
	assert_true(eg_json_double(read_text("\"127\"")) == 127);
	assert_true(eg_json_double(read_text("\"127x\"")) == 0);
	assert_true(eg_json_double(read_text("null")) == 0);
	assert_true(eg_json_is_true(read_text("true")));
	assert_true(eg_json_is_true(read_text("\"no\"")));
	assert_true(eg_json_is_true(read_text("0.5")));
	assert_false(eg_json_is_true(read_text("false")));
	assert_false(eg_json_is_true(read_text("0")));
	assert_false(eg_json_is_true(read_text("\"\"")));
	assert_false(eg_json_is_true(NULL));
}

static void
odd_text_is_read_by_json_c(void **state)
{
	(void)state;
	assert_string_equal(read_text("\"a\\u00e4\\n\"")->text, "a\xc3\xa4\n");
	assert_string_equal(read_text("123456789012345678901")->text, "18446744073709551615");
	assert_string_equal(read_text("-0")->text, "0");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(usual_text_is_read_as_by_json_c),
		cmocka_unit_test(all_else_is_left_to_json_c),
		cmocka_unit_test(a_text_in_the_form_of_the_one_before_is_read_as_any_other),
		cmocka_unit_test(two_members_of_a_name_are_noticed),
		cmocka_unit_test(values_are_found),
		cmocka_unit_test(values_are_converted),
		cmocka_unit_test(odd_text_is_read_by_json_c),
	};
	int rc = cmocka_run_group_tests(tests, NULL, NULL);

	eg_json_index_free(&fast);
	eg_json_index_free(&any);
	return rc;
}
