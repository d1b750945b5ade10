/* SPDX-License-Identifier: MIT */
/* Strict parsing of numbers: accepts the whole text or nothing, and always checks a range. */
#include "base/number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/swar.h"

#define DECIMAL_MAX 64 /* largest length in bytes, as EG_VALUE_MAX */
#define SAFE_EXP 240   /* 64 digits times 10^SAFE_EXP are below 1e308 */

static const char *
skip_digits(const char *p, const char *end)
{
	while (p < end && eg_is_digit(*p))
		p++;
	return p;
}

/* The parts of a decimal; each pointer is the end of one part and the start of the next. */
struct decimal {
	const char *whole;    /* start of the whole digits */
	const char *point;    /* end of the whole digits: the point, if there is one */
	const char *exponent; /* end of the mantissa: the 'e', if there is one */
};

/* Finds the parts of the mantissa at s; false if it has no digit. */
static inline bool
split_mantissa(const char *s, const char *end, struct decimal *d)
{
	const char *p = s;

	if (p < end && (*p == '-' || *p == '+'))
		p++;
	d->whole = p;
	d->point = p = skip_digits(p, end);
	if (p < end && *p == '.')
		p = skip_digits(p + 1, end);
	d->exponent = p;
	return p - d->whole > (p != d->point);
}

/* Reads the exponent in e..end. A large exponent is replaced by a number above SAFE_EXP. */
static bool
read_exponent(const char *e, const char *end, int *exponent)
{
	bool minus;
	int n = 0;

	if ((*e | 0x20) != 'e')
		return false;
	minus = ++e < end && *e == '-';
	if (e < end && (*e == '-' || *e == '+'))
		e++;
	if (e == end || skip_digits(e, end) != end)
		return false;
	for (; e < end; e++)
		n = n > SAFE_EXP ? n : n * 10 + (*e - '0');
	*exponent = minus ? 0 : n;
	return true;
}

/* Not inlined, since its array would slow down eg_decimal_value. */
static __attribute__((noinline)) double
to_double(const char *s, size_t len)
{
	char text[DECIMAL_MAX + 1];

	memcpy(text, s, len);
	text[len] = '\0';
	return strtod(text, NULL);
}

/* Powers of ten that are exact as doubles, as is an integer of up to 15 digits. The quotient of two
 * such numbers is rounded once, so it equals the result of strtod(3). */
static const double power[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12,
	1e13, 1e14, 1e15 };

/* Reads up to 16 bytes of digits with at most one point. Returns false for other forms. */
static bool
read_plain(const char *p, const char *end, double *x)
{
	const char *whole_end = end;
	int64_t n = 0;

	for (; p < end; p++)
		if (eg_is_digit(*p))
			n = n * 10 + (*p - '0');
		else if (*p == '.')
			whole_end = p + 1;
		else
			return false;
	*x = (double)n / power[end - whole_end];
	return n <= INT64_C(999999999999999);
}

/* The same for 1 to 8 bytes, all at once. */
static inline bool
read_short(const char *p, size_t len, double *x)
{
	/* The last byte is the highest; zeros come before the first. */
	uint64_t digits = (eg_swar_load(p, len) ^ '0' * EG_SWAR_ONES) << 8 * (8 - len),
	    other = eg_swar_above_9(digits), above;
	unsigned at;

	if (other == 0) {
		*x = eg_swar_number(digits);
		return true;
	}
	/* The bytes before the point move to its place. */
	at = (unsigned)__builtin_ctzll(other) - 7;
	if ((other & (other - 1)) != 0 || (digits >> at & 0xff) != ('.' ^ '0'))
		return false;
	above = UINT64_MAX << at << 8;
	digits = (digits & above) | (digits << 8 & ~above);
	*x = eg_swar_number(digits) / power[7 - at / 8];
	return true;
}

double
eg_decimal_value(const char *s, size_t len)
{
	bool sign = *s == '-' || *s == '+';
	const char *p = s + sign;
	size_t n = len - sign;
	double x;

	if (n <= 8 ? !read_short(p, n, &x) : n > 16 || !read_plain(p, s + len, &x))
		return to_double(s, len);
	return *s == '-' ? -x : x;
}

/* Checks a decimal with an exponent, which begins at e. */
static __attribute__((cold, noinline)) enum eg_number
check_exponent(const char *s, const char *e, const char *end)
{
	int exponent;

	if (!read_exponent(e, end, &exponent))
		return EG_NUMBER_FORM;
	if (exponent <= SAFE_EXP || isfinite(to_double(s, (size_t)(end - s))))
		return EG_NUMBER_OK;
	return EG_NUMBER_RANGE;
}

enum eg_number
eg_decimal_check(const char *s, size_t len)
{
	const char *end = s + len;
	struct decimal d;

	if (len > DECIMAL_MAX || !split_mantissa(s, end, &d))
		return EG_NUMBER_FORM;
	return d.exponent == end ? EG_NUMBER_OK : check_exponent(s, d.exponent, end);
}

size_t
eg_decimal_json(const char *s, size_t len, char *out)
{
	const char *end = s + len, *p;
	struct decimal d;
	char *o = out;

	split_mantissa(s, end, &d);
	if (*s == '-')
		*o++ = '-';
	for (p = d.whole; p < d.point && *p == '0'; p++)
		;
	if (p == d.point)
		*o++ = '0';
	memcpy(o, p, (size_t)(d.exponent - p));
	o += d.exponent - p;
	if (d.exponent == d.point + 1)
		*o++ = '0';
	memcpy(o, d.exponent, (size_t)(end - d.exponent));
	o += end - d.exponent;
	return (size_t)(o - out);
}
