/* SPDX-License-Identifier: MIT */
/* Tries a command line of eg-import on a sample of a file. */
#ifndef EG_TRIAL_H
#define EG_TRIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EG_WORDS = 96 };

/* A command line without the program's name. */
struct eg_words {
	char *at[EG_WORDS];
	size_t n;
};

struct eg_trial {
	uint64_t rows, records, refused;
};

/* Appends a copy of text. False: out of memory, or too many words. */
bool eg_words_add(struct eg_words *w, const char *text);
void eg_words_free(struct eg_words *w);

/* `eg-import`, the words and the file, quoted for a shell; free it. NULL: out of memory. */
char *eg_words_line(const struct eg_words *w, const char *file);

/* Runs this program with the words on the file behind sample, a descriptor, from its beginning.
 * False when it could not be run, or refused the words. Blocks until it has ended. */
bool eg_trial(const struct eg_words *w, int sample, struct eg_trial *result);

#endif
