/* SPDX-License-Identifier: MIT */
/* Exact arithmetic on decimal numbers as text, without binary floating point. */
#ifndef EG_DECIMAL_H
#define EG_DECIMAL_H

#include <stddef.h>

#define EG_DECIMAL_SIZE 400 /* largest result of eg_decimal_shift in bytes, without a NUL */

/* Multiplies the decimal at s by 10^n exactly, with n from -300 to 300, by moving the point:
 * 0.196 with n = 3 becomes 196; 30.70 with n = -3 becomes 0.03070. eg_decimal_check must have
 * accepted s, so it has at most 64 bytes. All digits are kept except leading zeros. If s has an
 * exponent, the exponent is changed instead. Writes to out (EG_DECIMAL_SIZE bytes, no NUL).
 * Returns the number of bytes written. */
size_t eg_decimal_shift(const char *s, size_t len, int n, char *out);

/* Multiplies the decimal at s by factor (2..1000) and by 10^n, exactly; else as
 * eg_decimal_shift. Returns 0 if s has an exponent, which no meter sends. */
size_t eg_decimal_times(const char *s, size_t len, int factor, int n, char *out);

#endif
