/* SPDX-License-Identifier: MIT */
/* Fuzzes the expressions of eg-sum: what is taken has a name, and terms that can match.
 *
 *	clang -fsanitize=fuzzer,address,undefined; run with corpus/expr */
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "sum/expr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(int condition)
{
	if (!condition)
		abort();
}

static void
look(const struct eg_expr *x)
{
	struct eg_wide above, below;
	bool fits, divided = false;

	require(x->n > 0 && x->name_len > 0 && x->name_len <= EG_SENSOR_MAX);
	for (size_t i = 0; i < x->n; i++) {
		const char *pattern = x->term[i].pattern;
		size_t len = strlen(pattern);

		divided |= x->term[i].below;
		require(len > 0 && len <= EG_SENSOR_MAX);
		require(eg_expr_match(x, pattern, len, &above, &below, &fits) > 0);
	}
	require(divided == x->quotient);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct eg_error e = { 0 };
	struct eg_expr x;
	char *text = malloc(size + 1);

	require(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	if (eg_expr_parse(&x, text, &e) == 0) {
		look(&x);
		eg_expr_free(&x);
	} else {
		require(e.status == EG_USAGE && *e.text != '\0');
	}
	free(text);
	return 0;
}
