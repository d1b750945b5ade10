/* SPDX-License-Identifier: MIT */
/* Fuzzes the fast reader of JSON: what it takes, json-c takes, with the same values. The input is
 * one text or more, with a NUL before the next one: each is read behind the one before it.
 *
 *	clang -fsanitize=fuzzer,address,undefined; run with corpus/json */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../json_same.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct eg_json_index fast = { .value = NULL };
	const uint8_t *end = data + size, *behind;

	for (; data < end; data = behind + 1) {
		/* Without a NUL behind it, so that reading on is seen. */
		size_t len;
		char *text;

		behind = memchr(data, '\0', (size_t)(end - data));
		behind = behind != NULL ? behind : end;
		len = (size_t)(behind - data);
		text = malloc(len > 0 ? len : 1);
		memcpy(text, data, len);
		if (!reads_as_json_c(&fast, text, len))
			abort();
		free(text);
	}
	eg_json_index_free(&fast);
	return 0;
}
