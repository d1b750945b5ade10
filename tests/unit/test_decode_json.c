/* SPDX-License-Identifier: MIT */
/* Any JSON by paths, and what every decoder of JSON has to withstand. */
#include "decode_run.h"

static void
paths_find_sensor_time_and_values(void **state)
{
	const struct eg_decode_config c = { .format = "json", .sensor_path = ".dev.\"the id\"",
		.time_path = ".t[0]", .time_unit = "ms", .prefix = "x/",
		.value = { "w=.m[-1].w", ".[\"a=.b\"]", "e=.m[0].w" }, .values = 3 };
	struct eg_decode *d = open_config(&c);

	(void)state;
	gives(d, "", "{\"dev\":{\"the id\":\"a\"},\"t\":[1700000000123],\"a=.b\":4,"
	    "\"m\":[{\"w\":1.0},{\"w\":\" 2.50 \"}]}",
	    "x/a/w:2023-11-14T22:13:20.123:2.50\nx/a:2023-11-14T22:13:20.123:4\n"
	    "x/a/e:2023-11-14T22:13:20.123:1.0\n");
	gives(d, "", "[{\"dev\":{\"the id\":7},\"t\":[\"2023-11-14 22:13:20\"],\"m\":[{\"w\":1}]},"
	    "{\"dev\":{\"the id\":8},\"t\":[\"1700000000123\"],\"a=.b\":5}]",
	    "x/7/w:2023-11-14T22:13:20:1\nx/7/e:2023-11-14T22:13:20:1\n"
	    "x/8:2023-11-14T22:13:20.123:5\n");
	refuses(d, "", "{\"dev\":{\"the id\":\"a\\ud83d\"},\"t\":[1],\"a=.b\":4}", "half a surrogate pair");
	refuses(d, "", "{\"t\":[1],\"a=.b\":4}", "nothing at --sensor-path");
	refuses(d, "", "{\"dev\":{\"the id\":1.5},\"t\":[1],\"a=.b\":4}", "neither text nor a whole");
	refuses(d, "", "{\"dev\":{\"the id\":1},\"t\":[1]}", "nothing at any --value");
	refuses(d, "", "{\"dev\":{\"the id\":1},\"a=.b\":4}", "has no time");
	/* 2^64 more than a time in milliseconds. */
	refuses(d, "", "{\"dev\":{\"the id\":1},\"t\":[\"18446745773709551739\"],\"a=.b\":4}",
	    "out of range");
	refuses(d, "", "{\"dev\":{\"the id\":1},\"t\":[{}],\"a=.b\":4}", "'time' is not a number");
	eg_decode_free(d);
}

static void
options_that_make_no_sense_are_refused(void **state)
{
	static const struct {
		struct eg_decode_config config;
		enum eg_status status;
		const char *text;
	} cases[] = {
		{ { .format = "xml" }, EG_USAGE, "unknown format 'xml'" },
		{ { .format = "json" }, EG_USAGE, "needs --value" },
		{ { .format = "json", .value = { ".a" }, .values = 1 }, EG_USAGE, "needs --time-path" },
		{ { .format = "json", .value = { "a" }, .values = 1, .now = true, .sensor = "s" },
		    EG_USAGE, "not a path" },
		{ { .format = "json", .value = { ".a", ".b" }, .values = 2, .now = true, .sensor = "s" },
		    EG_USAGE, "two need different names" },
		{ { .format = "json", .value = { "a/b=.a" }, .values = 1, .now = true, .sensor = "s" },
		    EG_USAGE, "not a name" },
		{ { .format = "json", .value = { "a\xff=.a" }, .values = 1, .now = true, .sensor = "s" },
		    EG_USAGE, "'a?': not a name" },
		{ { .format = "json", .value = { "a\nb=.a" }, .values = 1, .now = true, .sensor = "s" },
		    EG_USAGE, "'a?b': not a name" },
		{ { .format = "json", .value = { ".a" }, .values = 1, .now = true }, EG_USAGE,
		    "needs --sensor, --sensor-path or a topic" },
		{ { .format = "tasmota", .sensor = "s" }, EG_USAGE, "--tz is needed" },
		{ { .format = "tasmota", .sensor = "s", .zone = "Europe/Atlantis" }, EG_CONFIG,
		    "no such time zone: 'Europe/Atlantis'" },
		{ { .format = "senml", .zone = "../etc/passwd" }, EG_CONFIG, "no such time zone" },
		{ { .format = "senml", .zone = "" }, EG_CONFIG, "no such time zone" },
		{ { .format = "zigbee2mqtt" }, EG_USAGE, "needs --sensor or a topic" },
		{ { .format = "senml", .value = { ".a" }, .values = 1 }, EG_USAGE, "for json alone" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct eg_error e = { 0 };

		assert_null(eg_decode_new(&cases[i].config, false, &e));
		assert_int_equal(e.status, cases[i].status);
		assert_non_null(strstr(e.text, cases[i].text));
	}
}

static void
what_is_not_a_path_is_refused(void **state)
{
	static const char *const bad[] = { "", "a", "..", ".a.", ".a..b", ".[", ".[0", ".[x]", ".\"a",
		".[\"a]", ".a b", ".a[1]]", ".a[-]x", ".a|.b", "x=.a[", ".\"a\\" };
	static const char *const good[] = { ".", ".a", ".[0]", ".a[0][1].b", ".\"a\\\"b\"", ".a_1",
		".[\"x\"][\"y\"]", ".caff\xc3\xa8" };
	struct eg_decode_config c = { .format = "json", .now = true, .sensor = "s", .values = 1 };
	struct eg_error e;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		e = (struct eg_error){ 0 };
		c.value[0] = bad[i];
		if (eg_decode_new(&c, false, &e) != NULL)
			fail_msg("taken: %s", bad[i]);
		assert_int_equal(e.status, EG_USAGE);
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		c.value[0] = good[i];
		eg_decode_free(open_config(&c));
	}
}

