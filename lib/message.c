/* SPDX-License-Identifier: MIT */
/* What a message's body looks like: a JSON object for one record, or native lines. */
#include "message.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "number.h"

enum { DEPTH_MAX = 8 };

size_t
eg_message_json(const struct eg_record *r, char out[EG_JSON_MAX])
{
	static const char head[] = "{\"key\":\"", middle[] = "\",\"value\":";
	size_t n = sizeof(head) - 1;

	memcpy(out, head, n);
	/* A key holds no control characters: these two are all that JSON escapes. */
	for (size_t i = 0; i + 1 < r->value_at; i++) {
		if (r->line[i] == '"' || r->line[i] == '\\')
			out[n++] = '\\';
		out[n++] = r->line[i];
	}
	memcpy(out + n, middle, sizeof(middle) - 1);
	n += sizeof(middle) - 1;
	n += eg_decimal_json(r->line + r->value_at, (size_t)(r->len - r->value_at), out + n);
	out[n++] = '}';
	return n;
}

static size_t
skip_space(const char *s, size_t len, size_t i)
{
	while (i < len && (s[i] == ' ' || s[i] == '\t' || s[i] == '\n' || s[i] == '\r'))
		i++;
	return i;
}

/* Behind the string that starts at s[i]. */
static size_t
skip_string(const char *s, size_t len, size_t i)
{
	for (i++; i < len && s[i] != '"'; i++)
		if (s[i] == '\\')
			i++;
	return i + 1;
}

/* Behind the value that starts at s[i]. */
static size_t
skip_value(const char *s, size_t len, size_t i)
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
	return i;
}

/* Whether the name that stands in s, quotes and all, reads `value`. Only \u escapes
 * can spell these letters; the parser has found them to be complete. */
static bool
is_value(const char *s, size_t len)
{
	static const char want[] = "value";
	size_t n = 0;

	for (size_t i = 1; i + 1 < len; n++) {
		char hex[5] = "";
		unsigned long c = (unsigned char)s[i];

		if (c == '\\' && s[i + 1] == 'u') {
			memcpy(hex, s + i + 2, 4);
			c = strtoul(hex, NULL, 16);
			i += 5;
		}
		i++;
		if (n == sizeof(want) - 1 || c != (unsigned char)want[n])
			return false;
	}
	return n == sizeof(want) - 1;
}

/* json-c keeps the text of a number with a fraction, but not of a whole one (`-0`, or
 * one beyond 64 bits). So the text is taken from the body itself, which the parser
 * has found to be valid: that is what makes this short scan enough. */
static size_t
value_text(const char *s, size_t len, const char **text)
{
	size_t found = 0, i = skip_space(s, len, 0) + 1;

	while ((i = skip_space(s, len, i)) < len && s[i] == '"') {
		size_t name = i, name_end = skip_string(s, len, i), start;

		start = skip_space(s, len, skip_space(s, len, name_end) + 1);
		i = skip_value(s, len, start);
		if (is_value(s + name, name_end - name)) {
			*text = s + start;
			found = i - start;
			while (found > 0 && skip_space(*text, found, found - 1) == found)
				found--;
		}
		i++;
	}
	return found;
}

/* JSON wants a digit on both sides of the point. A value that had as many bytes as a
 * value may have, and got such a zero on its way out, has to lose it again. */
static size_t
without_zero(char *v, size_t n)
{
	char *point = memchr(v, '.', n), *end = v + n, *zero;

	if (n != EG_VALUE_MAX + 1 || point == NULL)
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

static const char *
build_line(struct json_object *o, const char *body, size_t len, char *line, size_t *line_len)
{
	struct json_object *key, *value;
	const char *text = NULL;
	size_t key_len, n;

	if (!json_object_is_type(o, json_type_object))
		return "the message is JSON, but not an object";
	if (!json_object_object_get_ex(o, "key", &key))
		return "the object has no \"key\"";
	if (!json_object_is_type(key, json_type_string))
		return "\"key\" is not a string";
	if (!json_object_object_get_ex(o, "value", &value))
		return "the object has no \"value\"";
	if (!json_object_is_type(value, json_type_double) &&
	    !json_object_is_type(value, json_type_int))
		return "\"value\" is not a number";
	n = value_text(body, len, &text);
	if (n == 0)
		return "the message is not JSON";
	key_len = (size_t)json_object_get_string_len(key);
	if (key_len + n + 1 > EG_LINE_MAX)
		return eg_fault_text(EG_FAULT_TOO_LONG);
	memcpy(line, json_object_get_string(key), key_len);
	line[key_len] = ':';
	memcpy(line + key_len + 1, text, n);
	n = without_zero(line + key_len + 1, n);
	line[key_len + 1 + n] = '\n';
	*line_len = key_len + n + 2;
	return NULL;
}

const char *
eg_message_parse_json(const char *body, size_t len, char line[EG_LINE_MAX + 1], size_t *line_len)
{
	struct json_tokener *tok = json_tokener_new_ex(DEPTH_MAX);
	struct json_object *o;
	struct eg_record r;
	const char *why;
	enum eg_fault fault;

	if (tok == NULL)
		return "out of memory";
	json_tokener_set_flags(tok, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	o = json_tokener_parse_ex(tok, body, (int)(len < 1 << 20 ? len : 1 << 20));
	if (json_tokener_get_error(tok) == json_tokener_error_depth)
		why = "the JSON is nested too deeply";
	else if (json_tokener_get_error(tok) != json_tokener_success)
		why = "the message is not JSON";
	else if (json_tokener_get_parse_end(tok) != len)
		why = "something follows the JSON object";
	else
		why = build_line(o, body, len, line, line_len);
	json_object_put(o);
	json_tokener_free(tok);
	if (why != NULL)
		return why;
	fault = eg_line_skipped(line, *line_len - 1) ? EG_FAULT_SENSOR_HASH
	                                             : eg_record_parse(line, *line_len - 1, &r);
	return fault == EG_FAULT_NONE ? NULL : eg_fault_text(fault);
}

static bool
type_is(const char *type, size_t len, const char *want)
{
	size_t n = strlen(want);

	/* A parameter may follow: `text/plain; charset=utf-8`. */
	return len >= n && strncasecmp(type, want, n) == 0 &&
	    (len == n || type[n] == ';' || type[n] == ' ');
}

bool
eg_message_is_json(const char *type, size_t type_len, const char *body, size_t len)
{
	size_t i;

	if (type_is(type, type_len, EG_TYPE_JSON))
		return true;
	if (type_is(type, type_len, EG_TYPE_LINES))
		return false;
	i = skip_space(body, len, 0);
	return i < len && (body[i] == '{' || body[i] == '[');
}
