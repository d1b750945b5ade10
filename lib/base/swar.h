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
 * the four stops (which may be equal) or not printable ASCII. The high bit in stop marks special
 * bytes; a borrow or carry can set wrong bits only above the first one. */
static inline __attribute__((always_inline)) size_t
eg_swar_prefix(const char *p, const char stops[5])
{
	const uint64_t ones = EG_SWAR_ONES;
	uint64_t x, stop;

	memcpy(&x, p, 8);
	x = le64toh(x);
	stop = (x - ' ' * ones) | (x + ones) | x;
	/* Not in a loop: gcc -O2 would not unroll it. */
	stop |= ((x ^ (uint64_t)stops[0] * ones) - ones) | ((x ^ (uint64_t)stops[1] * ones) - ones);
	stop |= ((x ^ (uint64_t)stops[2] * ones) - ones) | ((x ^ (uint64_t)stops[3] * ones) - ones);
	stop &= EG_SWAR_HIGH;
	return stop == 0 ? 8 : (unsigned)__builtin_ctzll(stop) / 8;
}

/* Reads the 8 bytes at p, less '0', the first in the lowest byte. Returns a high bit for each byte
 * that is no digit. */
static inline __attribute__((always_inline)) uint64_t
eg_swar_no_digits(const char *p, uint64_t *digits)
{
	uint64_t x;

	memcpy(&x, p, 8);
	*digits = x = le64toh(x) ^ '0' * EG_SWAR_ONES;
	return (((x & ~EG_SWAR_HIGH) + (0x80 - 10) * EG_SWAR_ONES) | x) & EG_SWAR_HIGH;
}

/* Reads the 8 digits at p as a number. False: not all are digits. */
static inline bool
eg_swar_digits(const char *p, uint32_t *n)
{
	uint64_t x;

	if (eg_swar_no_digits(p, &x) != 0)
		return false;
	/* The first digit is in the lowest byte. Numbers of two, four, then eight digits. */
	x = (x * 10 + (x >> 8)) & UINT64_C(0x00ff00ff00ff00ff);
	x = (x * 100 + (x >> 16)) & UINT64_C(0x0000ffff0000ffff);
	*n = (uint32_t)(x * 10000 + (x >> 32));
	return true;
}

#endif
