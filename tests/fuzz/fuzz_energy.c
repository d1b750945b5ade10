/* SPDX-License-Identifier: MIT */
/* Fuzzes powers of options, and registers: what is read is above 0; of any readings no step
 * is negative, goes back, or overlaps another.
 *
 *	clang -fsanitize=fuzzer,address,undefined; run with corpus/energy */
#include <stdlib.h>
#include <string.h>

#include "base/fixed.h"
#include "energy/quantity.h"
#include "energy/register.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(int condition)
{
	if (!condition)
		abort();
}

/* The first line is the power, each other one the value of a register, a minute apart. */
static void
count(char *text, const struct eg_quantity *q)
{
	struct eg_register_rule rule = { .quantity = q, .from_zero = true };
	struct eg_register r = { .begun = false };
	struct eg_point p = { .ns = 0 };
	int64_t end = 0;
	char *line;

	rule.modulus = eg_wide_of(1000 * EG_FIXED_ONE);
	while ((line = strsep(&text, "\n")) != NULL) {
		struct eg_register_verdict v;

		if (eg_fixed_parse(line, strlen(line), &p.value) != EG_NUMBER_OK)
			continue;
		v = eg_register_take(&r, &rule, &p);
		for (int i = 0; i < v.steps; i++) {
			require(eg_wide_sign(v.step[i].amount) >= 0);
			require(v.step[i].from >= end && v.step[i].to > v.step[i].from);
			end = v.step[i].to;
		}
		p.ns += 60 * EG_FIXED_ONE;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *rest = text, *line;
	struct eg_wide power;
	struct eg_quantity q;

	require(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	line = strsep(&rest, "\n");
	if (eg_power_parse(line, &power)) {
		require(eg_wide_sign(power) > 0);
		q = eg_quantity_of(size % 2 == 0 ? EG_KIND_KWH : EG_KIND_PULSE, 1000, power, 6);
		count(rest, &q);
	}
	free(text);
	return 0;
}
