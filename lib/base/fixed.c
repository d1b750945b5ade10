/* SPDX-License-Identifier: MIT */
/* Exact amounts: decimal text as integers of 10^-9, and quotients as decimal text. */
#include "base/fixed.h"

#include <string.h>

#include "base/number.h"

#define PLACES 9     /* digits after the point in an amount */
#define WHOLE_MAX 13 /* digits before the point: those of 10^12 */
#define PLAIN 9      /* digits before the point so that all digits of an amount fit in 64 bits */

static const int64_t power[PLACES + 1] = {
	1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000,
};

/* The fast path for most values: few digits, at most one '-' and one point. */
static bool
parse_short(const char *s, size_t len, struct eg_wide *out)
{
	const char *first = s + (len > 0 && *s == '-'), *p = first, *end = s + len;
	int64_t n = 0;
	int places = PLACES;

	for (; p < end && eg_is_digit(*p) && p - first < PLAIN; p++)
		n = n * 10 + (*p - '0');
	if (p == first)
		return false;
	if (p < end && *p == '.')
		for (p++; p < end && eg_is_digit(*p) && places > 0; p++, places--)
			n = n * 10 + (*p - '0');
	if (p < end)
		return false;
	n *= power[places];
	*out = eg_wide_of(*s == '-' ? -n : n);
	return true;
}

/* The digits of a mantissa without leading zeros, and how many are before the point. */
struct digits {
	char at[72];
	int count, point;
};

/* Reads a decimal that eg_decimal_check accepted. Returns its exponent, limited to -1000..1000. */
static int
read_digits(const char *p, const char *end, struct digits *d)
{
	bool behind = false, minus;
	int exponent = 0;

	for (; p < end && (*p | 0x20) != 'e'; p++) {
		if (*p == '.') {
			behind = true;
			continue;
		}
		if (d->count > 0 || *p != '0')
			d->at[d->count++] = *p;
		d->point += behind ? -(d->count == 0) : d->count > 0;
	}
	if (p == end)
		return 0;
	minus = *++p == '-';
	for (p += minus || *p == '+'; p < end; p++)
		exponent = exponent > 100 ? 1000 : exponent * 10 + (*p - '0');
	return minus ? -exponent : exponent;
}

/* Whether the digits from `at` on round the number before them up. odd: that number is odd. */
static bool
rounds_up(const struct digits *d, int at, bool odd)
{
	if (at < 0 || at >= d->count || d->at[at] < '5')
		return false;
	if (d->at[at] > '5' || odd)
		return true;
	for (int i = at + 1; i < d->count; i++)
		if (d->at[i] != '0')
			return true;
	return false;
}

enum eg_number
eg_fixed_parse(const char *s, size_t len, struct eg_wide *out)
{
	static const struct eg_wide ten = { .lo = 10 };
	struct eg_wide n = { 0 }, limit;
	struct digits d = { .count = 0 };
	enum eg_number verdict;
	int last;

	if (parse_short(s, len, out))
		return EG_NUMBER_OK;
	if ((verdict = eg_decimal_check(s, len)) != EG_NUMBER_OK)
		return verdict;
	d.point += read_digits(s + (*s == '-' || *s == '+'), s + len, &d);
	if (d.count > 0 && d.point > WHOLE_MAX)
		return EG_NUMBER_RANGE;
	last = d.count > 0 ? d.point + PLACES : 0;
	for (int i = 0; i < last; i++)
		if (!eg_wide_multiply(n, ten, &n) ||
		    !eg_wide_add(&n, eg_wide_of(i < d.count ? d.at[i] - '0' : 0)))
			return EG_NUMBER_RANGE;
	eg_wide_add(&n, eg_wide_of(rounds_up(&d, last, n.lo % 2 == 1)));
	eg_wide_multiply(eg_wide_of(1000 * EG_FIXED_ONE), eg_wide_of(EG_FIXED_ONE), &limit);
	if (eg_wide_compare(n, limit) > 0)
		return EG_NUMBER_RANGE;
	*out = *s == '-' ? eg_wide_negative(n) : n;
	return EG_NUMBER_OK;
}

/* Adds 1 to the last digit of the decimal in from..end, whose first digit is 0. */
static void
step_up(char *from, char *end)
{
	for (char *p = end - 1; p >= from; p--) {
		if (*p == '.')
			continue;
		if (*p != '9') {
			(*p)++;
			return;
		}
		*p = '0';
	}
}

/* Writes the last `count` digits of n. */
static char *
put_digits(char *o, uint64_t n, int count)
{
	for (int i = count - 1; i >= 0; i--, n /= 10)
		o[i] = (char)('0' + n % 10);
	return o + count;
}

/* Writes the digits of n, which is not negative. */
static char *
put_whole(char *o, struct eg_wide n)
{
	struct eg_wide rest;
	int count = 1;

	if (n.hi != 0 || n.lo >= UINT64_MAX / 10) {
		n = eg_wide_divide(n, eg_wide_of(power[PLACES]), &rest);
		return put_digits(put_whole(o, n), rest.lo, PLACES);
	}
	for (uint64_t above = 10; n.lo >= above; above *= 10)
		count++;
	return put_digits(o, n.lo, count);
}

/* Whether a remainder rounds up: 2 * rest > unit, or equal and the digit before is odd. */
static bool
more_than_half(struct eg_wide rest, struct eg_wide unit, char before)
{
	int c;

	eg_wide_add(&rest, rest);
	c = eg_wide_compare(rest, unit);
	return c > 0 || (c == 0 && (before - '0') % 2 == 1);
}

/* Writes amount / unit, neither negative, with `digits` digits after the point. */
static char *
put_quotient(char *o, struct eg_wide amount, struct eg_wide unit, int digits)
{
	char *from = o;
	struct eg_wide rest;

	*o++ = '0'; /* room for a carry */
	o = put_whole(o, eg_wide_divide(amount, unit, &rest));
	if (digits > 0)
		*o++ = '.';
	while (digits > 0) {
		int count = digits < PLACES ? digits : PLACES;

		if (eg_wide_sign(rest) == 0) { /* only zeros follow */
			memset(o, '0', (size_t)digits);
			return o + digits;
		}
		while (!eg_wide_multiply(rest, eg_wide_of(power[count]), &rest))
			count--;
		o = put_digits(o, eg_wide_divide(rest, unit, &rest).lo, count);
		digits -= count;
	}
	if (more_than_half(rest, unit, o[-1]))
		step_up(from, o);
	return o;
}

size_t
eg_fixed_put(struct eg_wide amount, struct eg_wide unit, int digits, bool keep,
    char out[EG_FIXED_SIZE])
{
	bool minus = eg_wide_sign(amount) < 0;
	char text[EG_FIXED_SIZE], *from = text, *end;
	size_t len, sign;

	end = put_quotient(text, minus ? eg_wide_negative(amount) : amount, unit, digits);
	if (!keep && digits > 0) {
		while (end[-1] == '0')
			end--;
		end -= end[-1] == '.';
	}
	*end = '\0';
	from += *from == '0';
	len = (size_t)(end - from);
	sign = minus && strspn(from, "0.") < len;
	out[0] = '-';
	memcpy(out + sign, from, len + 1);
	return sign + len;
}
