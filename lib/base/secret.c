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
		return eg_fail(e, EG_CONFIG, "cannot open the file that %s names: %s", what,
		    strerror(errno));
	if (f == NULL)
		return eg_fail(e, EG_CONFIG, "cannot open '%s': %s", path, strerror(errno));
	n = fread(out, 1, size, f);
	if (ferror(f)) {
		(void)fclose(f);
		return eg_fail(e, EG_CONFIG, "cannot read '%s': %s", path, strerror(errno));
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
