/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "serve/ingest.h"
#include "decode/lineprotocol_read.h"

#define NOW INT64_C(1795443516000000000) /* 2026-11-23T14:18:36Z */

static struct eg_ingest in;
static size_t unparsed;

/* Reads body, and returns the records as text. */
static const char *
read_as(const char *body, const char *tag, int64_t unit, bool skip_text)
{
	struct eg_lineprotocol_reader p = { tag, unit, skip_text };
	static char text[4096];

	eg_ingest_free(&in);
	/* With this body_len, lines are written where they stay. */
	in = (struct eg_ingest){ .limit = 1 << 20, .body_len = 8192, .now_ns = NOW };
	unparsed = 0;
	eg_ingest_points(&in, &p, body, strlen(body), &unparsed);
	memcpy(text, in.text != NULL ? in.text : "", in.chunk.len);
	text[in.chunk.len] = '\0';
	return text;
}

static const char *
points(const char *body)
{
	return read_as(body, "sensor", 1, false);
}

static void
the_sensor_is_the_tag_the_series_or_with_the_field(void **state)
{
	(void)state;
	assert_string_equal(points("energy,sensor=a value=1.50 1700000000000000000\n"),
	    "a:2023-11-14T22:13:20:1.50\n");
	assert_string_equal(points("energy,house=b,sensor=a power=1,value=2 1700000000000000000"),
	    "a/power:2023-11-14T22:13:20:1\na:2023-11-14T22:13:20:2\n");
	assert_string_equal(points("power,room=k value=1 1700000000000000000"),
	    "power,room=k:2023-11-14T22:13:20:1\n");
	assert_string_equal(points("power value=1 1700000000000000000"),
	    "power:2023-11-14T22:13:20:1\n");
	assert_string_equal(read_as("m,entity_id=x value=1 1700000000", "entity_id", 1000000000, 0),
	    "x:2023-11-14T22:13:20:1\n");
	assert_int_equal(in.refused, 0);
}

static void
times_are_exact_to_the_digit(void **state)
{
	(void)state;
	assert_string_equal(points("e,sensor=a value=1 1700000000123456789"),
	    "a:2023-11-14T22:13:20.123456789:1\n");
	assert_string_equal(read_as("e,sensor=a value=1 1700000000123456", "sensor", 1000, false),
	    "a:2023-11-14T22:13:20.123456:1\n");
	assert_string_equal(read_as("e,sensor=a value=1 1700000000123", "sensor", 1000000, false),
	    "a:2023-11-14T22:13:20.123:1\n");
	assert_string_equal(read_as("e,sensor=a value=1 -1", "sensor", 1000000000, false),
	    "a:1969-12-31T23:59:59:1\n");
	assert_string_equal(points("e,sensor=a value=1"), "a:2026-11-23T14:18:36:1\n");
}

static void
the_unit_of_a_time_is_told_by_its_size_when_asked(void **state)
{
	static const char want[] = "a:2023-11-14T22:13:20:1\n";

	(void)state;
	assert_string_equal(read_as("e,sensor=a value=1 1700000000", "sensor", 0, false), want);
	assert_string_equal(read_as("e,sensor=a value=1 1700000000000", "sensor", 0, false), want);
	assert_string_equal(read_as("e,sensor=a value=1 1700000000000000", "sensor", 0, false), want);
	assert_string_equal(read_as("e,sensor=a value=1 1700000000000000000", "sensor", 0, false),
	    want);
}

static void
a_time_beyond_64_bits_is_refused(void **state)
{
	(void)state;
	assert_string_equal(read_as("e,sensor=a value=1 9223372036854775807", "sensor", 1000, false),
	    "");
	assert_int_equal(in.refused, 1);
	assert_int_equal(unparsed, 0);
	points("e,sensor=a value=1 92233720368547758079");
	assert_int_equal(in.refused, 1);
	/* Wrapped, it would be the one whole number that has no positive. */
	points("e,sensor=a value=1 9223372036854775808");
	assert_int_equal(in.refused, 1);
}

static void
numbers_keep_their_text_and_lose_their_suffix(void **state)
{
	(void)state;
	assert_string_equal(points("e,sensor=a value=-12i,x=7u,y=1.50e3,z=+.5 0"),
	    "a:1970-01-01T00:00:00:-12\na/x:1970-01-01T00:00:00:7\n"
	    "a/y:1970-01-01T00:00:00:1.50e3\na/z:1970-01-01T00:00:00:+.5\n");
	assert_int_equal(in.refused, 0);
}

