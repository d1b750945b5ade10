/* SPDX-License-Identifier: MIT */
/* Fuzzes the reading of line protocol: what is taken is records only, and they are the same when a
 * blank before each line keeps the fast way from reading it.
 *
 *	clang -fsanitize=fuzzer,address,undefined; run with corpus/lineprotocol_read */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "record/record.h"
#include "serve/ingest.h"
#include "decode/lineprotocol_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(int condition)
{
	if (!condition)
		abort();
}

/* The body with a blank at the start of each line; the caller frees it. */
static char *
indent(const char *body, size_t size, size_t *len)
{
	char *out = malloc(2 * size + 2), *o = out;

	*o++ = ' ';
	for (size_t i = 0; i < size; i++) {
		*o++ = body[i];
		if (body[i] == '\n')
			*o++ = ' ';
	}
	*len = (size_t)(o - out);
	return out;
}

/* Reads slow, the indented body, and requires the result of in. */
static void
compare(const struct eg_ingest *in, const struct eg_lineprotocol_reader *p, const char *slow,
    size_t len)
{
	struct eg_ingest again = { .limit = in->limit, .body_len = in->body_len, .now_ns = in->now_ns };

	eg_ingest_points(&again, p, slow, len, NULL);
	require(again.full == in->full);
	require(again.records == in->records && again.chunk.len == in->chunk.len);
	require(again.refused == in->refused);
	require(in->chunk.len == 0 || memcmp(again.text, in->text, in->chunk.len) == 0);
	eg_ingest_free(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int64_t units[] = { EG_LINEPROTOCOL_AUTO, 1, 1000000000 };
	char *body = malloc(size > 0 ? size : 1), *slow;
	size_t slow_len;

	memcpy(body, data, size);
	slow = indent(body, size, &slow_len);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		/* With a body_len, lines are written where they stay. */
		struct eg_ingest in = { .limit = 65536, .body_len = i * 8192,
			.now_ns = 1795443516123000000 };
		struct eg_lineprotocol_reader p = { "sensor", units[i], i == 1 };
		size_t unparsed = 0, lines = 0;

		eg_ingest_points(&in, &p, body, size, &unparsed);
		require(unparsed <= in.refused);
		for (const char *at = in.text, *end = at != NULL ? at + in.chunk.len : at;
		    at < end; lines++) {
			const char *nl = memchr(at, '\n', (size_t)(end - at));
			const struct eg_place *place = &in.place[lines];
			struct eg_record r;

			require(nl != NULL);
			require(eg_record_parse(at, (size_t)(nl - at), &r) == EG_FAULT_NONE);
			require(place->ns == r.ns && place->subsecond == r.subsecond &&
			    place->len == r.len && place->value_at == r.value_at &&
			    place->sensor_len == r.sensor_len);
			at = nl + 1;
		}
		require(lines == in.records);
		compare(&in, &p, slow, slow_len);
		eg_ingest_free(&in);
	}
	eg_lineprotocol_likely(body, size);
	free(slow);
	free(body);
	return 0;
}
