/* SPDX-License-Identifier: MIT */
/* The ends of white space, numbers and strings of JSON. Nothing is read at `end` or beyond. */
#ifndef EG_JSON_TOKEN_H
#define EG_JSON_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

static inline const char *
eg_json_space_end(const char *p, const char *end)
{
	/* Nearly all other bytes are above the blank, so that is compared first. */
	while (p < end && (unsigned char)*p <= ' ' &&
	    (*p == ' ' || *p == '\n' || *p == '\t' || *p == '\r'))
		p++;
	return p;
}

/* The end of the number at p (RFC 8259, section 6); NULL: there is no number. *whole: it has
 * neither a fraction nor an exponent. */
const char *eg_json_number_end(const char *p, const char *end, bool *whole);

/* The quote that ends the string whose first byte is at p. NULL: it has no end, or holds a control
 * character or an escape. *ascii becomes false if it has other bytes than ASCII, whose UTF-8 is not
 * checked. */
const char *eg_json_string_end(const char *p, const char *end, bool *ascii);

#endif
