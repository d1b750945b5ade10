/* SPDX-License-Identifier: MIT */
/* Exact arithmetic on decimal numbers as text, without binary floating point. */
#ifndef EG_DECIMAL_H
#define EG_DECIMAL_H

#include <stddef.h>

#define EG_DECIMAL_SIZE 400 /* room for any result of eg_decimal_shift, without a NUL */

/* Multiplies the decimal at s (checked by eg_decimal_check, so at most 64 bytes) by 10^n,
 * n from -300 to 300, by moving its point: 0.196 with n = 3 becomes 196, 30.70 with n = -3
 * becomes 0.03070. Digits are kept, leading zeros dropped; with an exponent the exponent
 * changes. Writes to out (EG_DECIMAL_SIZE bytes, no NUL); returns the bytes written. */
size_t eg_decimal_shift(const char *s, size_t len, int n, char *out);

/* The same for the decimal times factor (2..1000) times 10^n, exactly. Returns 0 for a
 * decimal with an exponent, which no meter sends. */
size_t eg_decimal_times(const char *s, size_t len, int factor, int n, char *out);

#endif
