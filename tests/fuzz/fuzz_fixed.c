/* SPDX-License-Identifier: MIT */
/* Fuzzes amounts: what eg_decimal_check takes is read, within its limit, as the
 * nearest double has it, and written and read back as itself.
 *
 *	clang -fsanitize=fuzzer,address,undefined; run with corpus/fixed */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/fixed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(int condition)
{
	if (!condition)
		abort();
}

static void
round_trip(struct eg_wide n)
{
	char text[EG_FIXED_SIZE];
	size_t len = eg_fixed_put(n, eg_wide_of(EG_FIXED_ONE), 9, false, text);
	struct eg_wide again;

	require(len > 0 && len < sizeof(text) && text[len] == '\0');
	require(eg_fixed_parse(text, len, &again) == EG_NUMBER_OK && eg_wide_compare(again, n) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Of its own size, so that a read behind the end is seen. */
	char *text = malloc(size > 0 ? size : 1);
	enum eg_number verdict, fixed;
	struct eg_wide n;

	require(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	verdict = eg_decimal_check(text, size);
	fixed = eg_fixed_parse(text, size, &n);
	require(verdict == fixed || (verdict == EG_NUMBER_OK && fixed == EG_NUMBER_RANGE));
	if (fixed == EG_NUMBER_OK) {
		struct eg_wide m = eg_wide_sign(n) < 0 ? eg_wide_negative(n) : n;
		double is = ((double)m.hi * 0x1p64 + (double)m.lo) / 1e9;

		require(fabs(is - fabs(eg_decimal_value(text, size))) <= 1e-9 + is * 1e-15);
		round_trip(n);
	} else if (verdict == EG_NUMBER_OK) {
		require(fabs(eg_decimal_value(text, size)) >= 1e12);
	}
	free(text);
	return 0;
}
