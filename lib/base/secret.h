/* SPDX-License-Identifier: MIT */
/* Reads a password or token from a file or the environment, and protects the process. */
#ifndef EG_SECRET_H
#define EG_SECRET_H

#include <stddef.h>

struct eg_error;

/* Protects the memory of this process: disables core dumps and ptrace, so that only root can
 * read its memory and environment (PR_SET_DUMPABLE of prctl(2)). Call it when a secret is read
 * in another way; the functions below and eg_redact_add call it themselves. */
void eg_secret_guard(void);

/* Reads the secret in the file path into out (size bytes, with the NUL). One newline or CRLF at
 * its end is removed. -1 with EG_CONFIG if the file cannot be read, is empty, is too long, or
 * holds a control character. `what` names the option or variable in messages. Messages never
 * contain the secret. They also omit path if no such file exists, since a user may give the
 * secret itself by mistake. */
int eg_secret_read(const char *what, const char *path, char *out, size_t size, struct eg_error *e);

/* Takes a secret from the environment variable name: removes the variable, so that no child
 * inherits it, and wipes its memory, which /proc would show. *out is a copy for eg_secret_free;
 * NULL if the variable is unset or empty. -1 if memory runs out. */
int eg_secret_take(const char *name, char **out, struct eg_error *e);

/* As eg_secret_take, for a list of URLs, scheme://user:password@host, separated by commas. The
 * variable is set again without the passwords, for child processes. */
int eg_secret_take_urls(const char *name, char **out, struct eg_error *e);

/* Wipes and frees the secret; NULL is allowed. */
void eg_secret_free(char *secret);

/* Checks a secret from another source by the rules of eg_secret_read. name: its name in
 * messages. */
int eg_secret_check(const char *name, const char *secret, struct eg_error *e);

#endif
