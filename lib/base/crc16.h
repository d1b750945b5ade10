/* SPDX-License-Identifier: MIT */
/* CRC-16 checksums that process the lowest bit first (reflected), as in telegrams of meters. */
#ifndef EG_CRC16_H
#define EG_CRC16_H

#include <stddef.h>

/* Returns the checksum crc (0..0xffff), extended by len bytes. polynomial is in its reflected
 * form. CRC-16/ARC: polynomial 0xA001, start with crc 0. CRC-16/X.25: polynomial 0x8408, start
 * with crc 0xffff, and complement the result. */
unsigned eg_crc16(unsigned polynomial, unsigned crc, const void *bytes, size_t len);

#endif
