/* SPDX-License-Identifier: MIT */
#include "record/json_parse.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/utf8.h"

enum { TEXT_MAX = 256 << 20 }; /* it may grow sixfold: within an int */

/* Where rewritten text goes; to: NULL, it is only measured. */
struct rewrite {
	char *to;
	size_t len;
	bool changed;
};

struct json_tokener *
eg_json_tokener(int depth)
{
	struct json_tokener *tok = json_tokener_new_ex(depth);

	if (tok != NULL)
		json_tokener_set_flags(tok, JSON_TOKENER_STRICT);
	return tok;
}

static void
put_bytes(struct rewrite *w, const char *s, size_t n)
{
	if (w->to != NULL)
		memcpy(w->to + w->len, s, n);
	w->len += n;
}

/* The limit that a whole number exceeds, or NULL. One with a zero in front is no JSON. */
static const char *
limit_of(const char *s, size_t len)
{
	const bool negative = *s == '-';
	const char *limit = negative ? "-9223372036854775808" : "18446744073709551615";
	const size_t most = strlen(limit);

	if (len < most || *s == '0' || (len == most && memcmp(s, limit, most) <= 0))
		return NULL;
	return limit;
}

/* Copies the number at s. A whole number above its limit is replaced by the limit, padded with
 * blanks. Returns the number's length. */
static size_t
put_number(struct rewrite *w, const char *s, size_t len)
{
	size_t digits = 1, n;
	const char *limit;

	while (digits < len && eg_is_digit(s[digits]))
		digits++;
	for (n = digits; n < len && (eg_is_digit(s[n]) || memchr(".eE+-", s[n], 5) != NULL);)
		n++;
	if (n > digits || (limit = limit_of(s, n)) == NULL) {
		put_bytes(w, s, n);
		return n;
	}
	w->changed = true;
	put_bytes(w, limit, strlen(limit));
	for (size_t i = strlen(limit); i < n; i++)
		put_bytes(w, " ", 1);
	return n;
}

/* Writes the character of n bytes at s as \u escapes. */
static void
put_escape(struct rewrite *w, const char *s, size_t n)
{
	unsigned c = (unsigned char)*s & (n == 1 ? 0x7f : 0xffU >> (n + 1));
	char text[13];

	for (size_t i = 1; i < n; i++)
		c = c << 6 | ((unsigned char)s[i] & 0x3f);
	/* RFC 8259, section 7: beyond 16 bits, a surrogate pair. */
	if (c > 0xffff)
		put_bytes(w, text,
		    (size_t)snprintf(text, sizeof(text), "\\u%04x\\u%04x", 0xd7c0 + (c >> 10),
		    0xdc00 + (c & 0x3ff)));
	else
		put_bytes(w, text, (size_t)snprintf(text, sizeof(text), "\\u%04x", c));
	w->changed = true;
}

/* Takes the string, in valid UTF-8, whose quote is at s[0]; returns its length. */
static size_t
put_string(struct rewrite *w, const char *s, size_t len)
{
	size_t i = 1, from = 0, n;

	while (i < len && s[i] != '"') {
		if ((unsigned char)(s[i] - ' ') < 0x80 - ' ') {
			i += s[i] == '\\' && i + 1 < len ? 2 : 1;
			continue;
		}
		n = s[i] == '\0' ? 0 : eg_utf8_len(s + i, s + len);
		if (n == 0)
			break;
		put_bytes(w, s + from, i - from);
		put_escape(w, s + i, n);
		from = i += n;
	}
	i += i < len;
	put_bytes(w, s + from, i - from);
	return i;
}

/* Writes what every version of json-c reads alike. */
static void
rewrite(struct rewrite *w, const char *s, size_t len)
{
	for (size_t i = 0; i < len;) {
		if (s[i] == '"')
			i += put_string(w, s + i, len - i);
		else if (s[i] == '-' || eg_is_digit(s[i]))
			i += put_number(w, s + i, len - i);
		else
			put_bytes(w, s + i++, 1);
	}
}

static bool
is_utf8(const char *s, size_t len)
{
	const char *end = s + len;
	size_t n;

	for (; s < end; s += n)
		if ((n = (unsigned char)*s < 0x80 ? 1 : eg_utf8_len(s, end)) == 0)
			return false;
	return true;
}

/* Parses text that is rewritten if need be. */
static enum eg_json_end
parse_prepared(struct json_tokener *tok, const char *text, size_t len, struct json_object **o)
{
	enum json_tokener_error error;
	size_t end;

	json_tokener_reset(tok);
	*o = json_tokener_parse_ex(tok, text, (int)len);
	error = json_tokener_get_error(tok);
	end = json_tokener_get_parse_end(tok);
	/* A number, true or null is complete only when a byte follows: pass the NUL. */
	if (error == json_tokener_continue) {
		*o = json_tokener_parse_ex(tok, "", 1);
		return json_tokener_get_error(tok) == json_tokener_success ? EG_JSON_WHOLE : EG_JSON_CUT;
	}
	return error == json_tokener_error_depth ? EG_JSON_DEEP
	    : error != json_tokener_success ? EG_JSON_BAD
	    : end != len ? EG_JSON_FOLLOWED : EG_JSON_WHOLE;
}

enum eg_json_end
eg_json_parse(struct json_tokener *tok, const char *text, size_t len, struct json_object **o,
    const char **why)
{
	struct rewrite w = { .to = NULL };
	enum eg_json_end end;
	char *copy = NULL;

	*o = NULL;
	*why = len > TEXT_MAX ? "longer than 256 MiB" : "invalid UTF-8";
	if (len > TEXT_MAX || !is_utf8(text, len))
		return EG_JSON_BAD;
	rewrite(&w, text, len);
	if (w.changed) {
		if ((copy = malloc(w.len)) == NULL)
			return EG_JSON_MEMORY;
		w = (struct rewrite){ .to = copy };
		rewrite(&w, text, len);
	}
	end = parse_prepared(tok, copy != NULL ? copy : text, w.len, o);
	if (end == EG_JSON_BAD)
		*why = json_tokener_error_desc(json_tokener_get_error(tok));
	if (end != EG_JSON_WHOLE) {
		json_object_put(*o);
		*o = NULL;
	}
	free(copy);
	return end;
}
