/* SPDX-License-Identifier: MIT */
/* What a file is: a known export, or the options that read its columns. */
#ifndef EG_GUESS_H
#define EG_GUESS_H

struct eg_error;

/* Looks at the beginning of a file ("-": standard input), prints the command line that reads it
 * to standard output, and what was understood to standard error. The command line was tried on
 * the file's beginning. Blocks. -1 with *e: EG_REFUSED and the reason when it cannot tell, or
 * EG_LOCAL_IO when the file cannot be read. */
int eg_import_guess(const char *file, struct eg_error *e);

#endif
