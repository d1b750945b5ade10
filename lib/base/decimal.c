/* SPDX-License-Identifier: MIT */
#include "base/decimal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The mantissa stays, the exponent that stands behind `at` bytes of s changes. */
static size_t
shift_exponent(const char *s, size_t at, size_t len, int n, char *out)
{
	char text[72];

	memcpy(text, s + at + 1, len - at - 1);
	text[len - at - 1] = '\0';
	memcpy(out, s, at + 1);
	return at + 1 +
	    (size_t)snprintf(out + at + 1, EG_DECIMAL_SIZE - at - 1, "%ld", strtol(text, NULL, 10) + n);
}

size_t
eg_decimal_shift(const char *s, size_t len, int n, char *out)
{
	char digits[72];
	size_t sign = *s == '-' || *s == '+', count = 0, at;
	long point = -1, i;
	char *o = out;

	for (at = sign; at < len && (s[at] | 0x20) != 'e'; at++) {
		if (s[at] == '.')
			point = (long)count;
		else
			digits[count++] = s[at];
	}
	if (at < len)
		return shift_exponent(s, at, len, n, out);
	point = (point < 0 ? (long)count : point) + n;
	if (sign > 0)
		*o++ = *s;
	for (i = 0; i < point && i < (long)count && digits[i] == '0'; i++)
		;
	if (i >= point || i == (long)count) { /* nothing but zeros in front of the point */
		*o++ = '0';
		i = i > point ? i : point;
	}
	for (; i < point; i++)
		*o++ = i < (long)count ? digits[i] : '0';
	if (point >= (long)count)
		return (size_t)(o - out);
	*o++ = '.';
	for (i = point; i < 0; i++)
		*o++ = '0';
	memcpy(o, digits + i, count - (size_t)i);
	return (size_t)(o - out) + count - (size_t)i;
}
