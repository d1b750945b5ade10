/* SPDX-License-Identifier: MIT */
/* Signed integers of 128 bits, made of limbs of 64 bits. */
#include "base/wide.h"

/* The magnitude of a number. */
struct limbs {
	uint64_t lo, hi;
};

static struct limbs
magnitude(struct eg_wide a)
{
	a = a.hi < 0 ? eg_wide_negative(a) : a;
	return (struct limbs){ .lo = a.lo, .hi = (uint64_t)a.hi };
}

static struct eg_wide
with_sign(struct limbs m, bool minus)
{
	struct eg_wide a = { .lo = m.lo, .hi = (int64_t)m.hi };

	return minus ? eg_wide_negative(a) : a;
}

/* The product of two limbs, from the products of their halves. */
static struct limbs
product(uint64_t a, uint64_t b)
{
	uint64_t al = (uint32_t)a, ah = a >> 32, bl = (uint32_t)b, bh = b >> 32;
	uint64_t low = al * bl, cross = ah * bl + (low >> 32), other = al * bh + (uint32_t)cross;

	return (struct limbs){ .lo = other << 32 | (uint32_t)low,
		.hi = ah * bh + (cross >> 32) + (other >> 32) };
}

uint64_t
eg_upper_product(uint64_t a, uint64_t b)
{
	return product(a, b).hi;
}

bool
eg_wide_multiply(struct eg_wide a, struct eg_wide b, struct eg_wide *out)
{
	struct limbs x = magnitude(a), y = magnitude(b), r, upper;

	if (x.hi != 0 && y.hi != 0)
		return false;
	r = product(x.lo, y.lo);
	upper = x.hi != 0 ? product(x.hi, y.lo) : product(y.hi, x.lo);
	if (upper.hi != 0 || __builtin_add_overflow(r.hi, upper.lo, &r.hi) || r.hi > INT64_MAX)
		return false;
	*out = with_sign(r, (a.hi < 0) != (b.hi < 0));
	return true;
}

static int
bits(struct limbs a)
{
	if (a.hi != 0)
		return 128 - __builtin_clzll(a.hi);
	return a.lo == 0 ? 0 : 64 - __builtin_clzll(a.lo);
}

static struct limbs
shifted(struct limbs a, int n)
{
	if (n == 0)
		return a;
	if (n >= 64)
		return (struct limbs){ .lo = 0, .hi = a.lo << (n - 64) };
	return (struct limbs){ .lo = a.lo << n, .hi = a.hi << n | a.lo >> (64 - n) };
}

/* Subtracts b from *a if b <= *a; returns whether it did. */
static bool
subtract(struct limbs *a, struct limbs b)
{
	if (a->hi < b.hi || (a->hi == b.hi && a->lo < b.lo))
		return false;
	a->hi -= b.hi + (a->lo < b.lo);
	a->lo -= b.lo;
	return true;
}

/* The upper 64 bits of a >> n, with 2 <= n <= 64. */
static uint64_t
upper(struct limbs a, int n)
{
	/* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): n is 2 to 64 */
	return a.hi << (64 - n) | a.lo >> 1 >> (n - 1);
}

/* Divides *a by b, of more than 64 bits. Each turn takes a part of the quotient that is too small
 * by little: the upper 63 bits of the rest, by those of b and one more. */
static uint64_t
divide_long(struct limbs *a, struct limbs b)
{
	uint64_t q = 0;

	while (a->hi > b.hi || (a->hi == b.hi && a->lo >= b.lo)) {
		int n = bits(*a) - 63;
		uint64_t part = upper(*a, n) / (upper(b, n) + 1);
		struct limbs taken;

		part += part == 0; /* the rest is not less than b, so it holds b once */
		taken = product(part, b.lo);
		taken.hi += part * b.hi;
		(void)subtract(a, taken);
		q += part;
	}
	return q;
}

/* Divides *a by b. Returns the quotient; *a becomes the remainder. */
static struct limbs
divide(struct limbs *a, struct limbs b)
{
	struct limbs q = { 0 };

	if (b.hi == 0 && b.lo == 0)
		return q;
	if (b.hi != 0)
		return (struct limbs){ .lo = divide_long(a, b) };
	if (a->hi == 0 && b.lo != 0) { /* clang-tidy needs the last one */
		q.lo = a->lo / b.lo;
		a->lo %= b.lo;
		return q;
	}
	for (int n = bits(*a) - bits(b); n >= 0; n--) {
		q = shifted(q, 1);
		q.lo |= subtract(a, shifted(b, n));
	}
	return q;
}

struct eg_wide
eg_wide_divide(struct eg_wide a, struct eg_wide b, struct eg_wide *rest)
{
	struct limbs r = magnitude(a), q = divide(&r, magnitude(b));

	*rest = with_sign(r, a.hi < 0);
	return with_sign(q, (a.hi < 0) != (b.hi < 0));
}

struct eg_wide
eg_wide_share(struct eg_wide a, int64_t part, int64_t whole)
{
	struct limbs m = magnitude(a), low = product(m.lo, (uint64_t)part), q = { 0 };
	struct limbs high = product(m.hi, (uint64_t)part);
	uint64_t limb[3] = { high.hi, high.lo, low.lo }, rest = 0, w = (uint64_t)whole;

	/* Divides three limbs by one, bit by bit. The remainder stays below whole, so its double
	 * fits. */
	limb[0] += __builtin_add_overflow(limb[1], low.hi, &limb[1]);
	for (int n = 191; n >= 0; n--) {
		uint64_t bit = limb[2 - n / 64] >> n % 64 & 1;

		rest = rest << 1 | bit;
		q = shifted(q, 1);
		if (rest >= w) {
			rest -= w;
			q.lo |= 1;
		}
	}
	if (rest > w - rest || (rest == w - rest && q.lo % 2 == 1))
		q.hi += ++q.lo == 0;
	return with_sign(q, a.hi < 0);
}
