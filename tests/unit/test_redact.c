/* SPDX-License-Identifier: MIT */
/* Tests of lib/base/redact: secrets do not pass in texts of a peer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/redact.h"

static char text[256];

static const char *
redacted(const char *s)
{
	snprintf(text, sizeof(text), "%s", s);
	eg_redact_text(text);
	return text;
}

static void
each_place_of_a_secret_is_replaced(void **state)
{
	(void)state;
	eg_redact_add("s3cret/Token==");
	eg_redact_add("s3cret/Token==");
	eg_redact_add(NULL);
	assert_string_equal(redacted("Token s3cret/Token==: no, s3cret/Token==s3cret/Token=="),
	    "Token ***: no, ******");
	assert_string_equal(redacted("s3cret/Token="), "s3cret/Token=");
	assert_string_equal(redacted(""), "");
}

static void
a_secret_in_a_url_is_replaced(void **state)
{
	(void)state;
	eg_redact_add("tok/en+x=");
	assert_string_equal(redacted("?t=tok%2Fen%2Bx%3D&u=tok%2fen%2bx%3d;tok/en+x="), "?t=***&u=***;***");
}

static void
what_is_too_short_to_be_found_is_left(void **state)
{
	(void)state;
	eg_redact_add("a");
	eg_redact_add("");
	eg_redact_add("abc");
	assert_string_equal(redacted("abc a"), "abc a");
	eg_redact_add("abcd");
	assert_string_equal(redacted("xabcdx"), "x***x");
}

static void
basic_authentication_is_replaced_as_it_is_sent(void **state)
{
	(void)state;
	eg_redact_add_basic("me", "pass");
	eg_redact_add_basic("you", "word");
	eg_redact_add_basic("him", "w\xc3\xb6rd1");
	assert_string_equal(redacted("Basic bWU6cGFzcw== eW91OndvcmQ= aGltOnfDtnJkMQ== bWU6"),
	    "Basic *** *** *** bWU6");
}

static void
the_last_ones_are_remembered(void **state)
{
	char name[24];

	(void)state;
	for (int i = 0; i < 2 * EG_REDACT_MAX; i++) {
		snprintf(name, sizeof(name), "secret-%02d", i);
		eg_redact_add(name);
	}
	/* 96 of them, of which the last 48. */
	assert_string_equal(redacted("secret-00 secret-47 secret-95 secret-48"), "secret-00 secret-47 *** ***");
}

static void
a_text_without_a_nul_is_not_left(void **state)
{
	char bytes[9] = "xsecret-3";

	(void)state;
	eg_redact_add("secret-31");
	assert_int_equal(eg_redact(bytes, sizeof(bytes)), sizeof(bytes));
	eg_redact_add("secret-3");
	assert_int_equal(eg_redact(bytes, sizeof(bytes)), 4);
	assert_memory_equal(bytes, "x***", 4);
}

static void
assert_shown(const char *url, const char *shown)
{
	char out[40];

	eg_redact_url(url, out, sizeof(out));
	assert_string_equal(out, shown);
}

static void
a_url_of_a_peer_shows_no_password_and_no_key(void **state)
{
	(void)state;
	eg_redact_add("token-of-ours");
	assert_shown("http://a/b", "http://a/b");
	assert_shown("/b?key=4711", "/b");
	assert_shown("", "");
	assert_shown("http://user:word@a:80/b?c@d#e", "http://***@a:80/b");
	assert_shown("http://user@a", "http://***@a");
	assert_shown("http://u:12@34/56@a/b", "http://***@a/b");
	assert_shown("//user:word@a", "//***@a");
	assert_shown("user:word@a", "***@a");
	assert_shown("http://a/token-of-ours/b", "http://a/***/b");
	/* What is cut off must not hide that it was a password. */
	assert_shown("http://user:a-password-longer-than-the-room-for-it@a", "http://***@a");
	assert_shown("http://a/0123456789012345678901234567890123456789",
	    "http://a/012345678901234567890123456789");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_place_of_a_secret_is_replaced),
		cmocka_unit_test(a_secret_in_a_url_is_replaced),
		cmocka_unit_test(what_is_too_short_to_be_found_is_left),
		cmocka_unit_test(basic_authentication_is_replaced_as_it_is_sent),
		cmocka_unit_test(the_last_ones_are_remembered),
		cmocka_unit_test(a_text_without_a_nul_is_not_left),
		cmocka_unit_test(a_url_of_a_peer_shows_no_password_and_no_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
