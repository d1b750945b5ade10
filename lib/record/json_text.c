/* SPDX-License-Identifier: MIT */
/* Finds values in JSON text as they were written, and writes JSON strings. */
#include "record/json_text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "record/json_token.h"
#include "record/record.h"

size_t
eg_jsontext_space(const char *s, size_t len, size_t i)
{
	return i < len ? (size_t)(eg_json_space_end(s + i, s + len) - s) : i;
}

/* The index after the string that begins at s[i]; above len if the string has no end. */
static size_t
skip_string(const char *s, size_t len, size_t i)
{
	for (i++; i < len && s[i] != '"'; i++)
		if (s[i] == '\\')
			i++;
	return i + 1;
}

size_t
eg_jsontext_object(const char *s, size_t len)
{
	int depth = 0;

	for (size_t i = 0; i < len && (i > 0 || *s == '{'); i++) {
		if (s[i] == '"')
			i = skip_string(s, len, i) - 1;
		else if (s[i] == '{' || s[i] == '[')
			depth++;
		else if ((s[i] == '}' || s[i] == ']') && --depth == 0)
			return i + 1;
	}
	return 0;
}

size_t
eg_jsontext_value(const char *s, size_t len, size_t i)
{
	int depth = 0;

	for (; i < len; i++) {
		if (s[i] == '"') {
			i = skip_string(s, len, i) - 1;
		} else if (s[i] == '{' || s[i] == '[') {
			depth++;
		} else if (s[i] == '}' || s[i] == ']') {
			if (depth-- == 0)
				return i;
		} else if (s[i] == ',' && depth == 0) {
			return i;
		}
	}
	return len;
}

/* The UTF-16 unit of the \u escape at s; 0 if there is none, or it is U+0000. */
static unsigned long
escaped_unit(const char *s, const char *end)
{
	char hex[5] = "";

	if (end - s < 6 || s[0] != '\\' || s[1] != 'u')
		return 0;
	memcpy(hex, s + 2, 4);
	return (unsigned long)strtoull(hex, NULL, 16);
}

/* Whether the quoted name in s is `want`. Letters may be written as \u escapes; the parser has
 * checked that escapes are complete. */
static bool
is_name(const char *s, size_t len, const char *want)
{
	size_t n = 0;

	for (size_t i = 1; i + 1 < len; n++) {
		unsigned long c = (unsigned char)s[i];

		if (c == '\\' && s[i + 1] == 'u') {
			c = escaped_unit(s + i, s + len);
			i += 5;
		}
		i++;
		if (want[n] == '\0' || c != (unsigned char)want[n])
			return false;
	}
	return want[n] == '\0';
}

size_t
eg_jsontext_member(const char *s, size_t len, const char *name, const char **text)
{
	size_t found = 0, i = eg_jsontext_space(s, len, 0) + 1;

	while ((i = eg_jsontext_space(s, len, i)) < len && s[i] == '"') {
		size_t key = i, key_end = skip_string(s, len, i), start;

		start = eg_jsontext_space(s, len, eg_jsontext_space(s, len, key_end) + 1);
		i = eg_jsontext_value(s, len, start);
		if (is_name(s + key, key_end - key, name)) {
			*text = s + start;
			found = i - start;
			while (found > 0 && eg_jsontext_space(*text, found, found - 1) == found)
				found--;
		}
		i++;
	}
	return found;
}

size_t
eg_jsontext_fit(char *v, size_t n)
{
	char *point = n == EG_VALUE_MAX + 1 ? memchr(v, '.', n) : NULL, *end = v + n, *zero;

	/* json-c accepts a number that ends with its decimal point, so check that. */
	if (point == NULL || point == v || point + 1 == end)
		return n;
	if (point[1] == '0' && (point + 2 == end || point[2] == 'e' || point[2] == 'E'))
		zero = point + 1;
	else if (point[-1] == '0' && (point - 1 == v || point[-2] == '-'))
		zero = point - 1;
	else
		return n;
	memmove(zero, zero + 1, (size_t)(end - zero) - 1);
	return n - 1;
}

bool
eg_jsontext_paired(const char *s, size_t len)
{
	const char *end = s + len;

	/* A backslash occurs only inside strings. */
	while ((s = memchr(s, '\\', (size_t)(end - s))) != NULL) {
		unsigned long unit = escaped_unit(s, end);

		s += end - s < 2 ? 1 : unit == 0 ? 2 : 6;
		if (unit < 0xd800 || unit > 0xdfff)
			continue;
		if (unit > 0xdbff || (escaped_unit(s, end) & 0xfc00) != 0xdc00)
			return false;
		s += 6;
	}
	return true;
}

void
eg_jsontext_put(FILE *f, const char *s, size_t len)
{
	const char *end = s + len;

	putc('"', f);
	while (s < end) {
		unsigned char c = (unsigned char)*s;
		size_t n = eg_utf8_len(s, end);

		if (n == 0)
			(void)fputs("\xef\xbf\xbd", f);
		else if (c < 0x20)
			fprintf(f, "\\u%04x", c);
		else if (c == '"' || c == '\\')
			fprintf(f, "\\%c", c);
		else
			(void)fwrite(s, 1, n, f);
		s += n > 0 ? n : 1;
	}
	putc('"', f);
}
