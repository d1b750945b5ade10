/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/diag.h"
#include "fetch/url.h"

static bool
is_url(const char *text)
{
	struct eg_error e = { 0 };

	if (eg_fetch_url_check(text, &e) == 0)
		return true;
	assert_int_equal(e.status, EG_USAGE);
	assert_null(strstr(e.text, "secret"));
	return false;
}

static void
addresses(void **state)
{
	static const char *const good[] = { "http://a", "HTTPS://a/", "http://a:1/x?k=v@w:2/",
		"http://[fe80::1]", "http://[::1]:8080/a?b", "http://10.0.0.1?x" };
	static const char *const bad[] = { "", "a", "ftp://a", "http://", "http:///x", "http://:1",
		"http://a:", "http://a:0", "http://a:65536", "http://a:1x", "http://u:secret@a",
		"http://[::1", "http://[]", "http://[::1]x", "http://a/ b", "http://a/#secret",
		"http://a/\x7f", "http://a/\n", "http://secret@", "http://a:+1" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!is_url(good[i]))
			fail_msg("'%s' is refused", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (is_url(bad[i]))
			fail_msg("'%s' is taken", bad[i]);
}

static void
too_long(void **state)
{
	char text[EG_FETCH_URL_MAX + 2];

	(void)state;
	memset(text, 'a', sizeof(text));
	memcpy(text, "http://", 7);
	text[EG_FETCH_URL_MAX + 1] = '\0';
	assert_false(is_url(text));
	text[EG_FETCH_URL_MAX] = '\0';
	assert_true(is_url(text));
}

static void
assert_host(const char *url, const char *host)
{
	size_t len;
	const char *at = eg_fetch_url_host(url, &len);

	assert_int_equal(len, strlen(host));
	assert_memory_equal(at, host, len);
}

static void
hosts(void **state)
{
	(void)state;
	assert_host("http://meter.lan:80/a?b", "meter.lan");
	assert_host("https://meter?b", "meter");
	assert_host("http://[fe80::1]:8/", "fe80::1");
	assert_int_equal(eg_fetch_url_shown("http://a/b?key=secret"), 10);
}

static void
redirects(void **state)
{
	static const char from[] = "http://a/x";

	(void)state;
	assert_true(eg_fetch_url_same(from, "http://a/y?z"));
	assert_true(eg_fetch_url_same(from, "http://A:80/"));
	assert_true(eg_fetch_url_same(from, "https://a/"));
	assert_true(eg_fetch_url_same("https://a", "https://a:443"));
	assert_false(eg_fetch_url_same("https://a", "http://a"));
	assert_false(eg_fetch_url_same(from, "http://a:81/"));
	assert_false(eg_fetch_url_same(from, "http://ab/"));
	assert_false(eg_fetch_url_same(from, "http://b@a/"));
	assert_false(eg_fetch_url_same(from, "http://a@b/"));
	assert_false(eg_fetch_url_same(from, "file:///etc/passwd"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses), cmocka_unit_test(too_long), cmocka_unit_test(hosts),
		cmocka_unit_test(redirects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
