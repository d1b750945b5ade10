/* SPDX-License-Identifier: MIT */
/* Fuzzes tables of tariffs: one that is taken has a band or none at each minute, and terms
 * in the order of their days.
 *
 *	clang -fsanitize=fuzzer,address,undefined; run with corpus/table */
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "tariff/cost.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(int condition)
{
	if (!condition)
		abort();
}

static void
look(const struct eg_table *t)
{
	require(t->n > 0 && t->bands > 0 && t->bands <= EG_BANDS_MAX);
	for (size_t i = 0; i < t->n; i++) {
		require(i == 0 || t->terms[i].from > t->terms[i - 1].from);
		require(eg_table_terms(t, t->terms[i].from) == &t->terms[i]);
		for (int day = 0; day < EG_DAY_KINDS; day++)
			for (int m = 0; m < EG_DAY_MINUTES; m++)
				require(t->terms[i].band[day][m] < t->bands ||
				    t->terms[i].band[day][m] == EG_BAND_NONE);
		for (int fee = 0; fee < EG_FEES; fee++)
			eg_cost_fee(&t->terms[i], (enum eg_fee)fee);
	}
	for (int64_t day = 19000; day < 19400; day++)
		require(eg_table_day(t, day) < EG_DAY_KINDS);
	if (t->round != NULL)
		eg_cost_round(t, eg_cost_unit());
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct eg_error e = { 0 };
	struct eg_table *t = eg_table_parse("file", (const char *)data, size, &e);

	if (t != NULL)
		look(t);
	else
		require(e.status == EG_CONFIG && *e.text != '\0');
	eg_table_free(t);
	return 0;
}
