/* SPDX-License-Identifier: MIT */
/* JSON text: half a surrogate pair is seen, and what is written is UTF-8. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "record/json_text.h"

static bool
paired(const char *s)
{
	/* Of exactly its size: a sanitizer sees a read beyond. */
	size_t len = strlen(s);
	char *copy = malloc(len + 1);
	bool ok;

	assert_non_null(copy);
	memcpy(copy, s, len);
	ok = eg_jsontext_paired(copy, len);
	free(copy);
	return ok;
}

static void
half_a_surrogate_pair_is_seen(void **state)
{
	(void)state;
	assert_true(paired(""));
	assert_true(paired("\"plain\""));
	assert_true(paired("\"\\ud83d\\uDCA1\""));
	assert_true(paired("\"\\uD7FF\\uE000\\ufffd\\u0000\\n\""));
	assert_true(paired("\"\\\\ud800\""));
	assert_true(paired("\"\\\\\\ud83d\\udca1\""));
	assert_false(paired("\"\\ud800\""));
	assert_false(paired("\"\\udfff\""));
	assert_false(paired("\"\\ud83d\\ud83d\\udca1\""));
	assert_false(paired("\"\\ud83d\\\\udca1\""));
	assert_false(paired("\"\\ud83d \\udca1\""));
	assert_false(paired("\"\\udca1\\ud83d\""));
	assert_false(paired("\\ud83d"));
	/* No text that a parser takes, but nothing is read behind it. */
	assert_true(paired("\\"));
	assert_true(paired("\\u"));
	assert_true(paired("\\ud80"));
}

static void
check_put(const char *s, size_t len, const char *want)
{
	char *out = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&out, &n);

	assert_non_null(f);
	eg_jsontext_put(f, s, len);
	assert_int_equal(fclose(f), 0);
	assert_string_equal(out, want);
	free(out);
}

static void
what_is_written_is_utf8(void **state)
{
	(void)state;
	check_put("", 0, "\"\"");
	check_put("a\"\\\n\t\x7f", 6, "\"a\\\"\\\\\\u000a\\u0009\x7f\"");
	check_put("\0a", 2, "\"\\u0000a\"");
	check_put("\xc3\xa4\xe2\x82\xac\xf0\x9f\x92\xa1", 9, "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x92\xa1\"");
	check_put("a\xff" "b", 3, "\"a\xef\xbf\xbd" "b\"");
	check_put("\xe2\x82", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\"");
	check_put("\xc0\xaf", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\"");
	check_put("\xed\xa0\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
	check_put("\xf4\x90\x80\x80", 4, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

static void
the_length_of_a_character_is_that_of_its_code_point(void **state)
{
	static const char four[] = "\xf0\x9f\x92\xa1";
	size_t found = 0;

	(void)state;
	for (unsigned i = 0; i < 0x1000000; i++) {
		char s[4] = { (char)(i >> 16), (char)(i >> 8), (char)i, (char)0x80 };

		found += eg_utf8_len(s, s + 3) == 3;
	}
	/* U+0800 to U+FFFF without the surrogates. */
	assert_int_equal(found, 0x10000 - 0x800 - 0x800);
	assert_int_equal(eg_utf8_len(four, four + 4), 4);
	for (size_t n = 1; n < 4; n++)
		assert_int_equal(eg_utf8_len(four, four + n), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(half_a_surrogate_pair_is_seen),
		cmocka_unit_test(what_is_written_is_utf8),
		cmocka_unit_test(the_length_of_a_character_is_that_of_its_code_point),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
