/* SPDX-License-Identifier: MIT */
/* Percent-encoding of addresses. */
#include "base/percent.h"

int
eg_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that the '%' at text encodes, or -1. */
static int
encoded_byte(const char *text)
{
	int high = eg_hex_digit(text[1]);

	return high < 0 ? -1 : high << 4 | eg_hex_digit(text[2]); /* -1 holds all bits */
}

bool
eg_percent_decode(char *text)
{
	char *out = text;

	for (; *text != '\0'; text++) {
		int byte = (unsigned char)*text;

		if (*text == '%') {
			byte = encoded_byte(text);
			if (byte <= 0)
				return false;
			text += 2;
		}
		*out++ = (char)byte;
	}
	*out = '\0';
	return true;
}

void
eg_percent_decode_high(char *text)
{
	char *out = text;

	do {
		int byte = *text == '%' ? encoded_byte(text) : -1;

		*out++ = byte < 0x80 ? *text : (char)byte;
		text += byte < 0x80 ? 1 : 3;
	} while (out[-1] != '\0');
}
