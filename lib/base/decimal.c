/* SPDX-License-Identifier: MIT */
#include "base/decimal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Copies the mantissa and changes the exponent; it begins at byte `at` of s. */
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
	if (i >= point || i == (long)count) { /* only zeros come before the point */
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

size_t
eg_decimal_times(const char *s, size_t len, int factor, int n, char *out)
{
	char product[80];
	size_t at = sizeof(product), sign = *s == '-' || *s == '+';
	int carry = 0;

	if (len <= sign)
		return 0;
	/* Multiplies from the last digit to the first; the point stays in its place. */
	for (size_t i = len; i > sign; i--) {
		if ((s[i - 1] | 0x20) == 'e')
			return 0;
		if (s[i - 1] == '.') {
			product[--at] = '.';
			continue;
		}
		carry += (s[i - 1] - '0') * factor;
		product[--at] = (char)('0' + carry % 10);
		carry /= 10;
	}
	for (; carry > 0; carry /= 10)
		product[--at] = (char)('0' + carry % 10);
	if (sign > 0)
		product[--at] = *s;
	return eg_decimal_shift(product + at, sizeof(product) - at, n, out);
}
