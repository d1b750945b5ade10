/* SPDX-License-Identifier: MIT */
/* lib/base/number: what is a number, what is none, and how JSON spells it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"

#define RANDOM_STRINGS 1000000
#define ZEROS_63 "000000000000000000000000000000000000000000000000000000000000000"

static uint64_t
next_random(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x >> 11;
}

/* The check of a copy that ends where its memory does, so that a sanitizer sees reads behind it. */
static enum eg_number
check(const char *s, size_t len)
{
	char *copy = malloc(len + (len == 0));
	enum eg_number verdict;

	assert_non_null(copy);
	memcpy(copy, s, len);
	verdict = eg_decimal_check(copy, len);
	free(copy);
	return verdict;
}

static void
decimals_are_told_from_other_texts(void **state)
{
	static const char *const good[] = {
		"0", "55.21", "-1", "+1", ".5", "5.", "-.5", "+5.", "007", "-0", "1e5", "1E5", "1e+5",
		"1e-5", "1.5e300", "1e308", "1.7976931348623157e308", "1e-999", "1e-99999999999999",
		"0e999999", "0.0000000001e309", "00000000000000000000e0000000000000000000000005",
		(ZEROS_63 "1"), ("." ZEROS_63),
	};
	static const char *const bad[] = {
		"", "+", "-", ".", "-.", "+.e5", "e5", ".e5", "1e", "1e+", "1e-", "1e5.", "1e5e5", "1.2.3",
		"1..2", "--1", "+-1", "1-", "12,5", "0x10", "nan", "NaN", "inf", "-inf", "infinity", " 5",
		"5 ", "5\t", "5\n", "1_000", "5f", "1d5", "5%", "\xd9\xa5", "1e 5", "e", "E", "1:2",
	};
	static const char *const large[] = {
		"1e309", "-1e309", "1e999", "1.8e308", "1e99999999999999999999", "10e308", "+1e400",
		"99999999999999999999999999999999999999999999999999999999999e250",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (check(good[i], strlen(good[i])) != EG_NUMBER_OK)
			fail_msg("'%s' is a number", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (check(bad[i], strlen(bad[i])) != EG_NUMBER_FORM)
			fail_msg("'%s' is not a number", bad[i]);
	for (size_t i = 0; i < sizeof(large) / sizeof(large[0]); i++)
		if (check(large[i], strlen(large[i])) != EG_NUMBER_RANGE)
			fail_msg("'%s' is too large", large[i]);
}

static void
sixty_four_bytes_are_a_number_and_one_more_is_not(void **state)
{
	(void)state;
	assert_int_equal(check(ZEROS_63 "1", 64), EG_NUMBER_OK);
	assert_int_equal(check(ZEROS_63 "12", 65), EG_NUMBER_FORM);
	assert_int_equal(check("1\0" "2", 3), EG_NUMBER_FORM);
}

/* The grammar as a table of states, written apart from the code under test. */
static bool
slow_grammar(const char *s, size_t len)
{
	/* start, signed, whole, lone point, fraction, e, e sign, exponent */
	static const int on_digit[] = { 2, 2, 2, 4, 4, 7, 7, 7 };
	static const int on_sign[] = { 1, -1, -1, -1, -1, 6, -1, -1 };
	static const int on_point[] = { 3, 3, 4, -1, -1, -1, -1, -1 };
	static const int on_e[] = { -1, -1, 5, -1, 5, -1, -1, -1 };
	int at = 0;

	for (size_t i = 0; i < len && at >= 0; i++) {
		if (s[i] >= '0' && s[i] <= '9')
			at = on_digit[at];
		else if (s[i] == '+' || s[i] == '-')
			at = on_sign[at];
		else if (s[i] == '.')
			at = on_point[at];
		else
			at = s[i] == 'e' || s[i] == 'E' ? on_e[at] : -1;
	}
	return at == 2 || at == 4 || at == 7;
}

static void
random_texts_get_the_verdict_of_strtod_and_a_slow_grammar(void **state)
{
	static const char alphabet[] = "0123456789012345678900..ee+-E9 x,";
	uint64_t seed = 20261123;
	int seen[3] = { 0, 0, 0 };

	(void)state;
	for (int i = 0; i < RANDOM_STRINGS; i++) {
		char s[16], *end;
		size_t len = (size_t)next_random(&seed) % 10;
		enum eg_number expected = EG_NUMBER_FORM, verdict;

		for (size_t j = 0; j < len; j++)
			s[j] = alphabet[next_random(&seed) % (sizeof(alphabet) - 1)];
		s[len] = '\0';
		if (slow_grammar(s, len)) {
			expected = isfinite(strtod(s, &end)) ? EG_NUMBER_OK : EG_NUMBER_RANGE;
			assert_ptr_equal(end, s + len);
		}
		verdict = eg_decimal_check(s, len);
		if (verdict != expected)
			fail_msg("'%s': %d, not %d", s, (int)verdict, (int)expected);
		seen[verdict]++;
	}
	assert_true(seen[EG_NUMBER_OK] > 10000 && seen[EG_NUMBER_FORM] > 10000);
	assert_true(seen[EG_NUMBER_RANGE] > 1000);
}

static void
json_gets_a_decimal_in_its_own_text_or_the_same_value(void **state)
{
	static const char *const pairs[][2] = {
		{ "55.20", "55.20" }, { "0", "0" }, { "-0", "-0" }, { "-1.50", "-1.50" }, { "1e5", "1e5" },
		{ "1E+05", "1E+05" }, { "0.5e-3", "0.5e-3" }, { "+5", "5" }, { ".5", "0.5" },
		{ "-.5", "-0.5" }, { "+.5", "0.5" }, { "5.", "5.0" }, { "-5.", "-5.0" }, { "007", "7" },
		{ "000", "0" }, { "-00.50", "-0.50" }, { "+00", "0" }, { "5.e3", "5.0e3" },
		{ "+.5e3", "0.5e3" }, { "0100", "100" },
	};
	char out[66];

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		size_t n = eg_decimal_json(pairs[i][0], strlen(pairs[i][0]), out);

		assert_true(n <= strlen(pairs[i][0]) + 2);
		out[n] = '\0';
		assert_string_equal(out, pairs[i][1]);
	}
}

static void
integers_are_parsed_whole_and_in_range(void **state)
{
	static const char *const bad[] = {
		"", "-", "+", " 1", "1 ", "1.0", "0x1", "1e3", "--1", "a", "1a",
	};
	int64_t n = 77;

	(void)state;
	assert_int_equal(eg_int_parse("42", 0, 100, &n), EG_NUMBER_OK);
	assert_int_equal(n, 42);
	assert_int_equal(eg_int_parse("-9223372036854775808", INT64_MIN, INT64_MAX, &n), EG_NUMBER_OK);
	assert_true(n == INT64_MIN);
	assert_int_equal(eg_int_parse("+0100", 0, 100, &n), EG_NUMBER_OK);
	assert_int_equal(n, 100);
	assert_int_equal(eg_int_parse("101", 0, 100, &n), EG_NUMBER_RANGE);
	assert_int_equal(eg_int_parse("-1", 0, 100, &n), EG_NUMBER_RANGE);
	assert_int_equal(eg_int_parse("9223372036854775808", INT64_MIN, INT64_MAX, &n), EG_NUMBER_RANGE);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(eg_int_parse(bad[i], INT64_MIN, INT64_MAX, &n), EG_NUMBER_FORM);
	assert_int_equal(n, 100); /* what is refused is not stored */
}

static void
doubles_are_parsed_whole_and_in_range(void **state)
{
	double n = 0;

	(void)state;
	assert_int_equal(eg_double_parse("40.5", 0, 100, &n), EG_NUMBER_OK);
	assert_true(n > 40.49 && n < 40.51);
	assert_int_equal(eg_double_parse("1e3", 0, 100, &n), EG_NUMBER_RANGE);
	assert_int_equal(eg_double_parse("-0.1", 0, 100, &n), EG_NUMBER_RANGE);
	assert_int_equal(eg_double_parse("1e999", 0, INFINITY, &n), EG_NUMBER_RANGE);
	assert_int_equal(eg_double_parse("nan", 0, 100, &n), EG_NUMBER_FORM);
	assert_int_equal(eg_double_parse("5 ", 0, 100, &n), EG_NUMBER_FORM);
	assert_int_equal(eg_double_parse("", 0, 100, &n), EG_NUMBER_FORM);
	assert_int_equal(eg_double_parse(ZEROS_63 "12", 0, 100, &n), EG_NUMBER_FORM);
}

static void
durations_have_a_unit_and_a_range(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} good[] = {
		{ "10", 10000 }, { "2.5", 2500 }, { "500ms", 500 }, { "10s", 10000 }, { "5m", 300000 },
		{ "1h", 3600000 }, { "7d", 604800000 }, { "0", 0 }, { ".5s", 500 }, { "1.1", 1100 },
		{ "1.001", 1001 }, { "0.29", 290 }, { "0.1ms", 1 }, { "0.00000001", 1 }, { "+1", 1000 },
	};
	static const char *const bad[] = {
		"", "s", "ms", "10x", "10 s", "10S", "1e3", "1h30m", ".", "-", "1..2", "10ss", "nan", "5,5",
	};
	int64_t ms = 77;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(eg_duration_parse(good[i].text, 0, INT64_MAX, &ms), EG_NUMBER_OK);
		assert_int_equal(ms, good[i].ms);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (eg_duration_parse(bad[i], 0, INT64_MAX, &ms) != EG_NUMBER_FORM)
			fail_msg("'%s' is not a duration", bad[i]);
	assert_int_equal(eg_duration_parse("-1", 0, 1000, &ms), EG_NUMBER_RANGE);
	assert_int_equal(eg_duration_parse("2", 0, 1999, &ms), EG_NUMBER_RANGE);
	assert_int_equal(eg_duration_parse("0", 1, 1000, &ms), EG_NUMBER_RANGE);
	assert_int_equal(eg_duration_parse("99999999999999999999d", 0, INT64_MAX, &ms), EG_NUMBER_RANGE);
}

