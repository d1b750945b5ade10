/* SPDX-License-Identifier: MIT */
/* Stretches of a JSON text as they were written, and text as JSON. */
#ifndef EG_JSON_TEXT_H
#define EG_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* The first place from s[i] on that is not white space; len: none. */
size_t eg_jsontext_space(const char *s, size_t len, size_t i);

/* Behind the value that begins at s[i]: at the comma or bracket that follows it, or at
 * len. Right for a valid text; for any other it stays within len. */
size_t eg_jsontext_value(const char *s, size_t len, size_t i);

/* The text of the last member called name (letters and `_` only) of the object at s,
 * which a parser has found to be valid: *text, and its length (0: there is none). */
size_t eg_jsontext_member(const char *s, size_t len, const char *name, const char **text);

/* JSON wants a digit on both sides of the point. A value at v that had as many bytes as
 * a record's value may have, and got such a zero on its way out, loses it again: returns
 * the bytes left of n. */
size_t eg_jsontext_fit(char *v, size_t n);

/* Whether every \u escape of a surrogate in the len bytes at s, a JSON text that a parser
 * has found to be valid, is one of a pair. Half a pair is no character (RFC 8259, section
 * 8.2): parsers make U+FFFD of it, and two names become one. */
bool eg_jsontext_paired(const char *s, size_t len);

/* Writes len bytes at s as a JSON string with its quotes. What is written is UTF-8: each
 * byte that begins no well-formed character becomes U+FFFD. */
void eg_jsontext_put(FILE *f, const char *s, size_t len);

#endif
