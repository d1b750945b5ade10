/* SPDX-License-Identifier: MIT */
/* Who may write: tokens, each with a name and perhaps the sensors it is for. */
#ifndef EG_TOKENS_H
#define EG_TOKENS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct eg_error;

#define EG_TOKEN_MAX 256 /* bytes of a secret, its NUL counted */

struct eg_token {
	char *name;
	char secret[EG_TOKEN_MAX]; /* zeroes behind it */
	char **sensors;            /* patterns, NULL-terminated; NULL: every sensor */
	double allowance;          /* requests it may still make now */
	int64_t filled_ms;         /* when that was reckoned, 0: never */
	/* For those who watch: */
	uint64_t requests, readings;
	int64_t seen_ms;
};

/* Zeroed it is empty. Adding moves them: pointers to tokens hold from then on only. */
struct eg_tokens {
	struct eg_token *token;
	size_t n;
};

/* Adds the tokens of a file, one a line: `NAME SECRET [SENSOR...]`, parted by blanks; a
 * SENSOR is a name or a pattern of fnmatch(3). Blank lines and comments (#) are passed
 * over. -1 with EG_CONFIG and the line's number; no secret is in a message. */
int eg_tokens_read(struct eg_tokens *t, const char *path, struct eg_error *e);

/* The same for a text of len bytes; path is for messages. */
int eg_tokens_parse(struct eg_tokens *t, const char *path, const char *text, size_t len,
    struct eg_error *e);

/* Adds one for every sensor. */
int eg_tokens_add(struct eg_tokens *t, const char *name, const char *secret, struct eg_error *e);

/* The token with this secret, or NULL. Takes as long whichever it is, and none. */
struct eg_token *eg_tokens_find(const struct eg_tokens *t, const char *secret, size_t len);

/* Whether a token is for this sensor. */
bool eg_tokens_may(const struct eg_token *token, const char *sensor, size_t len);

/* Counts one request against rate a second, with a second's worth as a burst. Returns 0,
 * or in how many ms the next is allowed. */
int64_t eg_tokens_count(struct eg_token *token, double rate, int64_t now);

void eg_tokens_free(struct eg_tokens *t);

#endif
