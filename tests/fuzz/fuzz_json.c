/* SPDX-License-Identifier: MIT */
/* Fuzzes the fast reader of JSON: what it takes, json-c takes, with the same values.
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
	static struct eg_json_index fast;
	/* Without a NUL behind it, so that reading on is seen. */
	char *text = malloc(size > 0 ? size : 1);

	if (size > 0)
		memcpy(text, data, size);
	if (!reads_as_json_c(&fast, text, size))
		abort();
	free(text);
	return 0;
}
