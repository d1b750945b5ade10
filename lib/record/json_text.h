/* SPDX-License-Identifier: MIT */
/* Finds values in a JSON text as they were written, and writes text as JSON. */
#ifndef EG_JSON_TEXT_H
#define EG_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* The index of the first byte from s[i] on that is not white space; len: none. */
size_t eg_jsontext_space(const char *s, size_t len, size_t i);

/* The index behind the value that begins at s[i]: of the comma or bracket after it, or len.
 * Never above len, even for an invalid text. */
size_t eg_jsontext_value(const char *s, size_t len, size_t i);

/* The text of the last member called name (letters and `_` only) of the object at s,
 * which a parser has found to be valid: *text, and its length (0: there is none). */
size_t eg_jsontext_member(const char *s, size_t len, const char *name, const char **text);

/* JSON requires a digit on both sides of the point. A value of the longest length may have got
 * such a zero when it was written as JSON. Removes that zero again from the n bytes at v.
 * Returns the bytes left. */
size_t eg_jsontext_fit(char *v, size_t n);

/* Whether every \u escape of a surrogate in the len bytes at s, a JSON text that a parser has
 * found to be valid, is one of a pair. An unpaired surrogate is no character (RFC 8259, section
 * 8.2). Parsers replace it by U+FFFD, so two different names would become the same. */
bool eg_jsontext_paired(const char *s, size_t len);

/* Writes len bytes at s as a JSON string with its quotes. Each byte that is not part of valid
 * UTF-8 becomes U+FFFD. */
void eg_jsontext_put(FILE *f, const char *s, size_t len);

#endif
