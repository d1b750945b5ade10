/* SPDX-License-Identifier: MIT */
/* Splits a line into words as a shell does, without expansions. */
#ifndef EG_ARGV_SPLIT_H
#define EG_ARGV_SPLIT_H

#include <stddef.h>

/* Splits line at blanks into words. *words is a NULL-terminated array that points into line,
 * which is changed; the caller frees the array. '...' is literal. In "..." a backslash escapes
 * '"' and itself; outside quotes it escapes any byte. '#' at the start of a word begins a
 * comment. Characters that a shell would interpret ($ ` | & ; < > ( ) and a '~' that begins a
 * word) must be quoted. Returns NULL, or the reason why the line is invalid, in static storage. */
const char *eg_argv_split(char *line, char ***words, size_t *n);

#endif
