/* SPDX-License-Identifier: MIT */
/* The end of a program whose command line is wrong. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/options.h"

void
eg_usage(const char *fmt, ...)
{
	char text[320];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	eg_fatal("%s; see %s --help", text, eg_program());
	exit(EG_USAGE);
}

/* How much of the name of an unknown option is shown: up to the first character that no name has,
 * or to the word of a secret, since --tokenSECRET may have been meant as --token SECRET. */
static size_t
shown_length(const char *name)
{
	static const char *const secrets[] = { "auth", "cred", "key", "pass", "pw", "secret", "token",
	    "user" };
	size_t shown = strspn(name, "abcdefghijklmnopqrstuvwxyz-");

	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
		const char *at = strstr(name, secrets[i]);
		size_t end = at != NULL ? (size_t)(at - name) + strlen(secrets[i]) : shown;

		shown = end < shown ? end : shown;
	}
	return shown;
}

void
eg_usage_unknown(const char *word)
{
	size_t shown = 2 + shown_length(word + 2);
	char q[EG_QUOTE_MAX];

	eg_usage("unknown option %s%s", eg_quote(word, shown, q),
	    shown < strcspn(word, "=") ? " and more" : "");
}
