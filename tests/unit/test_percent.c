/* SPDX-License-Identifier: MIT */
/* Tests of lib/base/percent: what is encoded comes out, and nothing else changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/percent.h"

static char text[64];

static const char *
decoded(const char *s)
{
	snprintf(text, sizeof(text), "%s", s);
	return eg_percent_decode(text) ? text : "refused";
}

static const char *
decoded_high(const char *s)
{
	snprintf(text, sizeof(text), "%s", s);
	eg_percent_decode_high(text);
	return text;
}

static void
each_encoded_byte_is_decoded_once(void **state)
{
	(void)state;
	assert_string_equal(decoded(""), "");
	assert_string_equal(decoded("plain"), "plain");
	assert_string_equal(decoded("a%2Fb%2fc%252F"), "a/b/c%2F");
	assert_string_equal(decoded("%C3%a8%ff"), "\xc3\xa8\xff");
}

static void
what_encodes_no_byte_of_a_text_is_refused(void **state)
{
	static const char *const wrong[] = { "%", "a%2", "%2", "%g0", "%0g", "%00", "a%00b", "% 1",
		"%+1", "%%41" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_string_equal(decoded(wrong[i]), "refused");
}

static void
bytes_that_are_not_ascii_are_decoded_alone(void **state)
{
	(void)state;
	assert_string_equal(decoded_high(""), "");
	assert_string_equal(decoded_high("m%C3%A8%2F%ff%7f%00%"), "m\xc3\xa8%2F\xff%7f%00%");
	assert_string_equal(decoded_high("%25C3%c"), "%25C3%c");
	assert_string_equal(decoded_high("%%80"), "%\x80");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_encoded_byte_is_decoded_once),
		cmocka_unit_test(what_encodes_no_byte_of_a_text_is_refused),
		cmocka_unit_test(bytes_that_are_not_ascii_are_decoded_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
