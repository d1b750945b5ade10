/* SPDX-License-Identifier: MIT */
/* Finds special bytes in text, eight bytes at a time (SWAR: SIMD within a register). */
#ifndef EG_SWAR_H
#define EG_SWAR_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define EG_SWAR_HIGH UINT64_C(0x8080808080808080)
#define EG_SWAR_ONES (EG_SWAR_HIGH / 0x80) /* a byte times this is eight of it */

/* Counts the bytes at p before the first special byte, 0 to 8. A byte is special if it is one of
 * the four stops (which may be equal), below least, or not printable ASCII. The high bit in stop
 * marks special bytes; a borrow or carry can set wrong bits only above the first one. */
static inline __attribute__((always_inline)) size_t
eg_swar_prefix_from(const char *p, char least, const char stops[5])
{
	const uint64_t ones = EG_SWAR_ONES;
	uint64_t x, stop;

	memcpy(&x, p, 8);
	x = le64toh(x);
	stop = (x - (uint64_t)least * ones) | (x + ones) | x;
	/* Not in a loop: gcc -O2 would not unroll it. */
	stop |= ((x ^ (uint64_t)stops[0] * ones) - ones) | ((x ^ (uint64_t)stops[1] * ones) - ones);
	stop |= ((x ^ (uint64_t)stops[2] * ones) - ones) | ((x ^ (uint64_t)stops[3] * ones) - ones);
	stop &= EG_SWAR_HIGH;
	return stop == 0 ? 8 : (unsigned)__builtin_ctzll(stop) / 8;
}

/* The same with the blank as the least byte that is not special. */
static inline __attribute__((always_inline)) size_t
eg_swar_prefix(const char *p, const char stops[5])
{
	return eg_swar_prefix_from(p, ' ', stops);
}

/* A high bit for each byte of x that is above 9. */
static inline __attribute__((always_inline)) uint64_t
eg_swar_above_9(uint64_t x)
{
	return (((x & ~EG_SWAR_HIGH) + (0x80 - 10) * EG_SWAR_ONES) | x) & EG_SWAR_HIGH;
}

/* Reads the 8 bytes at p, less '0', the first in the lowest byte. Returns a high bit for each byte
 * that is no digit. */
static inline __attribute__((always_inline)) uint64_t
eg_swar_no_digits(const char *p, uint64_t *digits)
{
	uint64_t x;

	memcpy(&x, p, 8);
	*digits = x = le64toh(x) ^ '0' * EG_SWAR_ONES;
	return eg_swar_above_9(x);
}

/* The number of eight digits, each a byte less '0', the first in the lowest byte. */
static inline uint32_t
eg_swar_number(uint64_t x)
{
	/* Numbers of two, four, then eight digits. */
	x = (x * 10 + (x >> 8)) & UINT64_C(0x00ff00ff00ff00ff);
	x = (x * 100 + (x >> 16)) & UINT64_C(0x0000ffff0000ffff);
	return (uint32_t)(x * 10000 + (x >> 32));
}

/* Reads the 8 digits at p as a number. False: not all are digits. */
static inline bool
eg_swar_digits(const char *p, uint32_t *n)
{
	uint64_t x;

	if (eg_swar_no_digits(p, &x) != 0)
		return false;
	*n = eg_swar_number(x);
	return true;
}

/* Reads 1 to 8 bytes, the first in the lowest byte. */
static inline uint64_t
eg_swar_load(const char *p, size_t len)
{
	uint32_t a, b;

	if (len < 4)
		return (uint64_t)(unsigned char)p[0] |
		    (uint64_t)(unsigned char)p[len / 2] << 8 * (len / 2) |
		    (uint64_t)(unsigned char)p[len - 1] << 8 * (len - 1);
	memcpy(&a, p, 4);
	memcpy(&b, p + len - 4, 4);
	return le32toh(a) | (uint64_t)le32toh(b) << 8 * (len - 4);
}

/* The end of the plain number at p: digits, with at most one point behind the first. NULL: it does
 * not begin with a digit, or is longer than 7 bytes. 8 bytes can be read at p. *whole: the digits
 * before the point. */
static inline __attribute__((always_inline)) const char *
eg_swar_number_end(const char *p, size_t *whole)
{
	uint64_t digits, other = eg_swar_no_digits(p, &digits);
	size_t n;

	if (other == 0)
		return NULL;
	n = *whole = (unsigned)__builtin_ctzll(other) / 8;
	if (p[n] == '.') {
		other &= other - 1;
		if (other == 0)
			return NULL;
		n = (unsigned)__builtin_ctzll(other) / 8;
	}
	return *whole > 0 ? p + n : NULL;
}

/* Whether the texts of w and at p are equal. 8 bytes can be read behind both. */
static inline __attribute__((always_inline)) bool
eg_swar_equal(const char *p, const char *w, size_t len)
{
	uint64_t x, y;

	for (; len >= 8; len -= 8, p += 8, w += 8) {
		memcpy(&x, p, 8);
		memcpy(&y, w, 8);
		if (x != y)
			return false;
	}
	memcpy(&x, p, 8);
	memcpy(&y, w, 8);
	return len == 0 || le64toh(x ^ y) << (64 - 8 * len) == 0;
}

/* Copies n > 0 bytes. 8 bytes can be read and written behind both. */
static inline __attribute__((always_inline)) void
eg_swar_copy(char *to, const char *from, size_t n)
{
	for (size_t i = 0; i < n; i += 8)
		memcpy(to + i, from + i, 8);
}

#endif
