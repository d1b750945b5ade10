/* SPDX-License-Identifier: MIT */
/* A small text file that a user writes: lines of words, comments, and messages with the
 * line's number. */
#ifndef EG_CONFIG_FILE_H
#define EG_CONFIG_FILE_H

#include <stddef.h>

struct eg_error;

#define EG_CONFIG_BYTES (4 * 1024 * 1024) /* of a file at most */

/* All zero: no text. Filled by eg_config_open or eg_config_copy. */
struct eg_config {
	const char *path; /* for messages; the caller's */
	char *text;       /* NUL-terminated */
	size_t len, at;   /* at: where the next line begins */
	unsigned line;    /* of the line that eg_config_next returned, from 1 */
};

/* Reads the file at path, which must stay valid. Blocks. -1 with EG_CONFIG: it cannot be
 * read, or has more than EG_CONFIG_BYTES bytes. */
int eg_config_open(struct eg_config *c, const char *path, struct eg_error *e);

/* The same for len bytes of text, which are copied; path is the name for messages. */
int eg_config_copy(struct eg_config *c, const char *path, const char *text, size_t len,
    struct eg_error *e);

/* The next line that is neither blank nor a comment (its first character is '#'), without
 * blanks and a carriage return at its ends. It is NUL-terminated, the caller may change it,
 * and it is valid until eg_config_close. NULL at the end; NULL with EG_CONFIG when a line
 * holds a NUL byte, a control character other than a tab, or bytes that are not UTF-8. */
char *eg_config_next(struct eg_config *c, struct eg_error *e);

/* Removes a comment at the end of a line that eg_config_next returned: from a word that begins
 * with '#' to the end of the line. For files whose words hold no such word. */
void eg_config_cut_comment(char *line);

/* Takes the first word off *rest, which is changed: words are separated by blanks and tabs. A
 * backslash makes the blank after it part of the word; the backslash itself stays in the word.
 * NULL: there is none. *rest is then what follows, without blanks in front. */
char *eg_config_word(char **rest);

/* Fills *e with EG_CONFIG and `path:line: text`; -1. */
int eg_config_wrong(const struct eg_config *c, struct eg_error *e, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

void eg_config_close(struct eg_config *c);

#endif
