/* SPDX-License-Identifier: MIT */
/* Splits a line into words as a shell does, without expansion. */
#ifndef EG_ARGV_SPLIT_H
#define EG_ARGV_SPLIT_H

#include <stddef.h>

/* Splits line at blanks, in place, into NULL-terminated *words, which point into it.
 * '...' is literal; in "..." a backslash escapes '"' and itself; elsewhere it escapes
 * any byte; '#' at the start of a word begins a comment. Characters that a shell would
 * interpret ($ ` | & ; < > ( ) and '~' in front) must be quoted. Returns NULL and *words,
 * which the caller frees, or a text of what is wrong, in static storage. */
const char *eg_argv_split(char *line, char ***words, size_t *n);

#endif
