/* SPDX-License-Identifier: MIT */
/* Guesses what a file contains: a known export, or columns with the options to read them. */
#ifndef EG_GUESS_H
#define EG_GUESS_H

struct eg_error;

/* Reads the beginning of a file ("-": standard input). Returns the command line that imports it,
 * which the caller frees, and prints an explanation to standard error. The command line has been
 * tried on the beginning of the file. Blocks. NULL with *e: EG_REFUSED with the reason if the
 * form is unclear, EG_LOCAL_IO if the file cannot be read. */
char *eg_import_guess(const char *file, struct eg_error *e);

#endif
