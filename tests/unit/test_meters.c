/* SPDX-License-Identifier: MIT */
/* Tests of lib/meters: the file of meters, and which line a sensor has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/diag.h"
#include "meters/meters.h"

static struct eg_error e;

static struct eg_meters *
parse(const char *text)
{
	e = (struct eg_error){ 0 };
	return eg_meters_parse("file", text, strlen(text), &e);
}

/* The name of the sensor's meter; "-": it has none. */
static const char *
name_of(struct eg_meters *m, const char *sensor)
{
	const struct eg_meter *found = eg_meters_find(m, sensor, strlen(sensor));

	return found != NULL ? found->name : "-";
}

static void
a_line_has_pattern_kind_role_and_name(void **state)
{
	struct eg_meters *m = parse("# comment\n\n  dsmr/import_t*\tkWh  grid-import  Grid, both tariffs \r\n"
				    "imp pulse:1000 device\nW\\ 1 inc-Wh none x");
	const struct eg_meter *list, *found;
	size_t n;

	(void)state;
	assert_non_null(m);
	list = eg_meters_list(m, &n);
	assert_int_equal(n, 3);
	assert_string_equal(list[0].pattern, "dsmr/import_t*");
	assert_int_equal(list[0].kind, EG_KIND_KWH);
	assert_int_equal(list[0].role, EG_ROLE_GRID_IMPORT);
	assert_string_equal(list[0].name, "Grid, both tariffs");
	assert_int_equal(list[0].line, 3);
	assert_int_equal(list[1].kind, EG_KIND_PULSE);
	assert_int_equal(list[1].pulses, 1000);
	assert_string_equal(list[1].name, "");
	found = eg_meters_find(m, "W 1", 3);
	assert_non_null(found);
	assert_int_equal(found->kind, EG_KIND_INC_WH);
	assert_null(eg_meters_find(m, "", 0));
	eg_meters_free(m);
}

static void
the_first_match_wins(void **state)
{
	struct eg_meters *m = parse("solar1 W pv one\nsolar* W pv all\nhouse W house h\n"
				    "h?us[ef] W none glob\n*/x W none slash\nhousf W none late\n");

	(void)state;
	for (int again = 0; again < 2; again++) {
		assert_string_equal(name_of(m, "solar1"), "one");
		assert_string_equal(name_of(m, "solar12"), "all");
		assert_string_equal(name_of(m, "solar*"), "all");
		assert_string_equal(name_of(m, "house"), "h");
		assert_string_equal(name_of(m, "housf"), "glob");
		assert_string_equal(name_of(m, "h?us[ef]"), "-");
		assert_string_equal(name_of(m, "a/b/x"), "slash");
		assert_string_equal(name_of(m, "a/b/y"), "-");
	}
	eg_meters_free(m);
}

static void
each_kind_and_role_has_a_word(void **state)
{
	int64_t pulses;
	enum eg_kind k;

	(void)state;
	for (enum eg_kind i = 0; i < EG_KINDS; i++) {
		assert_non_null(eg_kind_unit(i));
		assert_non_null(strstr(eg_kind_words(), eg_kind_name(i)));
		if (i == EG_KIND_PULSE)
			continue;
		assert_true(eg_kind_parse(eg_kind_name(i), &k, &pulses));
		assert_int_equal(k, i);
	}
	for (enum eg_role i = 0; i < EG_ROLES; i++)
		assert_non_null(eg_role_name(i));
	assert_false(eg_kind_parse("KWH", &k, &pulses));
	assert_false(eg_kind_parse("pulse:0", &k, &pulses));
	assert_false(eg_kind_parse("pulse:", &k, &pulses));
	assert_false(eg_kind_parse("", &k, &pulses));
}

static void
fails(const char *text, const char *want)
{
	assert_null(parse(text));
	assert_int_equal(e.status, EG_CONFIG);
	if (strstr(e.text, want) == NULL)
		fail_msg("'%s' is not in '%s'", want, e.text);
}

static void
a_wrong_line_is_named(void **state)
{
	char longer[400];

	(void)state;
	fails("", "holds no meter");
	fails("# x\n", "holds no meter");
	fails("# x\na\n", "file:2: want a pattern");
	fails("a W\n", "file:1: want a pattern");
	fails("a KW none\n", "'KW' is no kind");
	fails("a pulse:x none\n", "'pulse:x' is no kind");
	fails("a W grid_import\n", "'grid_import' is no role");
	fails("a W none\nb W none\na kW pv\n", "file:3: the pattern 'a' stands in line 1");
	fails("a:b W none\n", "a sensor holds no colon");
	fails("\nb W no\x01ne\n", "file:2: the line holds a control character");
	fails("b W none \xff\n", "file:1: the line is not valid UTF-8");
	fails("\xef\xbb\xbf" "a W none\n", "byte order mark");
	memset(longer, 'x', 256);
	strcpy(longer + 256, " W none\n");
	fails(longer, "at most 255 bytes");
	assert_null(eg_meters_parse("file", "a W none\0\n", 10, &e));
	assert_null(eg_meters_read("/nonexistent/meters", &e));
	e = (struct eg_error){ 0 };
	assert_null(eg_meters_read("/", &e));
	assert_int_equal(e.status, EG_CONFIG);
}

static void
a_line_for_each_of_many_meters_is_found(void **state)
{
	enum { MANY = 100000 };
	char *text = malloc(MANY * 32), sensor[32];
	struct eg_meters *m;
	size_t len = 0;

	(void)state;
	for (int i = 0; i < MANY; i++)
		len += (size_t)sprintf(text + len, "m%d W device %d\n", i, i);
	text[len] = '\0';
	m = parse(text);
	assert_non_null(m);
	/* Also beyond the number of answers that are kept. */
	for (int i = 0; i < 2 * MANY; i++) {
		sprintf(sensor, "m%d", i);
		assert_string_equal(name_of(m, sensor), i < MANY ? sensor + 1 : "-");
	}
	eg_meters_free(m);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_has_pattern_kind_role_and_name),
		cmocka_unit_test(the_first_match_wins),
		cmocka_unit_test(each_kind_and_role_has_a_word),
		cmocka_unit_test(a_wrong_line_is_named),
		cmocka_unit_test(a_line_for_each_of_many_meters_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
