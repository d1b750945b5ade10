/* SPDX-License-Identifier: MIT */
/* Signed integers of 128 bits, the same on machines that have none: exact sums and products of
 * amounts. Nothing overflows silently: the functions return false if a result does not fit. */
#ifndef EG_WIDE_H
#define EG_WIDE_H

#include <stdbool.h>
#include <stdint.h>

/* Two's complement. Never the least value, -2^127, so that each has a negative. */
struct eg_wide {
	uint64_t lo;
	int64_t hi;
};

static inline struct eg_wide
eg_wide_of(int64_t n)
{
	return (struct eg_wide){ .lo = (uint64_t)n, .hi = n < 0 ? -1 : 0 };
}

/* -1, 0 or 1. */
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

/* Whether a is a number of 64 bits, which is a.lo then. */
static inline bool
eg_wide_is_small(struct eg_wide a)
{
	return a.hi == ((int64_t)a.lo < 0 ? -1 : 0);
}

/* Below, at or above 0 as a is less than, equal to or more than b. */
static inline int
eg_wide_compare(struct eg_wide a, struct eg_wide b)
{
	if (a.hi != b.hi)
		return a.hi < b.hi ? -1 : 1;
	return a.lo < b.lo ? -1 : a.lo > b.lo;
}

/* Adds b to *sum. False, and *sum as it was, when the result does not fit. */
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

/* The upper 64 of the 128 bits of a times b. */
uint64_t eg_upper_product(uint64_t a, uint64_t b);

/* a times b into *out. False, and *out as it was, when the product does not fit. */
bool eg_wide_multiply(struct eg_wide a, struct eg_wide b, struct eg_wide *out);

/* a / b, rounded towards zero, and in *rest what is left, with a's sign. With
 * b = 0 the quotient is 0 and the rest a. */
struct eg_wide eg_wide_divide(struct eg_wide a, struct eg_wide b, struct eg_wide *rest);

/* a times part / whole, rounded half to even, with 0 <= part <= whole and whole > 0: the
 * product before the division may be as large as it likes. */
struct eg_wide eg_wide_share(struct eg_wide a, int64_t part, int64_t whole);

#endif
