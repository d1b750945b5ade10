/* SPDX-License-Identifier: MIT */
/* Exact amounts: decimal text as integers of 10^-9, and quotients of integers as decimal
 * text. Nothing passes through binary floating point. */
#ifndef EG_FIXED_H
#define EG_FIXED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/number.h"
#include "base/wide.h"

#define EG_FIXED_ONE INT64_C(1000000000) /* 1 in units of 10^-9 */
#define EG_FIXED_DIGITS 18               /* the most digits behind the point in text */
#define EG_FIXED_SIZE 64                 /* room for any text of eg_fixed_put and its NUL */

/* Reads the decimal of len bytes at s, as eg_decimal_check describes it, into *out in units
 * of 10^-9; what lies behind nine places is rounded half to even. FORM: it is none; RANGE:
 * its amount is above 10^12. Needs no NUL behind s. */
enum eg_number eg_fixed_parse(const char *s, size_t len, struct eg_wide *out);

/* Writes amount / unit with at most `digits` (0 to EG_FIXED_DIGITS) digits behind the point,
 * rounded half to even, and a NUL. unit is 1 to 10^36: a value of eg_fixed_parse has
 * EG_FIXED_ONE, a product of two its square. Zeros at the end are kept, as in 1.50, when
 * `keep` is set, else dropped with a point that ends the text. There is no -0. Returns the
 * bytes before the NUL. */
size_t eg_fixed_put(struct eg_wide amount, struct eg_wide unit, int digits, bool keep,
    char out[EG_FIXED_SIZE]);

#endif
