/* SPDX-License-Identifier: MIT */
/* Tests of lib/influx/write_reply and lib/influx/endpoint: what an InfluxDB's answers mean,
 * where it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/diag.h"
#include "influx/endpoint.h"
#include "influx/refused_lines.h"
#include "influx/write_reply.h"

static char reason[EG_WRITE_REPLY_REASON];

static enum eg_verdict
judge(long status, const char *type, const char *body)
{
	struct eg_write_reply a = { .status = status, .body = body, .len = strlen(body) };

	memcpy(a.type, type, strlen(type));
	return eg_write_reply_judge(&a, EG_API_V2, reason);
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
	assert_int_equal(judge(400, "", "x"), EG_VERDICT_REFUSED);
	assert_int_equal(judge(422, "", "x"), EG_VERDICT_REFUSED);
	assert_int_equal(judge(413, "", "x"), EG_VERDICT_SMALLER);
}

static void
the_reason_is_the_servers_without_the_line(void **state)
{
	(void)state;
	judge(400, "",
	    "{\"code\":\"invalid\",\"message\":\"unable to parse 'a o'b 1': bad \\\"x\\\"\"}");
	assert_string_equal(reason, "answers 400: unable to parse: bad \"x\"");
	judge(400, "", "{\"error\":\"partial write: points beyond retention policy dropped=1\"}");
	assert_string_equal(reason,
	    "answers 400: partial write: points beyond retention policy dropped=1");
	judge(503, "text/plain", "request throttled\nmore");
	assert_string_equal(reason, "answers 503: request throttled");
	judge(502, "text/html", "<h1>Bad gateway</h1>");
	assert_string_equal(reason, "answers 502");
	judge(400, "", "{\"message\":\"cut off");
	assert_string_equal(reason, "answers 400: {\"message\":\"cut off");
	judge(400, "", "{\"code\":\"a \\\"message\\\": \\\"no\\\"\",\"message\":\"yes\"}");
	assert_string_equal(reason, "answers 400: yes");
	judge(400, "", "{\"a\":{\"message\":\"inner\"},\"error\":\"outer\"}");
	assert_string_equal(reason, "answers 400: outer");
	judge(422, "", "{\"message\":\"failure writing points to database: partial write: field type "
	    "conflict: input field \\\"value\\\" on measurement \\\"energy\\\" is type float, already "
	    "exists as type integer dropped=1\"}");
	assert_non_null(strstr(reason, "already exists as type integer dropped=1"));
	judge(400, "", "{\"error\":\"partial write of line protocol occurred\",\"data\":[{"
	    "\"error_message\":\"invalid column type for column 'value', expected a, got b\"}]}");
	assert_string_equal(reason, "answers 400: partial write of line protocol occurred: "
	    "invalid column type for column 'value', expected a, got b");
}

static void
a_500_can_be_about_records_and_a_422_about_settings(void **state)
{
	(void)state;
	assert_int_equal(judge(500, "", "{\"message\":\"unexpected error writing points to database: "
	    "partial write: points beyond retention policy dropped=1\"}"), EG_VERDICT_REFUSED);
	assert_int_equal(judge(500, "", "{\"error\":\"partial write\"}"), EG_VERDICT_AGAIN);
	assert_int_equal(judge(422, "", "{\"error\":\"partial write of line protocol occurred\","
	    "\"data\":[{\"error_message\":\"bad\"},{\"error_message\":\"Update to schema would exceed "
	    "number of tables per database limit of 2000 tables\"}]}"), EG_VERDICT_STOP);
	assert_non_null(strstr(reason, "limit of 2000 tables"));
}

static void
an_empty_request_shows_the_settings(void **state)
{
	struct eg_write_reply a = { .status = 400, .body = "incoming write was empty", .len = 24 };

	(void)state;
	assert_int_equal(eg_write_reply_judge_empty(&a, EG_API_V3, reason), EG_VERDICT_WRITTEN);
	assert_string_equal(reason, "");
	assert_int_equal(eg_write_reply_judge(&a, EG_API_V3, reason), EG_VERDICT_REFUSED);
	a.len = 14;
	assert_int_equal(eg_write_reply_judge_empty(&a, EG_API_V3, reason), EG_VERDICT_STOP);
	a.status = 413;
	assert_int_equal(eg_write_reply_judge_empty(&a, EG_API_V3, reason), EG_VERDICT_AGAIN);
	a.status = 204;
	assert_int_equal(eg_write_reply_judge_empty(&a, EG_API_V3, reason), EG_VERDICT_WRITTEN);
}

static void
a_204_that_came_too_early_is_no_success(void **state)
{
	struct eg_write_reply a = { .status = 204, .unsent = 1 };

	(void)state;
	assert_int_equal(eg_write_reply_judge(&a, EG_API_V2, reason), EG_VERDICT_AGAIN);
	assert_non_null(strstr(reason, "before it has the request"));
}

/* The lines that an answer names, as `NUMBER reason;`. */
static char named[512];

static void
note(void *ctx, size_t line, const char *why)
{
	size_t at = strlen(named);

	(void)ctx;
	snprintf(named + at, sizeof(named) - at, "%zu %s;", line, why);
}

