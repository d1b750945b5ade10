/* SPDX-License-Identifier: MIT */
/* Words of a line as a shell would split them, without any expansion. */
#ifndef EG_ARGV_SPLIT_H
#define EG_ARGV_SPLIT_H

#include <stddef.h>

/* Splits line at blanks, in place, into NULL-terminated *words, which point into it.
 * '...' is literal; in "..." a backslash escapes '"' and itself; elsewhere it escapes
 * any byte; '#' at the start of a word begins a comment. Nothing is expanded: what a
 * shell would act upon ($ ` | & ; < > ( ) and '~' in front) has to be quoted.
 * Returns NULL and *words (free it), or what is wrong, in static storage. */
const char *eg_argv_split(char *line, char ***words, size_t *n);

#endif
