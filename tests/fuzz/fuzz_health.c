/* SPDX-License-Identifier: MIT */
/* Fuzzes the stream of counters that eg-health reads: in one piece or in many, the newest counters
 * are the same, and the answer is text.
 *
 *	clang -fsanitize=fuzzer,address,undefined; run with corpus/health */
#include <stdlib.h>
#include <string.h>

#include "health/health.h"

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
	struct eg_health whole = { .limit_ms = 2000 }, pieces = { .limit_ms = 2000 };
	char why[128], *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	require(f != NULL);
	(void)eg_health_feed(&whole, (const char *)data, size, 1);
	for (size_t i = 0; i < size; i += 7)
		(void)eg_health_feed(&pieces, (const char *)data + i, size - i < 7 ? size - i : 7, 1);
	require(whole.len == pieces.len && whole.settled == pieces.settled);
	require(strcmp(whole.program, pieces.program) == 0);
	eg_health_print(&whole, 5000, f);
	require(fclose(f) == 0);
	(void)eg_health_fault(&whole, 5000, why, sizeof(why));
	require(why[0] != '\0');
	free(text);
	eg_health_free(&whole);
	eg_health_free(&pieces);
	return 0;
}
