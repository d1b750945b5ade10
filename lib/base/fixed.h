/* SPDX-License-Identifier: MIT */
/* Exact amounts: decimal text as integers in units of 10^-9, and quotients of integers as
 * decimal text. No step uses binary floating point. */
#ifndef EG_FIXED_H
#define EG_FIXED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/number.h"
#include "base/wide.h"

#define EG_FIXED_ONE INT64_C(1000000000) /* the number 1 in units of 10^-9 */
#define EG_FIXED_DIGITS 18               /* largest number of digits after the point in text */
#define EG_FIXED_SIZE 64                 /* bytes for any text of eg_fixed_put with its NUL */

/* Reads the decimal of len bytes at s (form: see eg_decimal_check) into *out, in units of 10^-9.
 * Further digits are rounded half to even. Returns FORM if the text is not a decimal, RANGE if
 * its magnitude is above 10^12. s needs no NUL. */
enum eg_number eg_fixed_parse(const char *s, size_t len, struct eg_wide *out);

/* Writes amount / unit as a decimal, rounded half to even, with a NUL. `digits` (0 to
 * EG_FIXED_DIGITS) is the largest number of digits after the point. unit is 1 to 10^36:
 * EG_FIXED_ONE for a value of eg_fixed_parse, its square for a product of two such values. With
 * `keep`, zeros at the end stay (1.50); otherwise they are removed, with a point that is left at
 * the end. Never writes -0. Returns the length without the NUL. */
size_t eg_fixed_put(struct eg_wide amount, struct eg_wide unit, int digits, bool keep,
    char out[EG_FIXED_SIZE]);

#endif
