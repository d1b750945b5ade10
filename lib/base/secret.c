/* SPDX-License-Identifier: MIT */
/* Reads a password or token from a file or the environment, and protects the process. */
#include "base/secret.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/diag.h"
#include "base/redact.h"

void
eg_secret_guard(void)
{
	(void)prctl(PR_SET_DUMPABLE, 0);
}

int
eg_secret_take(const char *name, char **out, struct eg_error *e)
{
	char *text = getenv(name);

	*out = NULL;
	eg_secret_guard();
	if (text == NULL || *text == '\0')
		return 0;
	*out = strdup(text);
	if (*out == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	eg_redact_add(text);
	explicit_bzero(text, strlen(text));
	(void)unsetenv(name);
	return 0;
}

void
eg_secret_free(char *secret)
{
	if (secret != NULL)
		explicit_bzero(secret, strlen(secret));
	free(secret);
}

/* Copies URLs without their passwords to out, which is as large as text. */
static void
without_passwords(const char *text, char *out)
{
	for (size_t len; *text != '\0'; text += len) {
		const char *at, *user, *colon;

		len = strcspn(text, ",");
		len += text[len] == ',';
		at = memchr(text, '@', len);
		user = strstr(text, "://");
		colon = at != NULL && user != NULL && user < at ? memchr(user + 3, ':',
		    (size_t)(at - text) - (size_t)(user + 3 - text)) : NULL;
		if (colon == NULL) {
			memcpy(out, text, len);
			out += len;
			continue;
		}
		memcpy(out, text, (size_t)(colon - text));
		out += colon - text;
		memcpy(out, at, len - (size_t)(at - text));
		out += len - (size_t)(at - text);
	}
	*out = '\0';
}

int
eg_secret_take_urls(const char *name, char **out, struct eg_error *e)
{
	char *open;

	if (eg_secret_take(name, out, e) != 0)
		return -1;
	if (*out == NULL)
		return 0;
	open = malloc(strlen(*out) + 1);
	if (open != NULL) {
		without_passwords(*out, open);
		if (setenv(name, open, 1) == 0) {
			free(open);
			return 0;
		}
	}
	free(open);
	eg_secret_free(*out);
	*out = NULL;
	return eg_fail(e, EG_BUG, "out of memory");
}

int
eg_secret_check(const char *name, const char *secret, struct eg_error *e)
{
	if (*secret == '\0')
		return eg_fail(e, EG_CONFIG, "'%s' holds an empty secret", name);
	for (; *secret != '\0'; secret++)
		if ((unsigned char)*secret < 0x20 || *secret == 0x7f)
			return eg_fail(e, EG_CONFIG,
			    "'%s' holds a control character (a second line?) within the secret", name);
	return 0;
}

int
eg_secret_read(const char *what, const char *path, char *out, size_t size, struct eg_error *e)
{
	FILE *f = fopen(path, "re");
	size_t n;

	eg_secret_guard();
	/* If there is no such file, path may be the secret itself, given by mistake. */
	if (f == NULL && errno != EACCES)
		return eg_fail(e, eg_status_of(errno), "cannot open the file that %s names: %s", what,
		    strerror(errno));
	if (f == NULL)
		return eg_fail(e, eg_status_of(errno), "cannot open '%s': %s", path, strerror(errno));
	n = fread(out, 1, size, f);
	if (ferror(f)) {
		(void)fclose(f);
		return eg_fail(e, eg_status_of(errno), "cannot read '%s': %s", path, strerror(errno));
	}
	(void)fclose(f);
	if (n == size)
		return eg_fail(e, EG_CONFIG, "'%s' is longer than a secret of %zu bytes", path,
		    size - 1);
	if (n > 0 && out[n - 1] == '\n')
		n--;
	if (n > 0 && out[n - 1] == '\r')
		n--;
	out[n] = '\0';
	if (memchr(out, '\0', n) != NULL)
		return eg_fail(e, EG_CONFIG, "'%s' holds a NUL byte", path);
	eg_redact_add(out);
	return eg_secret_check(path, out, e);
}
