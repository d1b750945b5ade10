/* SPDX-License-Identifier: MIT */
#include "base/utf8.h"

size_t
eg_utf8_len(const char *p, const char *end)
{
	unsigned char lead = (unsigned char)*p, low = 0x80, high = 0xbf;
	size_t len;

	if (lead < 0x80)
		return 1;
	if (lead < 0xc2 || lead > 0xf4)
		return 0;
	len = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
	if ((size_t)(end - p) < len)
		return 0;
	if (lead == 0xe0)
		low = 0xa0; /* overlong */
	else if (lead == 0xed)
		high = 0x9f; /* surrogates */
	else if (lead == 0xf0)
		low = 0x90; /* overlong */
	else if (lead == 0xf4)
		high = 0x8f; /* above U+10FFFF */
	if ((unsigned char)p[1] < low || (unsigned char)p[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++)
		if (((unsigned char)p[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

/* Whether the character at c is U+061C, U+200E, U+200F, U+2028 to U+202E, or U+2066 to U+2069. */
static bool
is_direction(const unsigned char *c, size_t len)
{
	if (len == 2)
		return c[0] == 0xd8 && c[1] == 0x9c;
	return len == 3 && c[0] == 0xe2 &&
	    ((c[1] == 0x80 && (c[2] == 0x8e || c[2] == 0x8f || (c[2] >= 0xa8 && c[2] <= 0xae))) ||
	    (c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9));
}

/* Whether all is valid, and neither a control character nor, unless they are allowed, changes the
 * direction. */
static bool
is_clean(const char *s, size_t len, bool directions)
{
	const char *end = s + len;
	size_t n;

	for (; s < end; s += n) {
		n = eg_utf8_len(s, end);
		if (n == 0 || eg_utf8_is_control(s, n) ||
		    (!directions && is_direction((const unsigned char *)s, n)))
			return false;
	}
	return true;
}

bool
eg_utf8_is_text(const char *s, size_t len)
{
	return is_clean(s, len, true);
}

bool
eg_utf8_is_printable(const char *s, size_t len)
{
	return is_clean(s, len, false);
}
