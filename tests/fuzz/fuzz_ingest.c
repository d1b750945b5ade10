/* SPDX-License-Identifier: MIT */
/* Fuzzes the reading of JSON bodies by eg-serve: what is taken is records only, and what
 * is read without the parser is what the parser reads.
 *
 *	clang -fsanitize=fuzzer,address,undefined; run with corpus/ingest */
#include <json-c/json.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "record/json_parse.h"
#include "record/record.h"
#include "serve/ingest.h"
#include "serve/ingest_plain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(int condition)
{
	if (!condition)
		abort();
}

static void
check(const struct eg_ingest *in)
{
	size_t lines = 0;

	for (const char *at = in->text, *end = at != NULL ? at + in->chunk.len : at; at < end;
	    lines++) {
		const char *nl = memchr(at, '\n', (size_t)(end - at));
		struct eg_record r;

		require(nl != NULL);
		require(eg_record_parse(at, (size_t)(nl - at), &r) == EG_FAULT_NONE);
		require(in->place[lines].index <= in->index);
		require(in->place[lines].ns == r.ns && in->place[lines].subsecond == r.subsecond);
		require(in->place[lines].len == r.len && in->place[lines].value_at == r.value_at &&
		    in->place[lines].sensor_len == r.sensor_len);
		at = nl + 1;
	}
	require(lines == in->records);
	require(in->chunk.len <= in->limit);
}

static void
same_string(struct json_object *o, const char *name, const struct eg_slice *want)
{
	struct json_object *v;

	if (want->s == NULL) {
		require(!json_object_object_get_ex(o, name, &v));
		return;
	}
	require(json_object_object_get_ex(o, name, &v));
	require((size_t)json_object_get_string_len(v) == want->len);
	require(memcmp(json_object_get_string(v), want->s, want->len) == 0);
}

/* Whatever is read the short way is valid, and means the same to the parser. */
static void
check_plain(const char *body, size_t size)
{
	struct json_tokener *tok;
	struct json_object *o, *v;
	struct eg_ingest_plain p = { .plain = false };
	const char *why;

	if (size > 1 << 20 || (size = eg_ingest_plain_read(body, size, &p)) == 0)
		return;
	tok = eg_json_tokener(2);
	/* The short way leaves UTF-8 to the parser of records. */
	if (eg_json_parse(tok, body, size, &o, &why) == EG_JSON_BAD &&
	    strcmp(why, "invalid UTF-8") == 0) {
		json_tokener_free(tok);
		return;
	}
	require(json_tokener_get_error(tok) == json_tokener_success && o != NULL);
	same_string(o, "sensor_id", &p.sensor);
	same_string(o, "timestamp", &p.time);
	require(json_object_object_get_ex(o, "value", &v));
	if (p.value.len < 64) {
		char text[64] = "";

		memcpy(text, p.value.s, p.value.len);
		require(json_object_get_double(v) == strtod(text, NULL) ||
		    json_object_is_type(v, json_type_int));
	}
	json_object_put(o);
	json_tokener_free(tok);
}

static void
same_slice(struct eg_slice a, struct eg_slice b)
{
	require(a.s == b.s && a.len == b.len);
}

/* An object behind another one is read as if it stood alone. */
static void
check_alike(const char *body, size_t size)
{
	struct eg_ingest_plain last = { .plain = false };
	const char *at = body, *end = body + size;

	while (at < end && (at = memchr(at, '{', (size_t)(end - at))) != NULL) {
		struct eg_ingest_plain alone = { .plain = false };
		size_t n = eg_ingest_plain_read(at, (size_t)(end - at), &last);

		require(eg_ingest_plain_read(at, (size_t)(end - at), &alone) == n);
		if (n > 0) {
			same_slice(last.sensor, alone.sensor);
			same_slice(last.time, alone.time);
			same_slice(last.value, alone.value);
			same_slice(last.object, alone.object);
		}
		at += n > 0 ? n : 1;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *(*const readers[])(struct eg_ingest *, const char *, size_t) = {
		eg_ingest_object, eg_ingest_array, eg_ingest_objects, eg_ingest_lines };
	/* Without a NUL behind it, so that reading on is seen. */
	char *body = malloc(size > 0 ? size : 1);

	memcpy(body, data, size);
	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
		struct eg_ingest in = { .limit = 65536, .body_len = size % 2 * 16384,
			.now_ns = 1795443516123000000 };

		readers[i](&in, body, size);
		check(&in);
		eg_ingest_free(&in);
	}
	check_plain(body, size);
	check_alike(body, size);
	free(body);
	return 0;
}