static void
text_is_refused_or_passed_over(void **state)
{
	static const char body[] = "e,sensor=a s=\"a, \\\"b=\n1\",b=true,value=1 0\ne,sensor=c value=f 0\n";

	(void)state;
	assert_string_equal(points(body), "a:1970-01-01T00:00:00:1\n");
	assert_int_equal(in.refused, 3);
	assert_int_equal(in.refusal[2].index, 1);
	assert_int_equal(unparsed, 0);
	assert_string_equal(read_as(body, "sensor", 1, true), "a:1970-01-01T00:00:00:1\n");
	assert_int_equal(in.refused, 0);
}

static void
escapes_are_undone(void **state)
{
	(void)state;
	assert_string_equal(points("my\\ m\\,x,sensor=a\\ b\\,c\\=d\\e value=1,f\\ g=2 0"),
	    "a b,c=d\\e:1970-01-01T00:00:00:1\na b,c=d\\e/f g:1970-01-01T00:00:00:2\n");
	assert_int_equal(in.refused, 0);
}

static void
comments_blank_lines_and_returns_are_passed_over(void **state)
{
	(void)state;
	assert_string_equal(points("# c\n\n  e,sensor=a value=1 0\r\n   \n#\ne,sensor=b value=2 0  "),
	    "a:1970-01-01T00:00:00:1\nb:1970-01-01T00:00:00:2\n");
	assert_int_equal(in.refused, 0);
}

/* Reads a body, and again with a blank before each line, which keeps the fast way from it. */
static void
require_same_result_of_the_slow_way(const char *body)
{
	char slow[4096], want[4096];
	size_t n = 0, refused;

	slow[n++] = ' ';
	for (const char *s = body; *s != '\0'; s++) {
		slow[n++] = *s;
		if (*s == '\n')
			slow[n++] = ' ';
	}
	slow[n] = '\0';
	strcpy(want, read_as(slow, "sensor", 0, false));
	refused = in.refused;
	assert_string_equal(read_as(body, "sensor", 0, false), want);
	assert_int_equal(in.refused, refused);
}

static void
a_point_like_the_one_before_is_read_as_any_other(void **state)
{
	static const char *const second[] = {
		"e,h=x,sensor=bb,r=1 value=2.5 1700000000", "e,h=x,sensor=a_long-name_1,r=1 value=-2 1700000001",
		"e,h=x,sensor=b=c,r=1 value=2 1700000000", "e,h=x,sensor=b:c,r=1 value=2 1700000000",
		"e,h=x,sensor=#b,r=1 value=2 1700000000", "e,h=x,sensor=b\\ c,r=1 value=2 1700000000",
		"e,h=x,sensor=,r=1 value=2 1700000000", "e,h=x,sensor=b,r=2 value=2 1700000000",
		"e,h=y,sensor=b,r=1 value=2 1700000000", "e,h=x,sensor=b,r=1,sensor=c value=2 1700000000",
		"e,h=x,sensor=b,r=1 power=2 1700000000", "e,h=x,sensor=b,r=1 value=2,p=3 1700000000",
		"e,h=x,sensor=b,r=1 value=2i 1700000000", "e,h=x,sensor=b,r=1 value=2e3 1700000000",
		"e,h=x,sensor=b,r=1 value=t 1700000000", "e,h=x,sensor=b,r=1 value= 1700000000",
		"e,h=x,sensor=b,r=1 value=1.2.3 1700000000", "e,h=x,sensor=b,r=1 value=.5 1700000000",
		"e,h=x,sensor=b,r=1 value=-.5 1700000000", "e,h=x,sensor=b,r=1 value=5. 1700000000",
		"e,h=x,sensor=b,r=1 value=- 1700000000", "e,h=x,sensor=b,r=1 value=+5 1700000000",
		"e,h=x,sensor=b,r=1 value=12345678901234567890.123 1700000000",
		"e,h=x,sensor=b,r=1 value=12345678901234567890123456789012345678901234567890123456789012345"
		" 1700000000",
		"e,h=x,sensor=b,r=1 value=2 17000000001", "e,h=x,sensor=b,r=1 value=2 170000000",
		"e,h=x,sensor=b,r=1 value=2 -1700000000", "e,h=x,sensor=b,r=1 value=2 99999999999999999999",
		"e,h=x,sensor=b,r=1 value=2", "e,h=x,sensor=b,r=1 value=2 1700000000 ",
		"e,h=x,sensor=b,r=1  value=2 1700000000", "e,h=x,sensor=b,r=1 value=2  1700000000",
		"e,h=x,sensor=b,r=1 value=2 1700000000\r", "#e,h=x,sensor=b,r=1 value=2 1700000000",
		"e,h=x,sensor=b\x01,r=1 value=2 1700000000", "e,h=x,sensor=b\xc3\xa9,r=1 value=2 1700000000",
		"e,h=x,sensor=b\xc3,r=1 value=2 1700000000", "e,h=x,sensor=b", "e,h=x,sensor=b,r=1 ", "e", "",
	};
	static const char last[] = "e,h=x,sensor=z,r=1 value=9 1700000000\n";

	(void)state;
	for (size_t i = 0; i < sizeof(second) / sizeof(second[0]); i++) {
		char body[1024];

		/* With a line behind it, which is like the first, and at the end of the body. */
		for (int more = 0; more < 3; more++) {
			snprintf(body, sizeof(body), "e,h=x,sensor=a,r=1 value=1 1700000000\n%s%s%s",
			    second[i], more > 0 ? "\n" : "", more > 1 ? last : "");
			require_same_result_of_the_slow_way(body);
		}
	}
}

