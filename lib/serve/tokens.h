/* SPDX-License-Identifier: MIT */
/* Access tokens, each with a name and optionally the sensors that it is for. */
#ifndef EG_TOKENS_H
#define EG_TOKENS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct eg_error;

#define EG_TOKEN_MAX 256 /* bytes of a secret with its NUL */

struct eg_token {
	char *name;
	char secret[EG_TOKEN_MAX]; /* padded with zeroes */
	char **sensors;            /* patterns, NULL-terminated; NULL: all sensors */
	double allowance;          /* requests that it may make now */
	int64_t filled_ms;         /* when that was computed (eg_mono_ms); 0: never */
	/* Shown on the page: */
	uint64_t requests, readings;
	int64_t seen_ms;
};

/* All zero: empty. Adding a token invalidates pointers to tokens. */
struct eg_tokens {
	struct eg_token *token;
	size_t n, room; /* number of tokens; how many fit */
};

/* Adds the tokens of a file. Each line: `NAME SECRET [SENSOR...]`, separated by blanks; a
 * SENSOR is a name or a pattern of fnmatch(3). Blank lines and comments (#) are skipped. -1
 * with EG_CONFIG and the line's number; no message contains a secret. */
int eg_tokens_read(struct eg_tokens *t, const char *path, struct eg_error *e);

/* The same for a text of len bytes; path is the name for messages. */
int eg_tokens_parse(struct eg_tokens *t, const char *path, const char *text, size_t len,
    struct eg_error *e);

/* Adds a token for all sensors. Copies. -1 with *e if the secret is too long. */
int eg_tokens_add(struct eg_tokens *t, const char *name, const char *secret, struct eg_error *e);

/* The token with this secret, or NULL. Its running time does not depend on the secret. */
struct eg_token *eg_tokens_find(const struct eg_tokens *t, const char *secret, size_t len);

/* Whether the token is for this sensor. */
bool eg_tokens_may(const struct eg_token *token, const char *sensor, size_t len);

/* Counts a request against a limit of rate per second, with bursts of one second's worth.
 * now: eg_mono_ms. Returns 0 if it is allowed, else the milliseconds until the next is. */
int64_t eg_tokens_count(struct eg_token *token, double rate, int64_t now);

/* Erases and frees all tokens. */
void eg_tokens_free(struct eg_tokens *t);

#endif
