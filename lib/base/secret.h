/* SPDX-License-Identifier: MIT */
/* A password or token from a file or the environment, and a process that keeps it. */
#ifndef EG_SECRET_H
#define EG_SECRET_H

#include <stddef.h>

struct eg_error;

/* Whoever reads or takes a secret becomes a process that leaves no core file, and whose
 * memory and environment are open to root alone (prctl(2), PR_SET_DUMPABLE). */

/* Call this when reading a secret by other means: it disables core dumps and ptrace. The
 * functions below call it, and eg_redact_add. */
void eg_secret_guard(void);

/* Reads path into out (size bytes with the NUL), less one newline (or CRLF) at its
 * end. -1 with EG_CONFIG when it cannot be read, is empty, too long, or holds a
 * control character; the text of the secret is in no message. what is the option or
 * variable that holds path, for messages: one that names no file is not shown, since it may
 * be the secret, given in the wrong place. */
int eg_secret_read(const char *what, const char *path, char *out, size_t size, struct eg_error *e);

/* Takes the variable name out of the environment: *out is a copy for eg_secret_free
 * (NULL: it is not set, or empty). Its old place, which /proc shows, is wiped, and no
 * child inherits it. -1 when memory is out. */
int eg_secret_take(const char *name, char **out, struct eg_error *e);

/* Wipes and frees; NULL: nothing. */
void eg_secret_free(char *secret);

/* The same check for a secret that came otherwise; name is for the message. */
int eg_secret_check(const char *name, const char *secret, struct eg_error *e);

#endif