static void
a_decimal_has_the_value_of_strtod(void **state)
{
	static const char *const texts[] = { "0", "-0", "+0.0", "55.21", "-.5", "5.", "999999999999999",
		"-999999999999999", "9999999999999999", "9007199254740993", "0.00000000000001",
		"12345678.9012345", "1.23456789012345", "123456789012345.", ".999999999999999",
		"1e22", "1E-7", "4.35", "0.1", "2.675", "-1e-400", "1.7976931348623157e308",
		"0000000000000000000000000000000000000000000000000000000000000001" };
	char text[32];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		double x = eg_decimal_value(texts[i], strlen(texts[i])), want = strtod(texts[i], NULL);

		if (memcmp(&x, &want, sizeof(x)) != 0)
			fail_msg("'%s' became %.17g", texts[i], x);
	}
	srand(7);
	for (int i = 0; i < 200000; i++) {
		int n = snprintf(text, sizeof(text), "%s%d", rand() % 2 == 0 ? "-" : "", rand());
		int more = snprintf(text + n, sizeof(text) - (size_t)n, ".%0*d", 1 + rand() % 8, rand() % 100);
		double x = eg_decimal_value(text, (size_t)(n + more)), want = strtod(text, NULL);

		if (memcmp(&x, &want, sizeof(x)) != 0)
			fail_msg("'%s' became %.17g", text, x);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decimals_are_told_from_other_texts),
		cmocka_unit_test(sixty_four_bytes_are_a_number_and_one_more_is_not),
		cmocka_unit_test(random_texts_get_the_verdict_of_strtod_and_a_slow_grammar),
		cmocka_unit_test(json_gets_a_decimal_in_its_own_text_or_the_same_value),
		cmocka_unit_test(a_decimal_has_the_value_of_strtod),
		cmocka_unit_test(integers_are_parsed_whole_and_in_range),
		cmocka_unit_test(doubles_are_parsed_whole_and_in_range),
		cmocka_unit_test(durations_have_a_unit_and_a_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
