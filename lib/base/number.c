/* SPDX-License-Identifier: MIT */
/* Strict parsing of numbers: accepts the whole text or nothing, and always checks a range. */
#include "base/number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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

/* An integer of up to 15 digits and a power of ten up to 10^15 are exact as doubles. Their
 * quotient is rounded once, so it equals the result of strtod(3). Other forms are left to
 * strtod. */
double
eg_decimal_value(const char *s, size_t len)
{
	static const double power[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10,
		1e11, 1e12, 1e13, 1e14, 1e15 };
	const char *p = s, *end = s + len, *point;
	int64_t n = 0;
	double x;

	p += *p == '-' || *p == '+';
	if (end - p > 16)
		return to_double(s, len);
	for (; p < end && eg_is_digit(*p); p++)
		n = n * 10 + (*p - '0');
	point = p < end && *p == '.' ? ++p : NULL;
	if (point != NULL)
		for (; p < end && eg_is_digit(*p); p++)
			n = n * 10 + (*p - '0');
	if (p != end || (point == NULL && n > INT64_C(999999999999999)))
		return to_double(s, len);
	x = (double)n / power[point != NULL ? end - point : 0];
	return *s == '-' ? -x : x;
}

/* Checks a decimal with an exponent, which begins at e. */
static __attribute__((noinline)) enum eg_number
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
