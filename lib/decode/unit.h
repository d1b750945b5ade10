/* SPDX-License-Identifier: MIT */
/* Units that meters send, converted exactly to those that the manual gives. */
#ifndef EG_UNIT_H
#define EG_UNIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/decimal.h"

/* Converts the decimal at s (checked by eg_decimal_check) from one unit to another of the
 * same quantity: powers of ten by moving the point, kWh and GJ by 3.6, both exact. An equal
 * unit, or an empty one (from_len 0: the meter gives none), leaves the text as it is. Writes
 * to out (EG_DECIMAL_SIZE bytes, no NUL); *len: the bytes written. False when `from` is not
 * known, or is of another quantity. The source of the factors: ISO 80000, 1 Wh = 3600 J. */
bool eg_unit_convert(const char *s, size_t s_len, const char *from, size_t from_len,
    const char *to, char *out, size_t *len);

/* The name of a unit by its number in DLMS and SML (IEC 62056-6-2, table of units); empty for
 * "no unit", NULL: not a unit of an energy meter. Static. */
const char *eg_unit_dlms(int code);

#endif
