/* SPDX-License-Identifier: MIT */
/* Reads a small text file that a user writes. Splits it into lines and words, skips comments,
 * and reports errors with the number of the line. */
#ifndef EG_CONFIG_FILE_H
#define EG_CONFIG_FILE_H

#include <stddef.h>

struct eg_error;

#define EG_CONFIG_BYTES (4 * 1024 * 1024) /* largest size of a file */

/* An open file. All zero: no file. Filled by eg_config_open or eg_config_copy. */
struct eg_config {
	const char *path; /* name for messages; owned by the caller */
	char *text;       /* NUL-terminated */
	size_t len, at;   /* offset of the next line */
	unsigned line;    /* number of the line that eg_config_next returned, from 1 */
};

/* Reads the file at path; the string must stay valid. Blocks. -1 with EG_CONFIG if the file
 * cannot be read or is longer than EG_CONFIG_BYTES. */
int eg_config_open(struct eg_config *c, const char *path, struct eg_error *e);

/* As eg_config_open, with a copy of the len bytes at text. path is the name for messages. */
int eg_config_copy(struct eg_config *c, const char *path, const char *text, size_t len,
    struct eg_error *e);

/* Returns the next line that is not blank and does not begin with '#'. Blanks and a carriage
 * return at both ends are removed. The line is NUL-terminated, the caller may change it, and it
 * is valid until eg_config_close. Returns NULL at the end of the file. Returns NULL with
 * EG_CONFIG if the line holds a NUL byte, a control character other than a tab, or invalid
 * UTF-8. */
char *eg_config_next(struct eg_config *c, struct eg_error *e);

/* Removes a comment at the end of a line from eg_config_next: the first word that begins with
 * '#', and all after it. Use it only for files in which no other word begins with '#'. */
void eg_config_cut_comment(char *line);

/* Cuts the first word off *rest and returns it; NULL if there is no word. Blanks and tabs
 * separate words. A blank after a backslash is part of the word, and the backslash stays in it.
 * *rest then points to the next word. The text is changed. */
char *eg_config_word(char **rest);

/* Sets *e to EG_CONFIG with the text `path:line: text`. Returns -1. */
int eg_config_wrong(const struct eg_config *c, struct eg_error *e, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

void eg_config_close(struct eg_config *c);

#endif
