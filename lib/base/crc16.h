/* SPDX-License-Identifier: MIT */
/* Checksums of telegrams: the family of CRC-16 that goes from the lowest bit. */
#ifndef EG_CRC16_H
#define EG_CRC16_H

#include <stddef.h>

/* Adds len bytes to crc (0..0xffff), by the reflected polynomial: 0xA001 and 0 at first for
 * CRC-16/ARC, 0x8408 and 0xffff at first, complemented at last, for CRC-16/X.25. */
unsigned eg_crc16(unsigned polynomial, unsigned crc, const void *bytes, size_t len);

#endif
