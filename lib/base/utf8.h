/* SPDX-License-Identifier: MIT */
/* Characters in UTF-8, by RFC 3629 and Unicode's table of well-formed byte sequences. */
#ifndef EG_UTF8_H
#define EG_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* The length of the character at p (p < end): 1 to 4 bytes. 0 if it is invalid: overlong, a
 * surrogate, above U+10FFFF, or cut off by end. */
size_t eg_utf8_len(const char *p, const char *end);

/* Whether the character of len bytes at p is a control character: U+0000 to U+001F, or U+007F to
 * U+009F. In a terminal, U+009B begins an escape sequence, as ESC [ does. Inline, since the
 * parser of records calls it for each byte of a sensor. */
static inline bool
eg_utf8_is_control(const char *p, size_t len)
{
	const unsigned char *c = (const unsigned char *)p;

	return len == 1 ? c[0] < 0x20 || c[0] == 0x7f : len == 2 && c[0] == 0xc2 && c[1] < 0xa0;
}

/* Whether the len bytes of s are valid UTF-8 without control characters. */
bool eg_utf8_is_text(const char *s, size_t len);

/* Whether a terminal shows the len bytes of s as they are: valid UTF-8 without control characters,
 * separators of lines and what changes the direction of writing, which can make a text look like
 * another one. */
bool eg_utf8_is_printable(const char *s, size_t len);

#endif