/* Its text is that of the point before, but its time is not the last that was read. */
static void
a_time_that_is_refused_is_refused_again(void **state)
{
	(void)state;
	assert_string_equal(read_as("e,sensor=a value=1 1700000000\n"
		"e,sensor=b value=2 9223372036854775807\ne,sensor=c value=3 9223372036854775807\n",
		"sensor", 1000, false), "a:1970-01-01T00:28:20:1\n");
	assert_int_equal(in.refused, 2);
}

static void
what_cannot_be_read_is_counted_and_the_next_line_goes_on(void **state)
{
	static const char *const bad[] = { "e", "e,", "e,sensor", "e,sensor=", "e,sensor= value=1",
		"e,sensor=a=b value=1", ",sensor=a value=1", "e,sensor=a ", "e,sensor=a value",
		"e,sensor=a value=", "e,sensor=a value=1,", "e,sensor=a value=x", "e,sensor=a value=1.5i",
		"e,sensor=a value=i", "e,sensor=a value=NaN", "e,sensor=a value=1 1.5",
		"e,sensor=a value=1 -", "e,sensor=a value=1 1 1", "e,sensor=a =1",
		"e,sensor=a value=\"x\"y", "e,sensor=a value=1,,x=2" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char body[128];

		snprintf(body, sizeof(body), "%s\ne,sensor=z value=1 0\n", bad[i]);
		assert_string_equal(points(body), "z:1970-01-01T00:00:00:1\n");
		assert_int_equal(unparsed, 1);
		assert_int_equal(in.refused, 1);
		assert_false(eg_lineprotocol_likely(bad[i], strlen(bad[i])));
	}
	assert_string_equal(points("e,sensor=a value=\"no end\ne,sensor=z value=1 0\n"), "");
	assert_int_equal(unparsed, 1);
}

/* Words are read eight bytes at a time, where so many are left: what ends them, escapes
 * and odd bytes mean the same at each place, before other lines and at a body's end. */
static void
words_are_the_same_wherever_they_stand(void **state)
{
	static const struct {
		const char *body, *record; /* of a tag's value */
	} odd[] = {
		{ "\\,", "," }, { "\\ ", " " }, { "\\=", "=" }, { "\\\\", "\\\\" }, { "\\x", "\\x" },
		{ "\"", "\"" }, { "\xc3\xa4", "\xc3\xa4" }, { "#", "#" }, { "\\,\\ \\=", ", =" },
	};
	char pad[25] = "", body[200], want[200];

	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		for (size_t n = 0; n < sizeof(pad) - 1; n++) {
			memset(pad, 'p', n);
			pad[n] = '\0';
			snprintf(want, sizeof(want), "s%s%s%s:2023-11-14T22:13:20:1\n", pad, odd[i].record, pad);
			snprintf(body, sizeof(body), "e,sensor=s%s%s%s value=1 1700000000", pad, odd[i].body, pad);
			assert_string_equal(read_as(body, "sensor", EG_LINEPROTOCOL_AUTO, false), want);
			strcat(body, "\r\n# comment\n\nbad");
			assert_string_equal(read_as(body, "sensor", EG_LINEPROTOCOL_AUTO, false), want);
			assert_int_equal(in.refused, 1);
			assert_int_equal(in.refusal[0].index, 3);
		}
}

