/* SPDX-License-Identifier: MIT */
/* CRC-16 checksums of telegrams, in the variants that process the lowest bit first (reflected). */
#ifndef EG_CRC16_H
#define EG_CRC16_H

#include <stddef.h>

/* Adds len bytes to crc (0..0xffff), by the reflected polynomial: 0xA001 and 0 at first for
 * CRC-16/ARC, 0x8408 and 0xffff at first, complemented at last, for CRC-16/X.25. */
unsigned eg_crc16(unsigned polynomial, unsigned crc, const void *bytes, size_t len);

#endif
