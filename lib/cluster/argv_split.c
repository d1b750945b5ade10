/* SPDX-License-Identifier: MIT */
/* Splits a line into words as a shell does, without expansions. */
#include "cluster/argv_split.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char *
take_quoted(char **from, char **to)
{
	char quote = *(*from)++;

	while (**from != quote) {
		if (**from == '\0')
			return "a quote is not closed";
		if (quote == '"' && **from == '\\' && ((*from)[1] == '"' || (*from)[1] == '\\'))
			(*from)++;
		*(*to)++ = *(*from)++;
	}
	(*from)++;
	return NULL;
}

/* Moves one word from *from to *to, and terminates it there. */
static const char *
take_word(char **from, char **to)
{
	const char *wrong;

	if (**from == '~')
		return "'~' is not expanded: write the path, or quote it";
	while (**from != '\0' && strchr(" \t", **from) == NULL) {
		if (strchr("$`|&;<>()", **from) != NULL)
			return "a command is run without a shell: quote it, or use sh -c '...'";
		if (**from == '\'' || **from == '"') {
			if ((wrong = take_quoted(from, to)) != NULL)
				return wrong;
			continue;
		}
		if (**from == '\\' && *++*from == '\0')
			return "a backslash ends the line";
		*(*to)++ = *(*from)++;
	}
	return NULL;
}

const char *
eg_argv_split(char *line, char ***words, size_t *n)
{
	/* A word with the blank after it has at least two bytes. */
	char **w = calloc(strlen(line) / 2 + 2, sizeof(*w));
	char *from = line, *to = line;

	*n = 0;
	if (w == NULL)
		return "out of memory";
	for (;;) {
		const char *wrong;
		bool end;

		from += strspn(from, " \t");
		if (*from == '\0' || *from == '#')
			break;
		w[(*n)++] = to;
		if ((wrong = take_word(&from, &to)) != NULL) {
			free(w);
			return wrong;
		}
		end = *from == '\0';
		*to++ = '\0';
		if (end)
			break;
		from++;
	}
	*words = w;
	return NULL;
}