/* The first fields are kept while a point is read, the others are read again. */
static void
a_field_is_the_same_in_each_place(void **state)
{
	static const struct {
		const char *value, *record; /* NULL: it is refused */
	} odd[] = {
		{ "1i", "1" }, { "-7u", "-7" }, { "-.5e-3", "-.5e-3" }, { "true", NULL }, { "F", NULL },
		{ "\"a, b=1 \\\" \n\"", NULL }, { "\"\"", NULL }, { "1e999", NULL },
		{ "123456789012345678901234567890i", "123456789012345678901234567890" },
		{ "00000000000000000000000000000000000000000000000000000000000000001", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		for (size_t place = 0; place < 12; place++) {
			char body[400] = "e,sensor=a ", want[800] = "";

			for (size_t k = 0; k < 12; k++) {
				const char *value = k == place ? odd[i].value : "2";
				const char *record = k == place ? odd[i].record : "2";
				size_t n = strlen(body), m = strlen(want);

				snprintf(body + n, sizeof(body) - n, "%sf%zu=%s", k > 0 ? "," : "", k, value);
				if (record != NULL)
					snprintf(want + m, sizeof(want) - m, "a/f%zu:1969-12-31T23:59:55:%s\n",
					    k, record);
			}
			strcat(body, " -5");
			assert_string_equal(read_as(body, "sensor", 1000000000, false), want);
			assert_int_equal(unparsed, 0);
			assert_int_equal(in.refused, odd[i].record == NULL);
		}
}

static void
points_of_one_time_and_of_others_take_turns(void **state)
{
	(void)state;
	assert_string_equal(points("a v=1 0\nb v=1 0\nc v=1\nd v=1 1\ne v=1 92233720368547758079\n"
	    "f v=1 0\ng v=1 -9223372036854775807\n"),
	    "a/v:1970-01-01T00:00:00:1\nb/v:1970-01-01T00:00:00:1\nc/v:2026-11-23T14:18:36:1\n"
	    "d/v:1970-01-01T00:00:00.000000001:1\nf/v:1970-01-01T00:00:00:1\n"
	    "g/v:1677-09-21T00:12:43.145224193:1\n");
	assert_int_equal(in.refused, 1);
}

static void
colons_are_escaped_and_long_names_refused(void **state)
{
	char body[700];

	(void)state;
	assert_string_equal(points("e,sensor=aa:bb value=1 0"), "aa%3Abb:1970-01-01T00:00:00:1\n");
	assert_int_equal(in.refused, 0);
	snprintf(body, sizeof(body), "e,sensor=%0300d value=1 0", 0);
	assert_string_equal(points(body), "");
	assert_int_equal(in.refused, 1);
	snprintf(body, sizeof(body), "e,sensor=%0255d value=1,x=2 0", 0);
	points(body);
	assert_int_equal(in.records, 1);
	assert_int_equal(in.refused, 1);
	assert_string_equal(points("e,sensor=\xff value=1 0"), "");
	assert_int_equal(unparsed, 0);
}

/* Each record's place is what the parser of records says of its line. */
static void
assert_places(void)
{
	const char *at = in.text;

	for (size_t i = 0; i < in.records; i++) {
		const struct eg_place *p = &in.place[i];
		struct eg_record r;

		assert_int_equal(eg_record_parse(at, p->len, &r), EG_FAULT_NONE);
		assert_true(p->ns == r.ns && p->subsecond == r.subsecond);
		assert_true(p->value_at == r.value_at && p->sensor_len == r.sensor_len);
		at += p->len + 1;
		assert_int_equal(at[-1], '\n');
	}
}

static void
the_usual_form_is_read_as_any_other(void **state)
{
	static const char *const forms[] = {
		"energy,sensor=sensor1 value=55.21", "energy,sensor=s value=-5", "e value=5.",
		"e,sensor=a value=.5", "e,sensor=a value=1e3", "e,sensor=a value=5i",
		"e,sensor=a value=\"b\"", "e,sensor=a value=true", "e,sensor=a value=-",
		"e,sensor=a value=0x1", "e,sensor=a value=1 2", "e,sensor=a  value=1",
		"e,sensor=a power=1", "e,a=b,sensor=c,d=e value=1,f=2,g=-0.5",
		"e,sensor=a b=1,c=2,d=3,f=4,g=5,h=6", "e,sensor=a,sensor=b value=1",
		"e,sensor=a:b value=1", "e,sensor=#a value=1", "e,sensor=a value:=1",
		"e,sensor=a\\ b value=1", "e,sensor=a\\b value=1", "e,sensor=\xc3\xa4 value=1",
		"e,sensor=\xff value=1", "e,sensor=a\tb value=1", "e=f,sensor=a value=1",
		"e,sensor= value=1", "e,=a value=1", ",sensor=a value=1", "e,sensor=a =1",
		"e,sensor=a value=", "e,sensor=a value", "e,sensor=a,b value=1", "e",
		"e,sensor=a value=1,", "e,sensor=a value=1,=2", "e,sensor=a=b value=1",
		"e,sensor=a value=1234567890123456789012345678901234567890123456789012345678901234",
		"e,sensor=a value=12345678901234567890123456789012345678901234567890123456789012345",
	};
	static const char *const times[] = { "1700000000123456789", "1700000000000000000", "1700000000",
		"9223372036854775807", "9223372036854775808", "17000000001234567890", "1234567",
		"12345678", "0", "-1", "170000000x", "", };
	char usual[256], other[256], want[512];

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		for (size_t k = 0; k < sizeof(times) / sizeof(times[0]); k++) {
			size_t refused, bad;

			snprintf(usual, sizeof(usual), "%s %s\n# comment\n", forms[i], times[k]);
			/* A blank behind the time is not the usual form. */
			snprintf(other, sizeof(other), "%s %s \n# comment\n", forms[i], times[k]);
			snprintf(want, sizeof(want), "%s", points(other));
			refused = in.refused;
			bad = unparsed;
			assert_string_equal(points(usual), want);
			assert_int_equal(in.refused, refused);
			assert_int_equal(unparsed, bad);
			assert_places();
		}
}

static void
native_records_are_no_points(void **state)
{
	static const char native[] = "# c\nsensor 1:2026-11-23T14:18:36:55.21\n";
	static const char point[] = "\n# c\ne,sensor=a value=1\n";

	(void)state;
	assert_false(eg_lineprotocol_likely(native, sizeof(native) - 1));
	assert_true(eg_lineprotocol_likely(point, sizeof(point) - 1));
	assert_false(eg_lineprotocol_likely("", 0));
}

static void
precisions_are_those_of_the_api(void **state)
{
	int64_t unit = 0;

	(void)state;
	assert_true(eg_lineprotocol_precision("us", false, &unit) && unit == 1000);
	assert_false(eg_lineprotocol_precision("u", false, &unit));
	assert_true(eg_lineprotocol_precision("h", true, &unit) && unit == INT64_C(3600000000000));
	assert_false(eg_lineprotocol_precision("", true, &unit));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sensor_is_the_tag_the_series_or_with_the_field),
		cmocka_unit_test(times_are_exact_to_the_digit),
		cmocka_unit_test(the_unit_of_a_time_is_told_by_its_size_when_asked),
		cmocka_unit_test(a_time_beyond_64_bits_is_refused),
		cmocka_unit_test(numbers_keep_their_text_and_lose_their_suffix),
		cmocka_unit_test(text_is_refused_or_passed_over),
		cmocka_unit_test(escapes_are_undone),
		cmocka_unit_test(comments_blank_lines_and_returns_are_passed_over),
		cmocka_unit_test(a_point_like_the_one_before_is_read_as_any_other),
		cmocka_unit_test(a_time_that_is_refused_is_refused_again),
		cmocka_unit_test(what_cannot_be_read_is_counted_and_the_next_line_goes_on),
		cmocka_unit_test(words_are_the_same_wherever_they_stand),
		cmocka_unit_test(a_field_is_the_same_in_each_place),
		cmocka_unit_test(points_of_one_time_and_of_others_take_turns),
		cmocka_unit_test(colons_are_escaped_and_long_names_refused),
		cmocka_unit_test(the_usual_form_is_read_as_any_other),
		cmocka_unit_test(native_records_are_no_points),
		cmocka_unit_test(precisions_are_those_of_the_api),
	};
	int status = cmocka_run_group_tests(tests, NULL, NULL);

	eg_ingest_free(&in);
	return status;
}
