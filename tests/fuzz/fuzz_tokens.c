/* SPDX-License-Identifier: MIT */
/* Fuzzes the file of tokens: each that is taken is found by its secret, and only by it.
 *
 *	clang -fsanitize=fuzzer,address,undefined; run with corpus/tokens */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "serve/tokens.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(int condition)
{
	if (!condition)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct eg_tokens t = { 0 };
	struct eg_error e = { 0 };
	char *text = malloc(size > 0 ? size : 1);

	memcpy(text, data, size);
	if (eg_tokens_parse(&t, "file", text, size, &e) != 0)
		require(e.status == EG_CONFIG && strlen(e.text) < sizeof(e.text));
	for (size_t i = 0; i < t.n; i++) {
		struct eg_token *k = &t.token[i];
		size_t len = strlen(k->secret);

		require(eg_tokens_find(&t, k->secret, len) == k);
		require(eg_tokens_find(&t, k->secret, len - 1) != k);
		require(*k->name != '\0');
		eg_tokens_may(k, "sensor1", 7);
	}
	eg_tokens_free(&t);
	free(text);
	return 0;
}