static const char *
names(const char *body)
{
	static const char lines[] = "e,sensor=a value=1 1\ne,sensor=b value=1 1\n"
				    "e,sensor=b value=1 12\ne,sensor=o'c value=2 1\n";
	struct eg_write_reply a = { .status = 400, .body = body, .len = strlen(body) };

	named[0] = '\0';
	eg_refused_lines_named(&a, lines, sizeof(lines) - 1, 4, note, NULL);
	return named;
}

static void
refused_lines_are_named_by_number_or_by_text(void **state)
{
	(void)state;
	assert_string_equal(names("{\"error\":\"x\",\"data\":[{\"error_message\":\"bad\","
	    "\"line_number\":2,\"original_line\":\"e,\"},{\"line_number\":4}]}"),
	    "1 bad;3 no reason is given;");
	assert_string_equal(names("{\"error\":\"x\",\"data\":{\"error_message\":\"bad\","
	    "\"line_number\":1}}"), "0 bad;");
	assert_string_equal(names("{\"data\":[{\"line_number\":0},{\"line_number\":5},"
	    "{\"line_number\":-1},{\"line_number\":\"1\"},{},1,null,[]]}"), "");
	assert_string_equal(names("{\"message\":\"unable to parse 'e,sensor=b value=1 12': x\\n"
	    "unable to parse 'e,sensor=o'c value=2 1': y\"}"),
	    "2 unable to parse: x;3 unable to parse: y;");
	assert_string_equal(names("{\"error\":\"partial write: unable to parse "
	    "'e,sensor=a value=1 1': x dropped=0\"}"), "0 unable to parse: x dropped=0;");
	assert_string_equal(names("unable to parse 'e,sensor=z value=1 1': x"), "");
	assert_string_equal(names("unable to parse 'e,sensor=a value=1 1"), "");
	assert_string_equal(names("{\"message\":\"no line is named\"}"), "");
}

static size_t
dropped(const char *message, bool *oldest)
{
	struct eg_write_reply a = { .status = 422, .body = message, .len = strlen(message) };

	return eg_refused_lines_dropped(&a, 10, oldest);
}

static void
a_count_of_dropped_points_is_believed_where_it_is_exact(void **state)
{
	bool oldest;

	(void)state;
	assert_int_equal(dropped("partial write: points beyond retention policy dropped=3", &oldest),
	    3);
	assert_true(oldest);
	assert_int_equal(dropped("partial write: dropped 2 points outside retention policy of duration "
	    "720h0m0s - oldest point e,sensor=a\\ dropped=9 at 1 dropped because dropped=2 for "
	    "database: 0123", &oldest), 2);
	assert_true(oldest);
	assert_int_equal(dropped("partial write: dropped 2 points outside retention policy of duration "
	    "1h and 3 points outside write window dropped=5", &oldest), 0);
	assert_int_equal(dropped("partial write: field type conflict dropped=3", &oldest), 0);
	assert_int_equal(dropped("partial write: field type conflict dropped=10", &oldest), 10);
	assert_int_equal(dropped("field type conflict dropped=10", &oldest), 0);
	assert_int_equal(dropped("partial write: dropped=99999999999999999999", &oldest), 10);
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
	struct eg_endpoint v2 = { .url = "http://h:1/base//", .api = EG_API_V2, .org = "my org",
	    .bucket = "a&b=ü" };
	struct eg_endpoint v1 = { .url = "http://h", .api = EG_API_V1, .db = "d", .org = "o" };

	(void)state;
	assert_string_equal(url(&v2, false),
	    "http://h:1/base/api/v2/write?org=my%20org&bucket=a%26b%3D%C3%BC&precision=s");
	assert_string_equal(url(&v1, true), "http://h/write?db=d&precision=ns");
	v1.api = EG_API_V3;
	assert_string_equal(url(&v1, false), "http://h/api/v3/write_lp?db=d&precision=second"
	    "&no_sync=false&accept_partial=true");
	v1.api = EG_API_V1;
	v1.rp = "week";
	assert_string_equal(url(&v1, false), "http://h/write?db=d&rp=week&precision=s");
}

static void
an_address_must_be_one_and_hold_no_password(void **state)
{
	static const char *const bad[] = { "", "localhost:8086", "ftp://h", "http://", "http://:80",
		"http://h?x", "http://h/#x", "http://h y", "http://h\n", "http://u:secret@h",
		"u:secret@h", "http://u:sec/ret@h", "http://u:sec?ret@h",
		"http://h/?u=me&p=secret", "h?p=secret", "http://h/#secret" };
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
		cmocka_unit_test(a_500_can_be_about_records_and_a_422_about_settings),
		cmocka_unit_test(an_empty_request_shows_the_settings),
		cmocka_unit_test(a_204_that_came_too_early_is_no_success),
		cmocka_unit_test(refused_lines_are_named_by_number_or_by_text),
		cmocka_unit_test(a_count_of_dropped_points_is_believed_where_it_is_exact),
		cmocka_unit_test(a_1x_server_is_recognised_by_its_404),
		cmocka_unit_test(names_are_escaped_in_the_address),
		cmocka_unit_test(an_address_must_be_one_and_hold_no_password),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
