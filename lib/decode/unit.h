/* SPDX-License-Identifier: MIT */
/* Exact conversion of meters' units to the units in the manual. */
#ifndef EG_UNIT_H
#define EG_UNIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/decimal.h"

/* Converts the decimal at s (accepted by eg_decimal_check) between two units of the same
 * quantity, exactly: powers of ten by moving the point, kWh and GJ with the factor 3.6. If the
 * units are equal, or from_len is 0 (the meter gives none), the text is unchanged. Writes to out
 * (EG_DECIMAL_SIZE bytes, no NUL), and sets *len. Returns false if `from` is unknown or measures
 * another quantity. Source of the factors: ISO 80000, 1 Wh = 3600 J. */
bool eg_unit_convert(const char *s, size_t s_len, const char *from, size_t from_len,
    const char *to, char *out, size_t *len);

/* The name of a unit with this number in DLMS and SML (IEC 62056-6-2, table of units). Empty for
 * "no unit", NULL if it is not a unit of an energy meter. Static storage. */
const char *eg_unit_dlms(int code);

#endif
