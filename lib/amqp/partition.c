/* SPDX-License-Identifier: MIT */
/* The partition of a super stream that a sensor belongs to: MurmurHash3_x86_32. The constants
 * are those of its author (https://github.com/aappleby/smhasher, MurmurHash3.cpp). */
#include "amqp/partition.h"

enum { SEED = 104729 };

static uint32_t
rotate(uint32_t x, int bits)
{
	return x << bits | x >> (32 - bits);
}

static uint32_t
scramble(uint32_t block)
{
	return rotate(block * UINT32_C(0xcc9e2d51), 15) * UINT32_C(0x1b873593);
}

/* The n bytes, 1 to 4, as a number whose first byte is the lowest, on any machine. */
static uint32_t
little_endian(const unsigned char *s, size_t n)
{
	uint32_t block = 0;

	while (n-- > 0)
		block = block << 8 | s[n];
	return block;
}

static uint32_t
murmur3(const unsigned char *s, size_t len)
{
	uint32_t h = SEED;
	size_t i;

	for (i = 0; i + 4 <= len; i += 4)
		h = rotate(h ^ scramble(little_endian(s + i, 4)), 13) * 5 + UINT32_C(0xe6546b64);
	if (i < len)
		h ^= scramble(little_endian(s + i, len - i));
	h ^= (uint32_t)len;
	h = (h ^ h >> 16) * UINT32_C(0x85ebca6b);
	h = (h ^ h >> 13) * UINT32_C(0xc2b2ae35);
	return h ^ h >> 16;
}

uint32_t
eg_partition(const void *key, size_t len, uint32_t n)
{
	return murmur3(key, len) % n;
}
