/* SPDX-License-Identifier: MIT */
/* The fast reader of records: it takes the common form alone, and reads it as the parser does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record/record.h"

#define NS INT64_C(1000000000)
#define T "2026-11-23T14:18:36"
#define T_SECONDS INT64_C(1795443516)

/* Scans a copy that ends where its memory does. Returns the result. */
static size_t
scan(const char *text, size_t len, struct eg_record_day *day, struct eg_record *r)
{
	char *copy = malloc(len);
	size_t n;

	assert_non_null(copy);
	memcpy(copy, text, len);
	n = eg_record_scan(copy, copy + len, day, r);
	free(copy);
	return n;
}

#define AFTER "next:" T ":5\n"

static void
a_scan_reads_the_common_form_alone(void **state)
{
	static const struct {
		const char *text;
		size_t len; /* 0: left to the parser */
		bool json;
	} table[] = {
		{ "s:" T ":55.21\n" AFTER, 28, true }, { "s:" T "Z:-0.5\n" AFTER, 28, true },
		{ "s:" T ":0\n" AFTER, 24, true }, { "s:" T ":05\n" AFTER, 25, false },
		{ "s:" T ":00.5\n" AFTER, 27, false }, { "s:" T ":5.\n" AFTER, 25, false },
		{ "s:" T ":1234567\n" AFTER, 30, true }, { "s:" T ":-1234.67\n", 31, true },
		{ "s:" T ":12345678\n" AFTER, 0, false }, { "s:" T ":.5\n" AFTER, 0, false },
		{ "s:" T ":+5\n" AFTER, 0, false }, { "s:" T ":5e1\n" AFTER, 0, false },
		{ "s:" T ":--5\n" AFTER, 0, false }, { "s:" T ":5.5.5\n" AFTER, 0, false },
		{ "s:" T ":5\r\n" AFTER, 0, false }, { "s:" T ":\n" AFTER, 0, false },
		{ "s:" T ":-\n" AFTER, 0, false }, { "s:" T ":5", 0, false },
		{ "s:" T ":55.21678", 0, false }, { "s:" T ".5:5\n" AFTER, 0, false },
		{ "#:" T ":5\n" AFTER, 0, false }, { ":" T ":5\n" AFTER, 0, false },
		{ "s\xc3\xa4:" T ":5\n" AFTER, 0, false }, { "\n" AFTER, 0, false },
		{ "s:2026-11-23T14:18:60:5\n" AFTER, 0, false },
		{ "s:2026-11-23T24:18:00:5\n" AFTER, 0, false },
		{ "s:2026-11-23T14:60:00:5\n" AFTER, 0, false },
		{ "s:2026-11-23T1a:00:00:5\n" AFTER, 0, false },
		{ "s:2026-11-23T14:18:3a:5\n" AFTER, 0, false },
		{ "s:2026-11-23T14:18:/6:5\n" AFTER, 0, false },
		{ "s:2026-11-23T14:18.36:5\n" AFTER, 0, false },
		{ "s:2026-11-23T14-18:36:5\n" AFTER, 0, false },
		{ "s:2026-02-29T14:18:00:5\n" AFTER, 0, false },
	};
	struct eg_record_day day = { .ns = 0 };
	struct eg_record r;

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const char *text = table[i].text;
		size_t n = scan(text, strlen(text), &day, &r);

		if (n != table[i].len || (n > 0 && r.json != table[i].json))
			fail_msg("'%s': %zu bytes, JSON %d", text, n, r.json);
		if (n > 0)
			assert_int_equal(r.ns, T_SECONDS * NS);
		/* Cut anywhere, it is not whole. */
		for (size_t cut = 1; cut < n; cut++)
			assert_int_equal(scan(text, cut, &day, &r), 0);
	}
}

static void
a_scan_tells_one_time_from_another(void **state)
{
	static const char *const days[] = { "1969-12-31", "1970-01-01", "2026-11-23", "2026-11-22",
		"2026-11-23", "2027-11-23", "2026-12-23", "1700-01-01", "2200-02-28" };
	struct eg_record_day day = { .ns = 0 };
	struct eg_record a, b;
	char line[80];

	(void)state;
	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++)
		for (int n = 0; n < 2 * 2 * 2; n++) {
			int len = snprintf(line, sizeof(line), "s:%sT%02d:%02d:%02d:55.21\n\n\n\n", days[i],
			    n / 4 * 23, n / 2 % 2 * 59, n % 2 * 59);

			assert_int_equal(scan(line, (size_t)len, &day, &a), len - 3);
			assert_int_equal(eg_record_parse(line, (size_t)len - 4, &b), EG_FAULT_NONE);
			assert_int_equal(a.ns, b.ns);
		}
}

/* Nanoseconds of 64 bits begin and end in the midst of a minute. */
static void
a_scan_leaves_the_ends_of_time_to_the_parser(void **state)
{
	static const char *const times[] = { "1677-09-21T00:12:44", "1677-09-21T00:12:43",
		"2262-04-11T23:47:15", "2262-04-11T23:47:16", "2262-04-11T23:47:17" };
	struct eg_record_day day = { .ns = 0 };
	struct eg_record r;
	char line[80];

	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		int len = snprintf(line, sizeof(line), "s:%s:5\n" AFTER, times[i]);

		assert_int_equal(scan(line, (size_t)len, &day, &r), 0);
	}
}

static void
one_line_is_parsed_as_by_the_parser(void **state)
{
	static const char *const lines[] = { "a:" T ":5", "a:" T ".5:-0.25", "a:" T ":1e3",
		"\xc3\xa4:" T ":5", "#a:" T ":5", "a:" T ":x", "a:" T ":5\n", "a:2026-11-24T00:00:00:123456789", "a", "" };
	struct eg_record_day day = { .ns = 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		size_t len = strlen(lines[i]);
		char *line = malloc(len + 1 + EG_RECORD_AHEAD);
		struct eg_record r = { .len = 0 }, want = { .len = 0 };
		enum eg_fault fault;

		assert_non_null(line);
		memcpy(line, lines[i], len);
		fault = eg_record_parse_ahead(line, len, &day, &r);
		assert_int_equal(fault, eg_record_parse(lines[i], len, &want));
		if (fault == EG_FAULT_NONE) {
			assert_int_equal(r.ns, want.ns);
			assert_int_equal(r.len, want.len);
			assert_int_equal(r.value_at, want.value_at);
		}
		free(line);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_scan_reads_the_common_form_alone),
		cmocka_unit_test(a_scan_tells_one_time_from_another),
		cmocka_unit_test(a_scan_leaves_the_ends_of_time_to_the_parser),
		cmocka_unit_test(one_line_is_parsed_as_by_the_parser),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
