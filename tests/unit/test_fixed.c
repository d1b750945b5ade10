/* SPDX-License-Identifier: MIT */
/* lib/base/wide and lib/base/fixed: exact sums, and amounts to text and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/fixed.h"

#define ROUNDS 300000

static const struct eg_wide one = { .lo = EG_FIXED_ONE };

static uint64_t
next_random(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x * UINT64_C(2685821657736338717);
}

/* The text of s in units of 10^-9, by way of an amount; NULL when it is refused. */
static const char *
through(const char *s, int digits, bool keep, char out[EG_FIXED_SIZE])
{
	/* Of its own size, so that a sanitizer sees reads behind it. */
	char *copy = malloc(strlen(s) + 1);
	struct eg_wide n;
	enum eg_number verdict;
	size_t len;

	assert_non_null(copy);
	memcpy(copy, s, strlen(s));
	verdict = eg_fixed_parse(copy, strlen(s), &n);
	free(copy);
	if (verdict != EG_NUMBER_OK)
		return NULL;
	len = eg_fixed_put(n, one, digits, keep, out);
	assert_int_equal(len, strlen(out));
	return out;
}

static void
text_becomes_an_amount_and_the_same_text(void **state)
{
	static const char *const pairs[][2] = {
		{ "0", "0" }, { "-0", "0" }, { "-0.0000000001", "0" }, { "1", "1" }, { "-1", "-1" },
		{ "+1.50", "1.5" }, { ".5", "0.5" }, { "5.", "5" }, { "007", "7" }, { "55.21", "55.21" },
		{ "123456789.123456789", "123456789.123456789" }, { "1234567890.1", "1234567890.1" },
		{ "1e3", "1000" }, { "1.5E-3", "0.0015" }, { "12345e-4", "1.2345" },
		{ "1e12", "1000000000000" },
		{ "-1e12", "-1000000000000" }, { "999999999999.999999999", "999999999999.999999999" },
		{ "0.0000000005", "0" }, { "0.0000000015", "0.000000002" },
		{ "0.0000000025", "0.000000002" },
		{ "0.00000000250000000000000001", "0.000000003" }, { "0.0000000035", "0.000000004" },
		{ "-0.0000000015", "-0.000000002" }, { "1.9999999995", "2" },
		{ "999999999999.9999999999", "1000000000000" },
		{ "1e-400", "0" }, { "0e999999", "0" }, { "1e-99999999999999", "0" }, { "50e-11", "0" },
		{ "51e-11", "0.000000001" }, { "0.00000000000000000000000001e26", "1" },
		{ "1234567890123456789e-9", "1234567890.123456789" },
	};
	char out[EG_FIXED_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		const char *is = through(pairs[i][0], 9, false, out);

		if (is == NULL || strcmp(is, pairs[i][1]) != 0)
			fail_msg("%s is %s, not %s", pairs[i][0], is, pairs[i][1]);
	}
}

