/* SPDX-License-Identifier: MIT */
/* The forms of a message's body: a JSON object for one record, or record lines. */
#include "record/message.h"

#include <json-c/json.h>
#include <string.h>
#include <strings.h>

#include "base/number.h"
#include "base/swar.h"
#include "record/json_parse.h"
#include "record/json_text.h"
#include "record/json_token.h"

/* What stands before the key and before the value of an object that we write. */
#define HEAD "{\"key\":\""
#define MIDDLE "\",\"value\":"

enum { DEPTH_MAX = 8, BODY_MAX = 1 << 20 };

size_t
eg_message_json(const struct eg_record *r, char out[EG_JSON_MAX])
{
	size_t n = strlen(HEAD), key_len = (size_t)r->value_at - 1;

	memcpy(out, HEAD, n);
	/* JSON requires escapes for '"', '\' and control characters; a key has no control
	 * characters. Eight bytes at a time, as far as the line goes. */
	for (size_t i = 0, plain; i < key_len; i += plain) {
		plain = i + 8 <= r->len ? eg_swar_prefix(r->line + i, "\"\"\\\\") : 0;
		if (plain > 0) {
			memcpy(out + n, r->line + i, 8);
		} else {
			if (r->line[i] == '"' || r->line[i] == '\\')
				out[n++] = '\\';
			out[n] = r->line[i];
			plain = 1;
		}
		plain = plain < key_len - i ? plain : key_len - i;
		n += plain;
	}
	memcpy(out + n, MIDDLE, strlen(MIDDLE));
	n += strlen(MIDDLE);
	n += eg_decimal_json(r->line + r->value_at, (size_t)(r->len - r->value_at), out + n);
	out[n++] = '}';
	return n;
}

/* Writes the record of a key and a value. False: it is too long. */
static bool
put_record(const char *key, size_t key_len, const char *value, size_t n, char *line,
    size_t *line_len)
{
	if (key_len + n + 1 > EG_LINE_MAX)
		return false;
	memcpy(line, key, key_len);
	line[key_len] = ':';
	memcpy(line + key_len + 1, value, n);
	n = eg_jsontext_fit(line + key_len + 1, n);
	line[key_len + 1 + n] = '\n';
	*line_len = key_len + n + 2;
	return true;
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
	/* json-c keeps the text of a number with a fraction, but not of an integer. */
	n = eg_jsontext_member(body, len, "value", &text);
	if (n == 0)
		return "the message is not JSON";
	key_len = (size_t)json_object_get_string_len(key);
	return put_record(json_object_get_string(key), key_len, text, n, line, line_len)
	    ? NULL
	    : eg_fault_text(EG_FAULT_TOO_LONG);
}

/* Reads an object as eg_message_json writes it if its key is ASCII without escapes, as nearly all
 * are: json-c needs ten times as long. False: it is something else, which may still be right. */
static bool
read_usual(const char *body, size_t len, char *line, size_t *line_len)
{
	const char *key = body + strlen(HEAD), *end = body + len, *key_end, *value, *value_end;
	bool ascii = true, whole;

	if (len < strlen(HEAD) || memcmp(body, HEAD, strlen(HEAD)) != 0)
		return false;
	key_end = eg_json_string_end(key, end, &ascii);
	if (key_end == NULL || !ascii || (size_t)(end - key_end) < strlen(MIDDLE) ||
	    memcmp(key_end, MIDDLE, strlen(MIDDLE)) != 0)
		return false;
	value = key_end + strlen(MIDDLE);
	value_end = eg_json_number_end(value, end, &whole);
	return value_end != NULL && value_end + 1 == end && *value_end == '}' &&
	    put_record(key, (size_t)(key_end - key), value, (size_t)(value_end - value), line,
	    line_len);
}

/* Reads any object with json-c; the reason, or NULL. */
static const char *
read_any(const char *body, size_t len, char *line, size_t *line_len)
{
	struct json_tokener *tok = eg_json_tokener(DEPTH_MAX);
	struct json_object *o;
	const char *why;
	enum eg_json_end end;

	if (tok == NULL)
		return "out of memory";
	end = eg_json_parse(tok, body, len < BODY_MAX ? len : BODY_MAX, &o, &why);
	if (end == EG_JSON_MEMORY)
		why = "out of memory";
	else if (end == EG_JSON_DEEP)
		why = "the JSON is nested too deeply";
	else if (end == EG_JSON_FOLLOWED || (end == EG_JSON_WHOLE && len > BODY_MAX))
		why = "something follows the JSON object";
	else if (end != EG_JSON_WHOLE)
		why = "the message is not JSON";
	else if (!eg_jsontext_paired(body, len))
		why = "the message holds half a surrogate pair";
	else
		why = build_line(o, body, len, line, line_len);
	json_object_put(o);
	json_tokener_free(tok);
	return why;
}

const char *
eg_message_parse_json(const char *body, size_t len, char line[EG_LINE_MAX + 1], size_t *line_len)
{
	const char *why = NULL;
	struct eg_record r;
	enum eg_fault fault;

	if (!read_usual(body, len, line, line_len))
		why = read_any(body, len, line, line_len);
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

	/* A parameter may follow, as in `text/plain; charset=utf-8`. */
	return len >= n && strncasecmp(type, want, n) == 0 &&
	    (len == n || type[n] == ';' || type[n] == ' ');
}

size_t
eg_message_item(const char *body, size_t len)
{
	size_t end = eg_jsontext_object(body, len), next = eg_jsontext_space(body, len, end);

	if (end > 0 && next == len)
		return len;
	if (end > 0 && body[next] == '{')
		return end;
	for (const char *nl = body; (nl = memchr(nl, '\n', (size_t)(body + len - nl))) != NULL; nl++) {
		next = eg_jsontext_space(body, len, (size_t)(nl - body));
		if (next < len && body[next] == '{')
			return (size_t)(nl - body);
	}
	return len;
}

/* Whether the first line is a record. */
static bool
begins_with_record(const char *body, size_t len)
{
	const char *nl = memchr(body, '\n', len);
	size_t n = nl != NULL ? (size_t)(nl - body) : len;
	struct eg_record r;

	return n <= EG_LINE_MAX && eg_record_parse(body, n, &r) == EG_FAULT_NONE;
}

bool
eg_message_is_json(const char *type, size_t type_len, const char *body, size_t len)
{
	size_t i = eg_jsontext_space(body, len, 0);

	if (type_is(type, type_len, EG_TYPE_JSON) || type_is(type, type_len, EG_TYPE_NDJSON))
		return true;
	if (i == len)
		return false;
	if (type_is(type, type_len, EG_TYPE_LINES))
		return body[i] == '{' && !begins_with_record(body, len);
	return body[i] == '{' || body[i] == '[';
}
