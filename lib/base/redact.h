/* SPDX-License-Identifier: MIT */
/* Removes this process's secrets from text that a peer sent. A server may quote our request in
 * an error message; without this, the token would get into logs and files of refused lines. */
#ifndef EG_REDACT_H
#define EG_REDACT_H

#include <stddef.h>

/* Remembers a copy of secret and its percent-encoded forms until the process ends. Only the last
 * EG_REDACT_MAX texts are kept. A secret shorter than EG_REDACT_LEAST bytes is ignored, since it
 * would match ordinary words. NULL is ignored. */
#define EG_REDACT_MAX 48
#define EG_REDACT_LEAST 4
void eg_redact_add(const char *secret);

/* The same for `user:password` in base64, as HTTP's basic authentication sends it. */
void eg_redact_add_basic(const char *user, const char *password);

/* Replaces each remembered secret in the len bytes at text by `***`, in place. Returns the new
 * length, which is never larger. Call it before text is cut, since a part of a secret is not
 * found. */
size_t eg_redact(char *text, size_t len);

/* The same for NUL-terminated text. */
void eg_redact_text(char *text);

/* Writes the URL that a peer sent, such as that of a redirect, as it may be printed: without its
 * query and fragment, which can hold a key, with *** for a user and password, and redacted as
 * above. It is cut to size bytes, with the NUL. */
void eg_redact_url(const char *url, char *out, size_t size);

#endif
