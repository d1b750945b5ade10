/* SPDX-License-Identifier: MIT */
/* What a file is: a known export, or the options that read its columns. */
#ifndef EG_GUESS_H
#define EG_GUESS_H

struct eg_error;

/* Looks at the beginning of a file ("-": standard input), gives the command line that reads it,
 * for the caller to free, and prints what was understood to standard error. The command line was tried on
 * the file's beginning. Blocks. NULL with *e: EG_REFUSED and the reason when it cannot tell, or
 * EG_LOCAL_IO when the file cannot be read. */
char *eg_import_guess(const char *file, struct eg_error *e);

#endif
