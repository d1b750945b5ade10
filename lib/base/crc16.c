/* SPDX-License-Identifier: MIT */
#include "base/crc16.h"

unsigned
eg_crc16(unsigned polynomial, unsigned crc, const void *bytes, size_t len)
{
	const unsigned char *s = bytes;

	for (size_t i = 0; i < len; i++) {
		crc ^= s[i];
		for (int k = 0; k < 8; k++)
			crc = (crc & 1) != 0 ? (crc >> 1) ^ polynomial : crc >> 1;
	}
	return crc;
}
