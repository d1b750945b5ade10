/* SPDX-License-Identifier: MIT */
/* Reads a password or token from a file or the environment, and protects the process. */
#ifndef EG_SECRET_H
#define EG_SECRET_H

#include <stddef.h>

struct eg_error;

/* A process that reads a secret writes no core file, and only root can read its memory and
 * environment (prctl(2), PR_SET_DUMPABLE). */

/* Call this when reading a secret by other means: it disables core dumps and ptrace. The
 * functions below and eg_redact_add call it. */
void eg_secret_guard(void);

/* Reads the file path into out, size bytes with the NUL, without one newline or CRLF at its
 * end. -1 with EG_CONFIG when the file cannot be read, is empty, is too long, or holds a
 * control character. No message contains the secret. what: the option or variable that gave
 * path, for messages. If path names no file, no message contains path either: it may be the
 * secret itself, given by mistake. */
int eg_secret_read(const char *what, const char *path, char *out, size_t size, struct eg_error *e);

/* Removes the variable name from the environment and wipes its old memory, which /proc would
 * show; no child inherits it. *out: a copy, to be freed by eg_secret_free (NULL: the variable
 * is not set or empty). -1 when memory is out. */
int eg_secret_take(const char *name, char **out, struct eg_error *e);

/* The same for addresses that may hold passwords, scheme://user:password@host, separated by
 * commas. The variable is set again without the passwords, for children. */
int eg_secret_take_urls(const char *name, char **out, struct eg_error *e);

/* Wipes and frees the secret. NULL is allowed. */
void eg_secret_free(char *secret);

/* Makes the checks of eg_secret_read on a secret from another source. name: its name in
 * messages. */
int eg_secret_check(const char *name, const char *secret, struct eg_error *e);

#endif
