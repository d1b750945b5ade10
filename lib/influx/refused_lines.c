/* SPDX-License-Identifier: MIT */
/* Finds the lines of a request that the server's answer refuses. */
#include "influx/refused_lines.h"

#include <json-c/json.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "influx/write_reply.h"

struct search {
	size_t n; /* number of lines */
	eg_refused_line *found;
	void *ctx;
	size_t calls;
};

static void
call(struct search *s, size_t line, const char *message)
{
	char reason[EG_WRITE_REPLY_REASON];

	eg_write_reply_words(message, reason);
	s->found(s->ctx, line, reason);
	s->calls++;
}

/* Handles one element of InfluxDB 3's data array. */
static void
take_element(struct search *s, struct json_object *element)
{
	struct json_object *number;
	const char *why;
	int64_t line;

	if (!json_object_is_type(element, json_type_object) ||
	    !json_object_object_get_ex(element, "line_number", &number) ||
	    !json_object_is_type(number, json_type_int))
		return;
	line = json_object_get_int64(number);
	why = eg_write_reply_text(element, "error_message");
	if (line >= 1 && (uint64_t)line <= s->n)
		call(s, (size_t)line - 1, why != NULL ? why : "no reason is given");
}

static void
by_number(struct search *s, struct json_object *json)
{
	struct json_object *data;

	if (!json_object_object_get_ex(json, "data", &data))
		return;
	if (json_object_is_type(data, json_type_object))
		take_element(s, data);
	if (json_object_is_type(data, json_type_array))
		for (size_t i = 0; i < json_object_array_length(data); i++)
			take_element(s, json_object_array_get_idx(data, i));
}

/* Whether the text after `unable to parse '` quotes this line. */
static bool
quotes(const char *message, const char *line, size_t len)
{
	return strncmp(message, line, len) == 0 && strncmp(message + len, "': ", 3) == 0;
}

/* Finds the quoted lines; the message quotes them in the order of the request. */
static void
by_text(struct search *s, const char *message, const char *body, size_t len)
{
	static const char before[] = "unable to parse '";
	const char *line = body, *end = body + len, *at;
	size_t i = 0;

	while ((at = strstr(message, before)) != NULL) {
		const char *quoted = at + strlen(before);

		for (; line < end; i++) {
			const char *newline = memchr(line, '\n', (size_t)(end - line));
			size_t n = (size_t)(newline - line);
			bool is = quotes(quoted, line, n);

			line = newline + 1;
			if (!is)
				continue;
			call(s, i++, at);
			quoted += n;
			break;
		}
		message = quoted;
	}
}

size_t
eg_refused_lines_named(const struct eg_write_reply *a, const char *body, size_t len, size_t n,
    eg_refused_line *found, void *ctx)
{
	struct search s = { .n = n, .found = found, .ctx = ctx };
	struct json_object *json = eg_write_reply_json(a);
	char *message;

	if (json != NULL)
		by_number(&s, json);
	if (s.calls == 0) {
		message = eg_write_reply_message(a, json);
		if (message != NULL)
			by_text(&s, message, body, len);
		free(message);
	}
	json_object_put(json);
	return s.calls;
}

static size_t
dropped_of(const char *message, size_t n, bool *oldest)
{
	static const char mark[] = " dropped=";
	const char *at = strstr(message, "partial write: "), *number = NULL;
	unsigned long long dropped;

	*oldest = false;
	/* Use the last occurrence, since the name of a sensor may contain this text. */
	for (const char *next = at; next != NULL && (next = strstr(next, mark)) != NULL;)
		number = next += strlen(mark);
	if (number == NULL)
		return 0;
	dropped = strtoull(number, NULL, 10);
	if (dropped >= n)
		return n;
	/* A write window also drops new points. */
	*oldest = strstr(at, "retention policy") != NULL && strstr(at, "write window") == NULL;
	return *oldest ? (size_t)dropped : 0;
}

size_t
eg_refused_lines_dropped(const struct eg_write_reply *a, size_t n, bool *oldest)
{
	struct json_object *json = eg_write_reply_json(a);
	char *message = eg_write_reply_message(a, json);
	size_t dropped = message != NULL ? dropped_of(message, n, oldest) : 0;

	free(message);
	json_object_put(json);
	return dropped;
}
