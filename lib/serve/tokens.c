/* SPDX-License-Identifier: MIT */
/* Access tokens, each with a name and optionally the sensors that it is for. */
#include "serve/tokens.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/secret.h"
#include "record/record.h"

enum { FILE_MAX = 1024 * 1024 };

static int
no_memory(struct eg_error *e)
{
	return eg_fail(e, EG_BUG, "out of memory");
}

static void
free_one(struct eg_token *k)
{
	for (char **s = k->sensors; s != NULL && *s != NULL; s++)
		free(*s);
	free(k->sensors);
	free(k->name);
}

/* Appends *k, which t owns from now on; frees it on failure. */
static int
append_token(struct eg_tokens *t, struct eg_token *k, struct eg_error *e)
{
	if (!eg_buf_grow(&t->token, &t->room, t->n + 1, sizeof(*t->token))) {
		free_one(k);
		return no_memory(e);
	}
	t->token[t->n++] = *k;
	return 0;
}

int
eg_tokens_add(struct eg_tokens *t, const char *name, const char *secret, struct eg_error *e)
{
	struct eg_token k = { .name = strdup(name) };
	size_t len = strlen(secret);

	if (k.name == NULL)
		return no_memory(e);
	if (len >= sizeof(k.secret)) {
		free_one(&k);
		return eg_fail(e, EG_CONFIG, "the token of '%s' is longer than %d bytes", name,
		    EG_TOKEN_MAX - 1);
	}
	memcpy(k.secret, secret, len);
	return append_token(t, &k, e);
}

static int
add_sensor(struct eg_token *k, size_t n, const char *pattern)
{
	char **more = realloc(k->sensors, (n + 2) * sizeof(*more));

	if (more == NULL)
		return -1;
	k->sensors = more;
	more[n + 1] = NULL;
	more[n] = strdup(pattern);
	return more[n] != NULL ? 0 : -1;
}

/* Reads one line, which is NUL-terminated and changed here. */
static int
take_token(struct eg_tokens *t, const char *path, unsigned lineno, char *line, struct eg_error *e)
{
	static const char blanks[] = " \t\r";
	char *rest, *name = strtok_r(line, blanks, &rest), *pattern;
	char *secret = strtok_r(NULL, blanks, &rest);
	size_t n = 0;

	if (secret == NULL)
		return eg_fail(e, EG_CONFIG, "'%s' line %u: a token has a name and a secret", path,
		    lineno);
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->token[i].name, name) == 0)
			return eg_fail(e, EG_CONFIG, "'%s' line %u: a second token '%s'", path,
			    lineno, name);
	if (eg_tokens_find(t, secret, strlen(secret)) != NULL)
		return eg_fail(e, EG_CONFIG, "'%s' line %u: the secret of '%s' is another's, too",
		    path, lineno, name);
	if (eg_tokens_add(t, name, secret, e) != 0)
		return -1;
	while ((pattern = strtok_r(NULL, blanks, &rest)) != NULL)
		if (add_sensor(&t->token[t->n - 1], n++, pattern) != 0)
			return no_memory(e);
	return 0;
}

int
eg_tokens_parse(struct eg_tokens *t, const char *path, const char *text, size_t len,
    struct eg_error *e)
{
	unsigned lineno = 0;

	if (memchr(text, '\0', len) != NULL)
		return eg_fail(e, EG_CONFIG, "'%s' holds a NUL byte", path);
	while (len > 0) {
		const char *nl = memchr(text, '\n', len);
		size_t n = nl != NULL ? (size_t)(nl - text) : len;
		char *line = strndup(text, n);
		int rc = 0;

		if (line == NULL)
			return no_memory(e);
		lineno++;
		if (!eg_line_skipped(line, n))
			rc = take_token(t, path, lineno, line, e);
		explicit_bzero(line, n);
		free(line);
		if (rc != 0)
			return -1;
		n += nl != NULL;
		text += n;
		len -= n;
	}
	return 0;
}

int
eg_tokens_read(struct eg_tokens *t, const char *path, struct eg_error *e)
{
	FILE *f = fopen(path, "re");
	char *text = malloc(FILE_MAX);
	size_t n = 0, before = t->n;
	int rc = -1;

	eg_secret_guard();
	if (text == NULL)
		no_memory(e);
	else if (f == NULL && errno != EACCES) /* text may be a token */
		eg_fail(e, eg_status_of(errno), "cannot open the file that --tokens names: %s", strerror(errno));
	else if (f == NULL)
		eg_fail(e, eg_status_of(errno), "cannot open '%s': %s", path, strerror(errno));
	else if ((n = fread(text, 1, FILE_MAX, f)) == FILE_MAX || ferror(f))
		eg_fail(e, ferror(f) ? eg_status_of(errno) : EG_CONFIG, "cannot read '%s': %s", path,
		    ferror(f) ? strerror(errno) : "it is too large");
	else
		rc = eg_tokens_parse(t, path, text, n, e);
	if (rc == 0 && t->n == before)
		rc = eg_fail(e, EG_CONFIG, "'%s' holds no token", path);
	if (text != NULL)
		explicit_bzero(text, n);
	free(text);
	if (f != NULL)
		(void)fclose(f);
	return rc;
}

/* Whether two secrets are equal, in constant time. */
static bool
is_same_secret(const char a[EG_TOKEN_MAX], const char b[EG_TOKEN_MAX])
{
	volatile unsigned char differ = 0;

	for (size_t i = 0; i < EG_TOKEN_MAX; i++)
		differ |= (unsigned char)(a[i] ^ b[i]);
	return differ == 0;
}

struct eg_token *
eg_tokens_find(const struct eg_tokens *t, const char *secret, size_t len)
{
	char padded[EG_TOKEN_MAX] = { 0 };
	struct eg_token *found = NULL;

	if (len == 0 || len >= sizeof(padded) || memchr(secret, '\0', len) != NULL)
		return NULL;
	memcpy(padded, secret, len);
	for (size_t i = 0; i < t->n; i++)
		if (is_same_secret(t->token[i].secret, padded))
			found = &t->token[i];
	return found;
}

bool
eg_tokens_may(const struct eg_token *token, const char *sensor, size_t len)
{
	char name[EG_SENSOR_MAX + 1];

	if (token->sensors == NULL)
		return true;
	if (len >= sizeof(name))
		return false;
	memcpy(name, sensor, len);
	name[len] = '\0';
	for (char **s = token->sensors; *s != NULL; s++)
		if (fnmatch(*s, name, 0) == 0)
			return true;
	return false;
}

int64_t
eg_tokens_count(struct eg_token *token, double rate, int64_t now)
{
	double most = rate < 1 ? 1 : rate;

	if (token->filled_ms == 0)
		token->allowance = most;
	else
		token->allowance += (double)(now - token->filled_ms) * rate / 1000;
	token->filled_ms = now;
	if (token->allowance > most)
		token->allowance = most;
	if (token->allowance < 1)
		return (int64_t)((1 - token->allowance) * 1000 / rate) + 1;
	token->allowance -= 1;
	return 0;
}

void
eg_tokens_free(struct eg_tokens *t)
{
	for (size_t i = 0; i < t->n; i++)
		free_one(&t->token[i]);
	if (t->token != NULL)
		explicit_bzero(t->token, t->n * sizeof(*t->token));
	free(t->token);
	*t = (struct eg_tokens){ 0 };
}