static void
numbers_keep_their_text_or_are_refused(void **state)
{
	static const char *const kept[] = { "0", "1.50", "-0.0", "1e5", "1E-05", "18446744073709551614",
		"-9223372036854775807", "123456789.123456789123456789" };
	static const char *const refused[] = { "1e400", "123456789012345678901234567890",
		"-123456789012345678901234567890", "NaN", "-Infinity", "true", "{}", "[]", "\"x\"",
		"\"0x10\"", "\"1,5\"", "\"\\u0000\"" };
	const struct eg_decode_config c = { .format = "json", .sensor = "s", .now = true,
		.value = { ".v" }, .values = 1 };
	struct eg_decode *d = open_config(&c);
	char body[128], lines[128];

	(void)state;
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		snprintf(body, sizeof(body), "{\"v\":%s}", kept[i]);
		snprintf(lines, sizeof(lines), "s:" AT_ARRIVAL ":%s\n", kept[i]);
		gives(d, "", body, lines);
	}
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		snprintf(body, sizeof(body), "{\"v\":%s}", refused[i]);
		refuses(d, "", body, "");
	}
	gives(d, "", "{\"v\":1,\"v\":2}", "s:" AT_ARRIVAL ":2\n");
	eg_decode_free(d);
}

static void
broken_json_is_refused_with_its_reason(void **state)
{
	const struct eg_decode_config c = { .format = "json", .sensor = "s", .now = true,
		.value = { ".v" }, .values = 1 };
	struct eg_decode *d = open_config(&c);
	char deep[200];

	(void)state;
	refuses(d, "", "{\"v\":1", "cut short");
	refuses(d, "", "{\"v\":1}{", "not JSON");
	refuses(d, "", "{\"v\":01}", "not JSON");
	refuses(d, "", "", "cut short");
	refuses(d, "", "null", "null");
	refuses(d, "", "12.5", "nothing at any --value");
	refuses(d, "", "Online", "not JSON");
	refuses(d, "", "{\"v\":1,\"\xff\":2}", "not JSON");
	refuses_bytes(d, "", "{\"v\":1\0}", 8, "NUL byte");
	refuses_bytes(d, "", "{\"v\":1}\0", 8, "NUL byte");
	memset(deep, '[', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = '\0';
	refuses(d, "", deep, "nested too deeply");
	gives(d, "", "\t{ \"v\" : 1 }\r\n", "s:" AT_ARRIVAL ":1\n");
	eg_decode_free(d);
}

static void
a_document_of_a_megabyte_is_taken(void **state)
{
	const struct eg_decode_config c = { .format = "json", .sensor = "s", .now = true,
		.value = { ".[-1]" }, .values = 1 };
	const struct eg_decode_config each = { .format = "json", .sensor = "s", .now = true,
		.value = { "." }, .values = 1 };
	size_t len = (1 << 20) - 1;
	char *body = malloc(len + 1);
	struct eg_decode *d;
	struct eg_decoded out;

	(void)state;
	assert_non_null(body);
	memset(body, '1', len);
	body[0] = '[';
	for (size_t i = 3; i < len; i += 3)
		body[i] = ',';
	memcpy(body + len - 3, ",7]", 4);
	d = open_config(&each);
	out = decode_at(d, ARRIVAL, "", body, len);
	assert_null(out.reason);
	assert_true(out.records > 300000);
	eg_decode_free(d);
	d = open_config(&c);
	out = decode_at(d, ARRIVAL, "", body, len);
	assert_string_equal(out.reason, "there is nothing at any --value");
	body = realloc(body, len + 2);
	assert_non_null(body);
	memcpy(body + len, "  ", 2);
	out = decode_at(d, ARRIVAL, "", body, len + 2);
	assert_string_equal(out.reason, "the message is longer than 1 MiB");
	eg_decode_free(d);
	free(body);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_find_sensor_time_and_values),
		cmocka_unit_test(options_that_make_no_sense_are_refused),
		cmocka_unit_test(what_is_not_a_path_is_refused),
		cmocka_unit_test(numbers_keep_their_text_or_are_refused),
		cmocka_unit_test(broken_json_is_refused_with_its_reason),
		cmocka_unit_test(a_document_of_a_megabyte_is_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
