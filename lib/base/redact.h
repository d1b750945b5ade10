/* SPDX-License-Identifier: MIT */
/* Removes this process's secrets from texts that a peer wrote. A server that quotes our request
 * in an error message would otherwise put the token into logs and files of refused lines. */
#ifndef EG_REDACT_H
#define EG_REDACT_H

#include <stddef.h>

/* Remembers a copy of secret, and of its percent-encoded forms, for as long as the process
 * runs; the last EG_REDACT_MAX texts are remembered. One shorter than EG_REDACT_LEAST bytes is not: it would be found in ordinary
 * words. NULL: nothing. */
#define EG_REDACT_MAX 48
#define EG_REDACT_LEAST 4
void eg_redact_add(const char *secret);

/* The same for `user:password` in base64, as HTTP's basic authentication sends it. */
void eg_redact_add_basic(const char *user, const char *password);

/* Replaces each remembered secret among the len bytes at text by `***`, in place. Returns
 * the new length, which is never larger. Call it before a text is cut: half a secret is not
 * found. */
size_t eg_redact(char *text, size_t len);

/* The same for a text with a NUL at its end. */
void eg_redact_text(char *text);

#endif
