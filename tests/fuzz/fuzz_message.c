/* SPDX-License-Identifier: MIT */
/* Fuzzes the reading of JSON bodies: what is taken must be a record, and survive the
 * way out and back.
 *
 *	clang -fsanitize=fuzzer,address,undefined; run with corpus/message */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "record/json_text.h"
#include "record/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(int condition)
{
	if (!condition)
		abort();
}

/* With a blank in front, which another reader takes, the result is the same. */
static void
require_same(const char *body, size_t size, const char *why, const char *line, size_t len)
{
	char *copy = malloc(size + 1), other[EG_LINE_MAX + 1];
	const char *other_why;
	size_t n;

	require(copy != NULL);
	*copy = ' ';
	memcpy(copy + 1, body, size);
	other_why = eg_message_parse_json(copy, size + 1, other, &n);
	require((why == NULL) == (other_why == NULL));
	if (why != NULL)
		require(strcmp(why, other_why) == 0);
	else
		require(n == len && memcmp(line, other, n) == 0);
	free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char line[EG_LINE_MAX + 1], again[EG_LINE_MAX + 1], json[EG_JSON_MAX];
	const char *body = (const char *)data;
	struct eg_record r, s;
	const char *why;
	size_t len, n;

	eg_message_is_json("", 0, body, size);
	eg_message_is_json("text/plain", 10, body, size);
	n = eg_message_item(body, size);
	require(n <= size && (n > 0 || size == 0 || eg_jsontext_space(body, size, 0) > 0));
	why = eg_message_parse_json(body, size, line, &len);
	require_same(body, size, why, line, len);
	if (why != NULL)
		return 0;
	require(len > 0 && len <= sizeof(line) && line[len - 1] == '\n');
	require(memchr(line, '\n', len - 1) == NULL);
	require(eg_record_parse(line, len - 1, &r) == EG_FAULT_NONE);
	n = eg_message_json(&r, json);
	require(n <= sizeof(json));
	/* A record's JSON is read as the same key and, JSON's spelling apart, value. */
	require(eg_message_parse_json(json, n, again, &len) == NULL);
	require(eg_record_parse(again, len - 1, &s) == EG_FAULT_NONE);
	require(s.value_at == r.value_at && memcmp(line, again, r.value_at) == 0);
	require(s.ns == r.ns);
	require(strtod(line + r.value_at, NULL) == strtod(again + s.value_at, NULL));
	return 0;
}
