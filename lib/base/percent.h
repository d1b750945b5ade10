/* SPDX-License-Identifier: MIT */
/* Percent-encoding of addresses (RFC 3986, section 2.1). */
#ifndef EG_PERCENT_H
#define EG_PERCENT_H

#include <stdbool.h>

/* Returns the value of a hexadecimal digit, or -1 for any other character. */
int eg_hex_digit(char c);

/* Replaces %2F and the like in place. Returns false at a '%' without two hexadecimal digits, and at
 * %00; the text is then undefined. */
bool eg_percent_decode(char *text);

/* Replaces %80 to %FF only, in place, and leaves all else as it is. None of these bytes separates
 * the parts of an address, so the result can still be split and decoded. */
void eg_percent_decode_high(char *text);

#endif
