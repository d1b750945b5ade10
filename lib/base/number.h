/* SPDX-License-Identifier: MIT */
/* Strict parsing of numbers: accepts the whole text or nothing, and always checks a range. */
#ifndef EG_NUMBER_H
#define EG_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum eg_number { EG_NUMBER_OK, EG_NUMBER_FORM, EG_NUMBER_RANGE };

/* Whether c is an ASCII digit, in any locale. */
static inline bool
eg_is_digit(char c)
{
	return (unsigned char)(c - '0') <= 9;
}

/* Checks that the len bytes at s are a decimal number, finite as a double: `[+-] digits [.
 * digits] [e [+-] digits]`, with a digit before or after the point. s needs no NUL. More than 64
 * bytes are FORM. */
enum eg_number eg_decimal_check(const char *s, size_t len);

/* The double nearest to the decimal of len bytes at s, which eg_decimal_check must have
 * accepted. */
double eg_decimal_value(const char *s, size_t len);

/* Writes the decimal at s (accepted by eg_decimal_check) as a JSON number (RFC 8259 section 6)
 * of the same value. The text is kept where JSON allows it; otherwise '+' and leading zeros are
 * removed, and a missing digit before or after the point is added. out holds at least len + 2
 * bytes. Returns the bytes written, without a NUL. */
size_t eg_decimal_json(const char *s, size_t len, char *out);

/* Each function parses the whole NUL-terminated s. It stores the result and returns EG_NUMBER_OK
 * if the number is in min..max; otherwise it returns the reason. */
enum eg_number eg_int_parse(const char *s, int64_t min, int64_t max, int64_t *out);
enum eg_number eg_double_parse(const char *s, double min, double max, double *out);

/* Parses a duration in seconds with an optional fraction and unit: `10`, `2.5`, `500ms`, `5m`,
 * `1h`, `7d`. min, max and *ms are in milliseconds. */
enum eg_number eg_duration_parse(const char *s, int64_t min, int64_t max, int64_t *ms);

#endif
