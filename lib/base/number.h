/* SPDX-License-Identifier: MIT */
/* Strict parsing of numbers: all of the text or nothing, always with a range. */
#ifndef EG_NUMBER_H
#define EG_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum eg_number { EG_NUMBER_OK, EG_NUMBER_FORM, EG_NUMBER_RANGE };

/* Whether len bytes at s are a decimal number, `[+-] digits [. digits] [e [+-]
 * digits]` with a digit before or after the point, that is finite as a double.
 * Does not need a NUL behind s, and reads at most 64 bytes (longer: FORM). */
enum eg_number eg_decimal_check(const char *s, size_t len);

/* The double nearest to the decimal of len bytes at s, which eg_decimal_check found to be
 * one. */
double eg_decimal_value(const char *s, size_t len);

/* Writes the decimal at s (checked by eg_decimal_check) as a JSON number (RFC
 * 8259 section 6) of the same value: its own text where JSON allows that, else
 * without '+' and superfluous zeros, and with a digit on both sides of the
 * point. out holds at least len + 2 bytes; returns the bytes written, no NUL. */
size_t eg_decimal_json(const char *s, size_t len, char *out);

/* Each parses the whole NUL-terminated s, stores the result when it lies in
 * min..max, and says what was wrong otherwise. */
enum eg_number eg_int_parse(const char *s, int64_t min, int64_t max, int64_t *out);
enum eg_number eg_double_parse(const char *s, double min, double max, double *out);

/* A duration in seconds with an optional unit and fraction: `10`, `2.5`,
 * `500ms`, `5m`, `1h`, `7d`; in milliseconds, min..max. */
enum eg_number eg_duration_parse(const char *s, int64_t min, int64_t max, int64_t *ms);

#endif
