/* SPDX-License-Identifier: MIT */
/* Fuzzes timestamps: what is taken is an instant that is written and read back as itself,
 * and what is an instant is taken.
 *
 *	clang -fsanitize=fuzzer,address,undefined; run with corpus/time */
#include <stdlib.h>
#include <string.h>

#include "record/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(int condition)
{
	if (!condition)
		abort();
}

static void
round_trip(int64_t ns)
{
	char text[EG_TIME_SIZE];
	int64_t again = 0;
	size_t n = eg_time_format(ns, text);

	require(n < sizeof(text) && text[n] == '\0');
	require(eg_time_parse(text, n, &again) == EG_FAULT_NONE && again == ns);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int64_t ns;
	/* Of its own size, so that a read behind the end is seen. */
	char *text = malloc(size > 0 ? size : 1);

	require(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	if (eg_time_parse(text, size, &ns) == EG_FAULT_NONE)
		round_trip(ns);
	free(text);
	if (size >= sizeof(ns)) {
		memcpy(&ns, data, sizeof(ns));
		round_trip(ns);
	}
	return 0;
}
