/* SPDX-License-Identifier: MIT */
/* The ends of white space, numbers and strings of JSON. Nothing is read at `end` or beyond. */
#ifndef EG_JSON_TOKEN_H
#define EG_JSON_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/number.h"
#include "base/swar.h"

static inline const char *
eg_json_space_end(const char *p, const char *end)
{
	/* Nearly all other bytes are above the blank, so that is compared first. */
	while (p < end && (unsigned char)*p <= ' ' &&
	    (*p == ' ' || *p == '\n' || *p == '\t' || *p == '\r'))
		p++;
	return p;
}

static inline const char *
eg_json_digits_end(const char *p, const char *end)
{
	while (p < end && eg_is_digit(*p))
		p++;
	return p;
}

/* The end of the number at p (RFC 8259, section 6); NULL: there is no number. *whole: it has
 * neither a fraction nor an exponent. */
static inline const char *
eg_json_number_end(const char *p, const char *end, bool *whole)
{
	const char *digits = p + (p < end && *p == '-'), *from;

	p = eg_json_digits_end(digits, end);
	if (p == digits || (*digits == '0' && p - digits > 1))
		return NULL;
	*whole = true;
	if (p < end && *p == '.') {
		*whole = false;
		from = p + 1;
		if ((p = eg_json_digits_end(from, end)) == from)
			return NULL;
	}
	if (p < end && (*p == 'e' || *p == 'E')) {
		*whole = false;
		p++;
		from = p + (p < end && (*p == '+' || *p == '-'));
		if ((p = eg_json_digits_end(from, end)) == from)
			return NULL;
	}
	return p;
}

/* The quote that ends the string whose first byte is at p. NULL: it has no end, or holds a control
 * character or an escape. *ascii becomes false if it has other bytes than ASCII, whose UTF-8 is not
 * checked. */
static inline const char *
eg_json_string_end(const char *p, const char *end, bool *ascii)
{
	for (;; p++) {
		size_t n = 8;

		for (; n == 8 && end - p >= 8; p += n)
			n = eg_swar_prefix(p, "\"\"\\\\");
		if (p == end || (unsigned char)*p < ' ' || *p == '\\')
			return NULL;
		if (*p == '"')
			return p;
		*ascii = *ascii && (unsigned char)*p < 0x80;
	}
}

#endif
