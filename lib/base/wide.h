/* SPDX-License-Identifier: MIT */
/* Signed integers of 128 bits, also on machines whose compiler has none. For exact sums and
 * products of amounts. Overflow is never silent: a function returns false if its result does not
 * fit. */
#ifndef EG_WIDE_H
#define EG_WIDE_H

#include <stdbool.h>
#include <stdint.h>

/* Two's complement. -2^127 is not used, so that each number can be negated. */
struct eg_wide {
	uint64_t lo;
	int64_t hi;
};

static inline struct eg_wide
eg_wide_of(int64_t n)
{
	return (struct eg_wide){ .lo = (uint64_t)n, .hi = n < 0 ? -1 : 0 };
}

/* The sign: -1, 0 or 1. */
static inline int
eg_wide_sign(struct eg_wide a)
{
	return a.hi < 0 ? -1 : (a.hi | (int64_t)(a.lo >> 1) | (int64_t)(a.lo & 1)) != 0;
}

static inline struct eg_wide
eg_wide_negative(struct eg_wide a)
{
	uint64_t lo = ~a.lo + 1;

	return (struct eg_wide){ .lo = lo, .hi = (int64_t)(~(uint64_t)a.hi + (lo == 0)) };
}

/* Whether a fits in 64 bits; then a.lo is its value. */
static inline bool
eg_wide_is_small(struct eg_wide a)
{
	return a.hi == ((int64_t)a.lo < 0 ? -1 : 0);
}

/* Compares: negative, 0 or positive as a is less than, equal to or greater than b. */
static inline int
eg_wide_compare(struct eg_wide a, struct eg_wide b)
{
	if (a.hi != b.hi)
		return a.hi < b.hi ? -1 : 1;
	return a.lo < b.lo ? -1 : a.lo > b.lo;
}

/* Adds b to *sum. Returns false, and leaves *sum unchanged, if the result does not fit. */
static inline bool
eg_wide_add(struct eg_wide *sum, struct eg_wide b)
{
	uint64_t lo = sum->lo + b.lo;
	int64_t hi;

	if (__builtin_add_overflow(sum->hi, b.hi, &hi) || __builtin_add_overflow(hi, lo < b.lo, &hi) ||
	    (hi == INT64_MIN && lo == 0))
		return false;
	*sum = (struct eg_wide){ .lo = lo, .hi = hi };
	return true;
}

static inline bool
eg_wide_subtract(struct eg_wide *from, struct eg_wide b)
{
	return eg_wide_add(from, eg_wide_negative(b));
}

/* The upper 64 bits of the 128-bit product of a and b. */
uint64_t eg_upper_product(uint64_t a, uint64_t b);

/* Multiplies a by b into *out. Returns false, and leaves *out unchanged, if the product does not
 * fit. */
bool eg_wide_multiply(struct eg_wide a, struct eg_wide b, struct eg_wide *out);

/* Returns a / b, rounded towards zero. *rest is the remainder, with a's sign. If b is 0, the
 * quotient is 0 and the remainder a. */
struct eg_wide eg_wide_divide(struct eg_wide a, struct eg_wide b, struct eg_wide *rest);

/* Returns a * part / whole, rounded half to even, with 0 <= part <= whole and whole > 0. The
 * product may be larger than 128 bits; only the result has to fit. */
struct eg_wide eg_wide_share(struct eg_wide a, int64_t part, int64_t whole);

#endif
