/* SPDX-License-Identifier: MIT */
/* Tests of lib/cluster/argv_split: a line as a shell would split it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cluster/argv_split.h"

/* Words in brackets, or what is wrong. */
static const char *
split(const char *text)
{
	static char out[512];
	char line[256], **w;
	const char *fault;
	size_t n;

	snprintf(line, sizeof(line), "%s", text);
	fault = eg_argv_split(line, &w, &n);
	if (fault != NULL)
		return fault;
	assert_null(w[n]);
	*out = '\0';
	for (size_t i = 0; i < n; i++) {
		strcat(out, "[");
		strcat(out, w[i]);
		strcat(out, "]");
	}
	free(w);
	return out;
}

static void
blanks_part_words(void **state)
{
	(void)state;
	assert_string_equal(split("node a eg-store a.db"), "[node][a][eg-store][a.db]");
	assert_string_equal(split("\t node \t a  "), "[node][a]");
	assert_string_equal(split(""), "");
	assert_string_equal(split("  \t "), "");
	assert_string_equal(split("a"), "[a]");
}

static void
a_comment_begins_with_a_word(void **state)
{
	(void)state;
	assert_string_equal(split("# nothing"), "");
	assert_string_equal(split("copies 2 # two"), "[copies][2]");
	assert_string_equal(split("node a#b c"), "[node][a#b][c]");
	assert_string_equal(split("'#' x"), "[#][x]");
}

static void
quotes_and_backslashes_are_those_of_a_shell(void **state)
{
	(void)state;
	assert_string_equal(split("'a b' \"c d\""), "[a b][c d]");
	assert_string_equal(split("a'b c'd\"e f\"g"), "[ab cde fg]");
	assert_string_equal(split("'' \"\" x"), "[][][x]");
	assert_string_equal(split("'$HOME' \"`x`\""), "[$HOME][`x`]");
	assert_string_equal(split("\"a\\\"b\\\\c\\d\""), "[a\"b\\c\\d]");
	assert_string_equal(split("'a\\b'"), "[a\\b]");
	assert_string_equal(split("a\\ b \\$x \\'y"), "[a b][$x]['y]");
	assert_string_equal(split("sh -c 'eg-store a.db | tee b'"), "[sh][-c][eg-store a.db | tee b]");
}

static void
what_a_shell_would_act_upon_is_refused(void **state)
{
	static const char *const bad[] = { "$x", "a`b`", "a|b", "a & b", "a;b", "a >b", "<b a", "(a)" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_non_null(strstr(split(bad[i]), "without a shell"));
	assert_non_null(strstr(split("eg-store ~/a.db"), "'~' is not expanded"));
	assert_string_equal(split("a~b '~'"), "[a~b][~]");
}

static void
what_is_not_closed_is_refused(void **state)
{
	(void)state;
	assert_string_equal(split("'abc"), "a quote is not closed");
	assert_string_equal(split("a \"abc"), "a quote is not closed");
	assert_string_equal(split("\"abc\\"), "a quote is not closed");
	assert_string_equal(split("abc\\"), "a backslash ends the line");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blanks_part_words),
		cmocka_unit_test(a_comment_begins_with_a_word),
		cmocka_unit_test(quotes_and_backslashes_are_those_of_a_shell),
		cmocka_unit_test(what_a_shell_would_act_upon_is_refused),
		cmocka_unit_test(what_is_not_closed_is_refused),
	};

	return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
