/* SPDX-License-Identifier: MIT */
/* What eg_json_parse takes and refuses: the same with each version of json-c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <json-c/json.h>

#include "record/json_parse.h"

/* The value as json-c writes it; "-" when text is not one JSON value. */
static const char *
parsed(const char *text)
{
	static char out[400];
	struct json_tokener *tok = eg_json_tokener(4);
	struct json_object *o;
	const char *why;

	assert_non_null(tok);
	if (eg_json_parse(tok, text, strlen(text), &o, &why) != EG_JSON_WHOLE)
		strcpy(out, "-");
	else
		snprintf(out, sizeof(out), "%s", json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
	json_object_put(o);
	json_tokener_free(tok);
	return out;
}

static void
whole_numbers_beyond_64_bits_become_the_limit(void **state)
{
	(void)state;
	assert_string_equal(parsed("[123456789012345678901234567890,1]"), "[18446744073709551615,1]");
	assert_string_equal(parsed("[-123456789012345678901234567890]"), "[-9223372036854775808]");
	assert_string_equal(parsed("[18446744073709551616]"), "[18446744073709551615]");
	assert_string_equal(parsed("[-9223372036854775809]"), "[-9223372036854775808]");
}

static void
other_numbers_keep_their_digits(void **state)
{
	static const char *const kept[] = { "[18446744073709551615]", "[-9223372036854775808]", "[0,-1]",
		"[1.1234567890123456789012345678901234567890]", "[123456789012345678901234567890.5]",
		"[123456789012345678901234567890e-25]", "[12e-0000000000000000000000000000000000002]",
		"[\"123456789012345678901234567890\"]", "{\"123456789012345678901234567890\":1}" };

	(void)state;
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		assert_string_equal(parsed(kept[i]), kept[i]);
}

static void
control_characters_in_strings_stay(void **state)
{
	(void)state;
	assert_string_equal(parsed("{\"a\tb\":\"\x01\n\\\\\x1f\"}"), "{\"a\\tb\":\"\\u0001\\n\\\\\\u001f\"}");
	assert_string_equal(parsed("{\"a\tb\":123456789012345678901234567890}"),
	    "{\"a\\tb\":18446744073709551615}");
	assert_string_equal(parsed("[\"\\\"\t\\\\\",\t1]"), "[\"\\\"\\t\\\\\",1]");
}

static void
letters_beyond_ascii_are_taken(void **state)
{
	static const char *const kept[] = { "[\"\xc3\xa4\x7f\"]", "{\"K\xc3\xbc" "che\":\"\xf0\x9f\x98\x80\"}" };

	(void)state;
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		assert_string_equal(parsed(kept[i]), kept[i]);
}

static void
the_end_is_told(void **state)
{
	static const struct {
		const char *text;
		enum eg_json_end end;
	} all[] = { { "1", EG_JSON_WHOLE }, { "null", EG_JSON_WHOLE }, { " {} \n", EG_JSON_WHOLE },
		{ "[1", EG_JSON_CUT }, { "\"a", EG_JSON_CUT }, { "", EG_JSON_CUT }, { "[[[[[]]]]]", EG_JSON_DEEP },
		{ "{} {}", EG_JSON_BAD }, { "{]", EG_JSON_BAD }, { "[\"\xc3\"]", EG_JSON_BAD },
		{ "[\"\xed\xa0\x80\"]", EG_JSON_BAD } };
	struct json_tokener *tok = eg_json_tokener(4);
	struct json_object *o;
	const char *why;

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (eg_json_parse(tok, all[i].text, strlen(all[i].text), &o, &why) != all[i].end)
			fail_msg("another end: %s", all[i].text);
		json_object_put(o);
	}
	json_tokener_free(tok);
}

static void
what_is_not_json_is_refused(void **state)
{
	static const char *const bad[] = { "", "[", "[\"\t", "[\"\\\t\"]", "[\"\\", "[012345678901234567890123]",
		"[--123456789012345678901234]", "[1] 2", "[1,]", "{\"a\":1,}", 
		"[True]", "[+1]", "/*x*/[1]", "[\x01]", "[\"\xff\"]", "[[[[[1]]]]]", "[1e]", "[.5]",
		"[1 2]", "{a:1}" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (strcmp(parsed(bad[i]), "-") != 0)
			fail_msg("taken: %s: %s", bad[i], parsed(bad[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_numbers_beyond_64_bits_become_the_limit),
		cmocka_unit_test(other_numbers_keep_their_digits),
		cmocka_unit_test(control_characters_in_strings_stay),
		cmocka_unit_test(letters_beyond_ascii_are_taken),
		cmocka_unit_test(the_end_is_told),
		cmocka_unit_test(what_is_not_json_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