static void
what_is_too_large_or_no_number_is_refused(void **state)
{
	static const char *const large[] = {
		"1000000000000.000000001", "-1000000000000.000000001", "1000000000000.0000000006", "1e13",
		"1e999", "9999999999999", "12345678901234567890",
	};
	static const char *const bad[] = { "", "-", ".", "1..2", "1.2.3", "1 ", "x", "1e", "--1",
	    "1,5" };
	struct eg_wide n = { .lo = 77 };

	(void)state;
	for (size_t i = 0; i < sizeof(large) / sizeof(large[0]); i++)
		if (eg_fixed_parse(large[i], strlen(large[i]), &n) != EG_NUMBER_RANGE)
			fail_msg("%s is too large", large[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (eg_fixed_parse(bad[i], strlen(bad[i]), &n) != EG_NUMBER_FORM)
			fail_msg("%s is no number", bad[i]);
}

static void
digits_are_rounded_half_to_even_and_zeros_kept_when_asked(void **state)
{
	static const struct {
		const char *from, *to;
		int digits;
		bool keep;
	} rows[] = {
		{ "0.125", "0.12", 2, false }, { "0.375", "0.38", 2, false },
		{ "0.1250001", "0.13", 2, false },
		{ "-0.125", "-0.12", 2, false }, { "9.999", "10", 2, false }, { "9.999", "10.00", 2, true },
		{ "1.5", "1.50", 2, true }, { "0.5", "0", 0, false }, { "1.5", "2", 0, true },
		{ "100", "100", 0, false }, { "-0.4", "0", 0, true }, { "-0.004", "0.00", 2, true },
		{ "0", "0.000", 3, true }, { "1", "1.000000000000000000", 18, true },
	};
	char out[EG_FIXED_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(through(rows[i].from, rows[i].digits, rows[i].keep, out), rows[i].to);
}

static void
a_quotient_of_large_numbers_has_all_its_digits(void **state)
{
	struct eg_wide third, unit, ten18 = eg_wide_of(INT64_C(1000000000000000000));
	char out[EG_FIXED_SIZE];

	(void)state;
	assert_true(eg_wide_multiply(ten18, ten18, &unit));
	eg_fixed_put(unit, eg_wide_of(3), 6, false, out);
	assert_string_equal(out, "333333333333333333333333333333333333.333333");
	assert_true(eg_wide_multiply(eg_wide_of(3), eg_wide_of(INT64_C(333333333333333333)), &third));
	eg_fixed_put(third, unit, 18, false, out);
	assert_string_equal(out, "0.000000000000000001"); /* 0.999999999999999999 of it */
	eg_fixed_put((struct eg_wide){ .lo = UINT64_MAX, .hi = INT64_MAX }, eg_wide_of(1), 0, false,
	    out);
	assert_string_equal(out, "170141183460469231731687303715884105727");
}

static void
what_does_not_fit_is_said_and_changes_nothing(void **state)
{
	struct eg_wide most = { .lo = UINT64_MAX, .hi = INT64_MAX }, least = eg_wide_negative(most), n;

	(void)state;
	n = most;
	assert_false(eg_wide_add(&n, eg_wide_of(1)));
	assert_int_equal(eg_wide_compare(n, most), 0);
	n = least;
	assert_false(eg_wide_subtract(&n, eg_wide_of(1)));
	assert_int_equal(eg_wide_compare(n, least), 0);
	assert_false(eg_wide_multiply(most, eg_wide_of(2), &n));
	assert_false(eg_wide_multiply(most, most, &n));
	assert_false(eg_wide_multiply((struct eg_wide){ .hi = 1 },
	    (struct eg_wide){ .hi = INT64_C(1) << 62 }, &n));
	assert_int_equal(eg_wide_compare(n, least), 0);
	assert_true(eg_wide_multiply(most, eg_wide_of(-1), &n));
	assert_int_equal(eg_wide_compare(n, least), 0);
}

static void
a_share_is_rounded_half_to_even_and_shares_of_the_largest_fit(void **state)
{
	struct eg_wide most = { .lo = UINT64_MAX, .hi = INT64_MAX };

	(void)state;
	assert_int_equal(eg_wide_share(eg_wide_of(10), 1, 4).lo, 2);  /* 2.5 */
	assert_int_equal(eg_wide_share(eg_wide_of(10), 3, 4).lo, 8);  /* 7.5 */
	assert_int_equal(eg_wide_share(eg_wide_of(100), 2, 3).lo, 67);
	assert_int_equal((int64_t)eg_wide_share(eg_wide_of(-100), 2, 3).lo, -67);
	assert_int_equal(eg_wide_share(eg_wide_of(100), 0, 3).lo, 0);
	assert_int_equal(eg_wide_compare(eg_wide_share(most, INT64_MAX, INT64_MAX), most), 0);
	/* (2^127 - 1) / 2 lies between two, and the even one is the larger. */
	assert_int_equal(eg_wide_compare(eg_wide_share(most, INT64_MAX / 2, INT64_MAX - 1),
	    (struct eg_wide){ .hi = INT64_C(1) << 62 }), 0);
}

#ifdef __SIZEOF_INT128__
__extension__ typedef __int128 native;
__extension__ typedef unsigned __int128 native_bits;

static native
to_native(struct eg_wide a)
{
	return (native)((native_bits)(uint64_t)a.hi << 64 | a.lo);
}

static struct eg_wide
to_wide(native n)
{
	return (struct eg_wide){ .lo = (uint64_t)n, .hi = (int64_t)(n >> 64) };
}

/* Of any size, so that small and large ones meet. */
static native
random_native(uint64_t *seed)
{
	native n = (native)((native_bits)next_random(seed) << 64 | next_random(seed));

	n >>= next_random(seed) % 127;
	return n == -n && n != 0 ? 1 : n;
}

static void
random_numbers_agree_with_the_machine(void **state)
{
	uint64_t seed = 20261128;
	int fits = 0;

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		native a = random_native(&seed), b = random_native(&seed), r = 0;
		struct eg_wide x = to_wide(a), y = to_wide(b), out = x, rest;
		bool fit = !__builtin_add_overflow(a, b, &r) && (r != -r || r == 0);

		assert_true(eg_wide_add(&out, y) == fit && to_native(out) == (fit ? r : a));
		fit = !__builtin_mul_overflow(a, b, &r) && (r != -r || r == 0);
		fits += fit;
		assert_true(eg_wide_multiply(x, y, &out) == fit && (!fit || to_native(out) == r));
		assert_int_equal(eg_wide_compare(x, y), (a > b) - (a < b));
		assert_int_equal(eg_wide_sign(x), (a > 0) - (a < 0));
		assert_int_equal(eg_wide_is_small(x), a == (int64_t)a);
		if (b == 0)
			continue;
		out = eg_wide_divide(x, y, &rest);
		assert_true(to_native(out) == a / b && to_native(rest) == a % b);
	}
	assert_true(fits > ROUNDS / 10 && fits < ROUNDS * 9 / 10);
}

static void
random_shares_are_the_nearest_numbers(void **state)
{
	uint64_t seed = 7;

	(void)state;
	for (int i = 0; i < ROUNDS / 10; i++) {
		int64_t whole = (int64_t)(next_random(&seed) >> (1 + next_random(&seed) % 62)) + 1;
		int64_t part = (int64_t)(next_random(&seed) % (uint64_t)whole);
		native a = random_native(&seed) >> 64, share, twice;

		share = to_native(eg_wide_share(to_wide(a), part, whole));
		twice = (a * part - share * whole) * 2; /* how far it is from the true one, times two */
		assert_true(twice <= whole && -twice <= whole);
		assert_true((twice != whole && -twice != whole) || share % 2 == 0);
	}
}
#endif

static void
random_amounts_are_read_back_as_they_were(void **state)
{
	uint64_t seed = 99;

	(void)state;
	for (int i = 0; i < ROUNDS / 10; i++) {
		struct eg_wide a, b, limit;
		char text[EG_FIXED_SIZE];
		size_t len;

		eg_wide_multiply(eg_wide_of((int64_t)(next_random(&seed) >> (1 + next_random(&seed) % 60))),
		    eg_wide_of(i % 2 == 0 ? -100 : 1), &a);
		eg_wide_multiply(one, eg_wide_of(1000 * EG_FIXED_ONE), &limit);
		if (eg_wide_compare(a, eg_wide_negative(limit)) < 0)
			continue;
		len = eg_fixed_put(a, one, 9, i % 3 == 0, text);
		assert_int_equal(eg_fixed_parse(text, len, &b), EG_NUMBER_OK);
		assert_int_equal(eg_wide_compare(a, b), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_becomes_an_amount_and_the_same_text),
		cmocka_unit_test(what_is_too_large_or_no_number_is_refused),
		cmocka_unit_test(digits_are_rounded_half_to_even_and_zeros_kept_when_asked),
		cmocka_unit_test(a_quotient_of_large_numbers_has_all_its_digits),
		cmocka_unit_test(what_does_not_fit_is_said_and_changes_nothing),
		cmocka_unit_test(a_share_is_rounded_half_to_even_and_shares_of_the_largest_fit),
#ifdef __SIZEOF_INT128__
		cmocka_unit_test(random_numbers_agree_with_the_machine),
		cmocka_unit_test(random_shares_are_the_nearest_numbers),
#endif
		cmocka_unit_test(random_amounts_are_read_back_as_they_were),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
