/* SPDX-License-Identifier: MIT */
/* A password or token from a file. */
#ifndef EG_SECRET_H
#define EG_SECRET_H

#include <stddef.h>

struct eg_error;

/* Reads path into out (size bytes with the NUL), less one newline (or CRLF) at its
 * end. -1 with EG_CONFIG when it cannot be read, is empty, too long, or holds a
 * control character; the text of the secret is in no message. */
int eg_secret_read(const char *path, char *out, size_t size, struct eg_error *e);

/* The same check for a secret that came otherwise; name is for the message. */
int eg_secret_check(const char *name, const char *secret, struct eg_error *e);

#endif
