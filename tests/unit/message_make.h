/* SPDX-License-Identifier: MIT */
/* Makes messages with one value: a text with a value and a unit, a telegram, SML, DLMS. */
#ifndef EG_MESSAGE_MAKE_H
#define EG_MESSAGE_MAKE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/crc16.h"
#include "dlms_make.h"

/* The template with value for @V and unit for @U. */
static struct bytes
fill(const char *template, const char *value, const char *unit)
{
	struct bytes b = { 0 };

	for (; *template != '\0'; template++) {
		const char *put = template[0] != '@' ? NULL : template[1] == 'V' ? value : unit;

		if (put == NULL)
			push(&b, template, 1);
		else
			push(&b, put, strlen(put));
		template += put != NULL;
	}
	return b;
}

/* The telegram of DSMR or IEC 62056-21 with these lines. sealed: with a time and its checksum. */
static struct bytes
telegram(const struct bytes *lines, bool sealed)
{
	const char *head = sealed ? "/ABC5\r\n\r\n0-0:1.0.0(240718120005S)\r\n" : "/ABC5\r\n\r\n";
	struct bytes b = { 0 };
	char end[16];

	push(&b, head, strlen(head));
	push(&b, lines->b, lines->n);
	push(&b, "!", 1);
	push(&b, end, (size_t)snprintf(end, sizeof(end), sealed ? "%04X\r\n" : "\r\n", eg_crc16(0xA001, 0, b.b, b.n)));
	return b;
}

/* A message of SML, or data of DLMS, with one value of n * 10^scaler. code: OBIS C, D and E; unit:
 * its number in DLMS. */
static struct bytes
binary(bool sml, const char *code, int32_t n, int scaler, int unit)
{
	unsigned char v[4] = { (unsigned char)(n >> 24), (unsigned char)(n >> 16),
		(unsigned char)(n >> 8),
		(unsigned char)n }, s = (unsigned char)scaler, u = (unsigned char)unit;
	struct bytes b = sml ? hex("1b1b1b1b01010101 760201620062007263070177010201017262016500010203 71 7707 0100")
	                     : hex("0f 00000000 00 02 01 02 03 09 06 0100");

	push(&b, code, 3);
	if (!sml) {
		push(&b, "\xff\5", 2);
		push(&b, v, 4);
		push(&b, "\2\2\17", 3);
		push(&b, &s, 1);
		push(&b, "\26", 1);
		push(&b, &u, 1);
		return b;
	}
	push(&b, "\xff\1\1\x62", 4);
	push(&b, &u, 1);
	push(&b, "\x52", 1);
	push(&b, &s, 1);
	push(&b, "\x55", 1);
	push(&b, v, 4);
	push(&b, "\1\1\1\x63\0\0\0\x1b\x1b\x1b\x1b\x1a\0", 13);
	push_crc(&b, 0);
	return b;
}

#endif
