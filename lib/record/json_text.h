/* SPDX-License-Identifier: MIT */
/* Finds values in JSON text as they were written, and writes JSON strings. */
#ifndef EG_JSON_TEXT_H
#define EG_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* The index of the first byte from s[i] on that is not white space; len if there is none. */
size_t eg_jsontext_space(const char *s, size_t len, size_t i);

/* The index after the value that begins at s[i], which is that of a comma or bracket, or len.
 * Never above len, even for invalid text. */
size_t eg_jsontext_value(const char *s, size_t len, size_t i);

/* The length of the object at s[0], by its brackets and quotes alone; 0: there is none, or it has
 * no end. */
size_t eg_jsontext_object(const char *s, size_t len);

/* Finds the last member called name (letters and `_` only) in the object at s, which a parser
 * must have accepted. Sets *text, and returns its length; 0: there is none. */
size_t eg_jsontext_member(const char *s, size_t len, const char *name, const char **text);

/* Removes a zero from the n bytes at v if a value of the largest length got it when it was
 * written as JSON, which requires a digit on both sides of the point. Returns the bytes left. */
size_t eg_jsontext_fit(char *v, size_t n);

/* Whether every \u escape of a surrogate in the len bytes at s is part of a pair; a parser must
 * have accepted the text. An unpaired surrogate is not a character (RFC 8259, section 8.2).
 * Parsers replace it by U+FFFD, so that two different names would become the same. */
bool eg_jsontext_paired(const char *s, size_t len);

/* Writes the len bytes at s as a JSON string with quotes. Each byte that is not valid UTF-8
 * becomes U+FFFD. */
void eg_jsontext_put(FILE *f, const char *s, size_t len);

#endif
