/* SPDX-License-Identifier: MIT */
/* Tests of lib/influx/write_reply and lib/influx/endpoint: what an InfluxDB's answers mean, where it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/diag.h"
#include "influx/endpoint.h"
#include "influx/write_reply.h"

static char reason[EG_WRITE_REPLY_REASON];

static enum eg_verdict
judge(long status, const char *type, const char *body)
{
	struct eg_write_reply a = { .status = status, .len = strlen(body) };

	memcpy(a.body, body, a.len);
	memcpy(a.type, type, strlen(type));
	return eg_write_reply_judge(&a, false, reason);
}

static void
only_204_is_success(void **state)
{
	(void)state;
	assert_int_equal(judge(204, "", ""), EG_VERDICT_WRITTEN);
	assert_int_equal(judge(200, "text/html", "<html>"), EG_VERDICT_STOP);
	assert_non_null(strstr(reason, "web page"));
	assert_int_equal(judge(200, "", ""), EG_VERDICT_STOP);
	assert_int_equal(judge(201, "", ""), EG_VERDICT_STOP);
	assert_int_equal(judge(302, "", ""), EG_VERDICT_STOP);
}

static void
statuses_are_data_settings_or_passing(void **state)
{
	static const long again[] = { 408, 425, 429, 499, 500, 502, 503, 504, 507, 520, 599 };
	static const long wrong[] = { 401, 402, 403, 404, 405, 407, 409, 411, 415, 431, 501, 505 };

	(void)state;
	for (size_t i = 0; i < sizeof(again) / sizeof(again[0]); i++)
		assert_int_equal(judge(again[i], "", "x"), EG_VERDICT_AGAIN);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(judge(wrong[i], "", "x"), EG_VERDICT_STOP);
	assert_int_equal(judge(400, "", "x"), EG_VERDICT_SPLIT);
	assert_int_equal(judge(422, "", "x"), EG_VERDICT_SPLIT);
	assert_int_equal(judge(413, "", "x"), EG_VERDICT_SMALLER);
}

static void
the_reason_is_the_servers_without_the_line(void **state)
{
	(void)state;
	judge(400, "", "{\"code\":\"invalid\",\"message\":\"unable to parse 'a o'b 1': bad \\\"x\\\"\"}");
	assert_string_equal(reason, "answers 400: unable to parse: bad \"x\"");
	judge(400, "", "{\"error\":\"partial write: points beyond retention policy dropped=1\"}");
	assert_string_equal(reason, "answers 400: partial write: points beyond retention policy dropped=1");
	judge(503, "text/plain", "request throttled\nmore");
	assert_string_equal(reason, "answers 503: request throttled");
	judge(502, "text/html", "<h1>Bad gateway</h1>");
	assert_string_equal(reason, "answers 502");
	judge(400, "", "{\"message\":\"cut off");
	assert_string_equal(reason, "answers 400: cut off");
	judge(400, "", "{\"message\":");
	judge(400, "", "{\"message\":\"\\");
	judge(400, "", "{\"message\":\"\\u12");
}

static void
a_1x_server_is_recognised_by_its_404(void **state)
{
	(void)state;
	assert_int_equal(judge(404, "text/plain", "404 page not found\n"), EG_VERDICT_STOP);
	assert_non_null(strstr(reason, "--api v1"));
	judge(404, "", "{\"code\":\"not found\",\"message\":\"bucket \\\"x\\\" not found\"}");
	assert_string_equal(reason, "answers 404: bucket \"x\" not found");
}

static const char *
url(const struct eg_endpoint *p, bool ns)
{
	static char text[512];
	char *made = eg_endpoint_url(p, ns);

	assert_non_null(made);
	assert_true(strlen(made) < sizeof(text));
	memcpy(text, made, strlen(made) + 1);
	free(made);
	return text;
}

static void
names_are_escaped_in_the_address(void **state)
{
	struct eg_endpoint v2 = { .url = "http://h:1/base//", .org = "my org", .bucket = "a&b=ü" };
	struct eg_endpoint v1 = { .url = "http://h", .v1 = true, .db = "d", .org = "o" };

	(void)state;
	assert_string_equal(url(&v2, false),
	    "http://h:1/base/api/v2/write?org=my%20org&bucket=a%26b%3D%C3%BC&precision=s");
	assert_string_equal(url(&v1, true), "http://h/write?db=d&precision=ns");
	v1.rp = "week";
	assert_string_equal(url(&v1, false), "http://h/write?db=d&rp=week&precision=s");
}

static void
an_address_must_be_one_and_hold_no_password(void **state)
{
	static const char *const bad[] = { "", "localhost:8086", "ftp://h", "http://", "http://:80",
		"http://h?x", "http://h/#x", "http://h y", "http://h\n", "http://u:secret@h",
		"u:secret@h", "http://u:sec/ret@h", "http://u:sec?ret@h" };
	struct eg_error e = { 0 };

	(void)state;
	assert_int_equal(eg_endpoint_check("http://h:8086/base", &e), 0);
	assert_int_equal(eg_endpoint_check("HTTPS://[::1]:8086", &e), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		e.status = EG_OK;
		assert_int_equal(eg_endpoint_check(bad[i], &e), -1);
		assert_int_equal(e.status, EG_USAGE);
		assert_null(strstr(e.text, "sec"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_204_is_success),
		cmocka_unit_test(statuses_are_data_settings_or_passing),
		cmocka_unit_test(the_reason_is_the_servers_without_the_line),
		cmocka_unit_test(a_1x_server_is_recognised_by_its_404),
		cmocka_unit_test(names_are_escaped_in_the_address),
		cmocka_unit_test(an_address_must_be_one_and_hold_no_password),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
