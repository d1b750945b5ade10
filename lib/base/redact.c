/* SPDX-License-Identifier: MIT */
/* Removes this process's secrets from text that a peer sent. */
#include "base/redact.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Global, because most secrets come from the environment, which is also global. */
static char *secrets[EG_REDACT_MAX];
static size_t count;

static void
add_secret(const char *secret)
{
	char **place = &secrets[count % EG_REDACT_MAX];

	for (size_t i = 0; i < EG_REDACT_MAX; i++)
		if (secrets[i] != NULL && strcmp(secrets[i], secret) == 0)
			return;
	if (*place != NULL)
		explicit_bzero(*place, strlen(*place));
	free(*place);
	*place = strdup(secret);
	count++;
}

/* Adds the percent-encoded forms (RFC 3986 section 2.1), with hexadecimal digits in both cases. */
static void
add_percent_encoded(const char *secret, const char *digits)
{
	char *text = malloc(3 * strlen(secret) + 1), *o = text;

	if (text == NULL)
		return;
	for (const unsigned char *s = (const unsigned char *)secret; *s != '\0'; s++) {
		if (isalnum(*s) || strchr("-._~", *s) != NULL) {
			*o++ = (char)*s;
			continue;
		}
		*o++ = '%';
		*o++ = digits[*s >> 4];
		*o++ = digits[*s & 15];
	}
	*o = '\0';
	add_secret(text);
	explicit_bzero(text, strlen(text));
	free(text);
}

void
eg_redact_add(const char *secret)
{
	if (secret == NULL || strlen(secret) < EG_REDACT_LEAST)
		return;
	add_secret(secret);
	add_percent_encoded(secret, "0123456789ABCDEF");
	add_percent_encoded(secret, "0123456789abcdef");
}

/* Encodes len bytes in base64 (RFC 4648). out holds 4 bytes for each 3, and a NUL. */
static void
base64(const unsigned char *s, size_t len, char *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				     "0123456789+/";

	for (size_t i = 0; i < len; i += 3) {
		unsigned three = (unsigned)s[i] << 16 | (i + 1 < len ? (unsigned)s[i + 1] << 8 : 0) |
		    (i + 2 < len ? s[i + 2] : 0);

		*out++ = digits[three >> 18];
		*out++ = digits[three >> 12 & 63];
		*out++ = i + 1 < len ? digits[three >> 6 & 63] : '=';
		*out++ = i + 2 < len ? digits[three & 63] : '=';
	}
	*out = '\0';
}

void
eg_redact_add_basic(const char *user, const char *password)
{
	char *both, *out;
	int len = asprintf(&both, "%s:%s", user, password);

	if (len < 0)
		return;
	out = malloc((size_t)len / 3 * 4 + 5);
	if (out != NULL) {
		base64((const unsigned char *)both, (size_t)len, out);
		eg_redact_add(out);
		explicit_bzero(out, strlen(out));
	}
	free(out);
	explicit_bzero(both, (size_t)len);
	free(both);
}

static size_t
replace_secret(char *text, size_t len, const char *secret)
{
	static const char stars[] = "***";
	const size_t n = strlen(secret), k = strlen(stars);
	char *at = text;

	while ((at = memmem(at, len - (size_t)(at - text), secret, n)) != NULL) {
		memcpy(at, stars, k);
		memmove(at + k, at + n, len - (size_t)(at - text) - n);
		len -= n - k;
		at += k;
	}
	return len;
}

size_t
eg_redact(char *text, size_t len)
{
	for (size_t i = 0; i < EG_REDACT_MAX; i++)
		if (secrets[i] != NULL)
			len = replace_secret(text, len, secrets[i]);
	return len;
}

void
eg_redact_text(char *text)
{
	text[eg_redact(text, strlen(text))] = '\0';
}

void
eg_redact_url(const char *url, char *out, size_t size)
{
	char *text = strndup(url, strcspn(url, "?#")), *at, *host;

	if (size > 0)
		*out = '\0';
	if (text == NULL)
		return;
	eg_redact_text(text);
	at = strstr(text, "//");
	at = at != NULL ? at + 2 : text;
	/* The last '@', since a password may hold one, and a '/' that is not encoded. */
	host = strrchr(at, '@');
	(void)snprintf(out, size, "%.*s%s%s", (int)(at - text), text, host != NULL ? "***" : "",
	    host != NULL ? host : at);
	explicit_bzero(text, strlen(text));
	free(text);
}
